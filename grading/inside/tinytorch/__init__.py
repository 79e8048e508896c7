"""TinyTorch, as far as the assignments before this one have built it, or as far as you have."""

import json
from pathlib import Path

MINE = Path("../my_tinytorch")


def export_mine(notebook: str) -> None:
    """Write the module of a saved notebook, such as `02_tensor`, to your own framework."""
    file = MINE / f"{notebook.partition('_')[2]}.py"
    try:
        cells = json.loads(Path(f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
        exported = [
            "".join(cell["source"]).strip()
            for cell in cells
            if "export" in cell["metadata"].get("tags", [])
        ]
        MINE.mkdir(exist_ok=True)
        file.write_text("\n\n\n".join(exported) + "\n", encoding="utf-8")
    except OSError as error:
        print(f"{file} was not written: {error.strerror} ({error.filename})")
    else:
        print(f"{file} holds the {len(exported)} exported cells, as last saved")


def use_mine(mine: bool = True) -> None:
    """Import your own modules from now on, where you have exported them, or those handed out."""
    folder = str(MINE.resolve())
    if folder in __path__:
        __path__.remove(folder)
    if mine:
        __path__.insert(0, folder)
        names = sorted(file.stem for file in MINE.glob("*.py"))
        print(f"your own modules: {', '.join(names) or 'none yet'}")
