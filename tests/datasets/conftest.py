"""Tiny IDX files in the place of MNIST, and a server, so that no test needs the network."""

import functools
import gzip
import http.server
import struct
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets import digits, files
from datasets.sources import Folder
from datasets.wholeset import VARIABLE, WholeSet

TRAIN, TEST = 30, 12


def idx_bytes(array):
    """Return `array` of uint8 as the content of an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.fixture(autouse=True)
def no_named_folder(monkeypatch):
    """Keep a developer's own TINYTORCH_DATA out of the tests."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def published(tmp_path) -> Path:
    """A folder that holds four tiny IDX files, named like those of MNIST."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "published"
    folder.mkdir()
    for split, count in (("train", TRAIN), ("test", TEST)):
        images, labels = digits.SPLITS[split]
        pixels = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        (folder / images).write_bytes(idx_bytes(pixels))
        (folder / labels).write_bytes(idx_bytes(rng.integers(0, 10, count, dtype=np.uint8)))
    return folder


@pytest.fixture
def whole(published, tmp_path, monkeypatch) -> WholeSet:
    """A whole set of those files, which nobody has fetched yet; `digits` reads it."""
    tiny = replace(
        digits.WHOLE,
        home=tmp_path / "home",
        checksums={
            name: files.sha256((published / name).read_bytes()) for name in digits.WHOLE.checksums
        },
        sources=(Folder(published),),
    )
    monkeypatch.setattr(digits, "WHOLE", tiny)
    return tiny


@pytest.fixture
def compress():
    """A function that replaces every file of a folder by its .gz."""

    def replace_all(folder: Path) -> None:
        for path in list(folder.iterdir()):
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()

    return replace_all


@pytest.fixture
def serve(monkeypatch):
    """A function that serves a folder on this machine's own address and returns the URL."""
    servers = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    def start(folder):
        handler = functools.partial(Handler, directory=folder)
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
