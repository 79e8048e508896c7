"""The sandbox as data: every flag, mount, size, limit and variable of the command line."""

import os
import pwd
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from grading.sandbox import bubblewrap
from grading.sandbox.bubblewrap import CHECK_MODULE, KERNEL_PACKAGE, Channels, SandboxError
from grading.sandbox.settings import Sandbox

MB = 1024 * 1024
CHANNELS = Channels(info=21, arguments=22, filter=23)
ENV = {"PATH": "/env/bin", "CHECK_SALT": "a canary"}
FOLDERS = ("submission", "handout")
VALUES = {"--ro-bind": 2, "--symlink": 2, "--setenv": 2}
ALWAYS = ("--unshare-all", "--unshare-user", "--new-session", "--clearenv")
FOR_STUDENTS = (
    "--die-with-parent",
    "--disable-userns",
    "--as-pid-1",
)  # where their code runs from the start
FLAGS = (*ALWAYS, *FOR_STUDENTS)


@pytest.fixture
def paths(tmp_path):
    tmp_path.chmod(0o755)
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    return [tmp_path / name for name in FOLDERS]


@pytest.fixture
def command(monkeypatch):
    """Return the command line and bubblewrap's arguments, each option with its values."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    def command(final=True, **limits):
        module = ["a.module", "20"]
        line, view = bubblewrap.sealed_command(Sandbox(**limits), module, CHANNELS, ENV, final)
        assert view.endswith(b"\0")
        return line, options(view.decode().rstrip("\0").split("\0"))

    return command


def options(parts):
    found = []
    while parts:
        name = parts.pop(0)
        count = 0 if name in FLAGS else VALUES.get(name, 1)
        found.append((name, *parts[:count]))
        del parts[:count]
    return found


@pytest.mark.parametrize("flag", FLAGS)
def test_the_wall_has(command, flag):
    assert (flag,) in command()[1]


@pytest.mark.parametrize("flag", ALWAYS)
def test_the_wall_of_a_template_has(command, flag):
    assert (flag,) in command(final=False)[1]


def test_only_a_template_may_make_namespaces_and_it_filters_no_calls_itself(command):
    missing = {found[0] for found in command()[1]} - {found[0] for found in command(False)[1]}
    assert missing == {*FOR_STUDENTS, "--seccomp"}


KNOWN = {"--uid", "--gid", "--hostname", "--info-fd", "--seccomp", "--ro-bind", "--symlink"}
KNOWN |= {"--size", "--tmpfs", "--proc", "--dev", "--remount-ro", "--chdir", "--setenv"}


@pytest.mark.parametrize("final", [True, False])
def test_the_wall_has_no_option_that_opens_it(command, final):
    assert {name for name, *_ in command(final)[1]} - {*FLAGS} - KNOWN == set()
    assert KNOWN - {name for name, *_ in command(final)[1]} == (set() if final else {"--seccomp"})


@pytest.mark.parametrize(
    "option",
    [
        ("--uid", "65534"),
        ("--gid", "65534"),
        ("--hostname", "sandbox"),
        ("--info-fd", "21"),
        ("--seccomp", "23"),
        ("--chdir", "/home/student"),
        ("--proc", "/proc"),
        ("--dev", "/dev"),
    ],
    ids=lambda option: option[0],
)
def test_the_wall_is_built_with(command, option):
    assert [found for found in command()[1] if found[0] == option[0]] == [option]


@pytest.mark.parametrize(
    ("folder", "megabytes"), [("/home/student", 80), ("/tmp", 20), ("/run", 1), ("/dev/shm", 16)]
)
def test_every_folder_in_memory_has_a_size(command, folder, megabytes):
    view = command(scratch_mb=80)[1]
    assert view[view.index(("--tmpfs", folder)) - 1] == ("--size", str(megabytes * MB))


def test_there_are_no_other_folders_in_memory(command):
    folders = [found[1] for found in command()[1] if found[0] == "--tmpfs"]
    assert sorted(folders) == ["/dev/shm", "/home/student", "/run", "/tmp"]


def test_of_the_machine_only_what_a_kernel_needs_is_inside(command):
    system = {found[1:] for found in options(bubblewrap.system_mounts()) if found[0] == "--ro-bind"}
    settings = Sandbox()
    python = bubblewrap.base_prefix(settings)
    expected = system | {
        (settings.student_env, "/env"),
        (str(CHECK_MODULE), "/inside/grading.py"),
        (str(KERNEL_PACKAGE), "/inside/_course_kernel"),
    }
    if not python.is_relative_to("/usr"):
        expected.add((str(python), str(python)))
    assert {found[1:] for found in command()[1] if found[0] == "--ro-bind"} == expected


def test_of_the_system_only_programs_and_libraries_are_mounted():
    mounts = options(bubblewrap.system_mounts())
    assert ("--ro-bind", "/usr", "/usr") in mounts
    allowed = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}
    assert {found[2] for found in mounts} <= allowed
    assert {found[0] for found in mounts} <= {"--ro-bind", "--symlink"}


def test_the_module_for_checks_and_the_kernel_are_all_of_the_graders_that_is_inside(command):
    ours = Path(bubblewrap.__file__).resolve().parents[2]
    inside = [found[1] for found in command()[1] if found[0] == "--ro-bind"]
    student = Sandbox().student_env
    shown = [path for path in inside if Path(path).is_relative_to(ours) and path != student]
    inside = ours / "grading" / "inside"
    assert shown == [str(inside / "check.py"), str(inside / "kernel")]


def test_the_root_and_the_devices_are_read_only_once_everything_is_mounted(command):
    view = command()[1]
    mounts = [at for at, (name, *_) in enumerate(view) if name in ("--ro-bind", "--tmpfs", "--dev")]
    for folder in ("/", "/dev"):
        assert view.index(("--remount-ro", folder)) > max(mounts)


def test_what_lies_in_a_folder_in_memory_is_mounted_after_it(command):
    view = command()[1]
    assert view.index(("--tmpfs", "/dev/shm")) > view.index(("--dev", "/dev"))


def test_the_environment_inside_is_exactly_the_given_one(command):
    given = {found[1]: found[2] for found in command()[1] if found[0] == "--setenv"}
    assert given == ENV


def test_the_command_line_that_student_code_can_read_tells_nothing(command):
    line, _ = command()
    assert line[1:] == ["--args", "22", "python", "-m", "a.module", "20"]


def test_an_ordinary_user_starts_bubblewrap_itself(command):
    line, _ = command()
    assert Path(line[0]).name == "bwrap"


ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PATH": "/env/bin:/usr/bin:/bin",
    "HOME": "/home/student",
    "USER": "student",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "IPYTHONDIR": "/tmp/ipython",
    "PYTHONPATH": "/inside",
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_CORETYPE": "Haswell",
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_the_environment_holds(name):
    environment = bubblewrap.environment({"OPENBLAS_CORETYPE": "Haswell"})
    assert environment.get(name) == ENVIRONMENT[name]


def test_the_environment_holds_nothing_else(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    tuning = {"OPENBLAS_CORETYPE": "Haswell"}
    assert bubblewrap.environment(tuning).keys() == ENVIRONMENT.keys()


LIMITS = {
    "NPROC": ({"processes": 17}, 17),
    "AS": ({"memory_mb": 100}, (200 + 1024) * MB),
    "FSIZE": ({"file_mb": 3}, 3 * MB),
    "CPU": ({"cpu_seconds": 20.5}, 25),
    "NOFILE": ({}, 256),
    "SIGPENDING": ({}, 1024),
    "CORE": ({}, 0),
}


@pytest.mark.parametrize("name", LIMITS)
def test_every_process_inside_has_a_limit_on(name):
    limits, value = LIMITS[name]
    assert bubblewrap.limits(Sandbox(**limits))[name] == value


def test_there_are_no_other_limits():
    assert bubblewrap.limits(Sandbox()).keys() == LIMITS.keys()


def test_what_can_be_written_is_what_is_in_memory(command):
    folders = {found[1] for found in command()[1] if found[0] == "--tmpfs"}
    assert bubblewrap.scratch(Sandbox(scratch_mb=80)) == {
        "/tmp": 20,
        "/home/student": 80,
        "/run": 1,
        "/dev/shm": 16,
    }
    assert folders == bubblewrap.scratch(Sandbox()).keys()


def test_without_an_environment_for_students_the_command_that_makes_it_is_named(tmp_path):
    with pytest.raises(SandboxError, match="make environment"):
        bubblewrap.base_prefix(Sandbox(student_env=str(tmp_path)))


def test_the_salt_inside_follows_from_the_salt_but_is_not_it():
    inside = bubblewrap.salt_for_inside("the salt")
    assert inside == bubblewrap.salt_for_inside("the salt") != bubblewrap.salt_for_inside("another")
    assert len(inside) == 64 and "the salt" not in inside


@pytest.fixture
def becoming_nobody(command, monkeypatch):
    """Return the prefix with which root becomes nobody, up to bubblewrap."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    def prefix():
        line, _ = command()
        return line[: next(at for at, part in enumerate(line) if Path(part).name == "bwrap")]

    return prefix


def test_root_becomes_a_user_that_nobody_is(becoming_nobody):
    prefix = becoming_nobody()
    user, group = (int(prefix[prefix.index(name) + 1]) for name in ("--reuid", "--regid"))
    assert user == group and user in range(2_000_000_000, 2_000_100_000)
    assert user not in {entry.pw_uid for entry in pwd.getpwall()}


def test_the_user_is_drawn_from_a_hundred_thousand(becoming_nobody, monkeypatch):
    offered = []
    choice = bubblewrap.secrets.choice
    monkeypatch.setattr(
        bubblewrap.secrets, "choice", lambda ids: offered.append(ids) or choice(ids)
    )
    becoming_nobody()
    assert offered == [range(2_000_000_000, 2_000_100_000)]


@pytest.mark.parametrize(
    "part",
    [
        ["--clear-groups"],
        ["--bounding-set", "-all"],
        ["--inh-caps", "-all"],
        ["--no-new-privs"],
    ],
    ids=" ".join,
)
def test_root_gives_up(becoming_nobody, part):
    prefix = becoming_nobody()
    given = prefix[prefix.index("setpriv") :]
    assert given[given.index(part[0]) :][: len(part)] == part


def test_what_root_mounts_for_the_sandbox_is_seen_by_nobody_else(becoming_nobody):
    assert becoming_nobody()[:4] == ["unshare", "--mount", "--propagation", "private"]


def test_roots_shell_stops_at_the_first_failure_and_stays_not_in_between(becoming_nobody):
    prefix = becoming_nobody()
    assert prefix[4:6] == ["sh", "-c"]
    script = prefix[6].split("; ")
    assert script[0] == "set -e" and script[-1] == 'exec "$@"'


def test_roots_shell_tells_not_in_which_folder_it_works(becoming_nobody):
    assert "unset PWD OLDPWD" in becoming_nobody()[6].split("; ")


def test_folders_that_everyone_may_enter_stay_uncovered(paths, monkeypatch):
    monkeypatch.setattr(bubblewrap, "_first_closed_folder", lambda path: None)
    assert bubblewrap._uncover(paths) == []


@pytest.fixture
def closed(tmp_path):
    """Make a closed folder with an open file and folder below, each beside a secret."""
    tmp_path.chmod(0o755)
    closed = tmp_path / "it's closed"
    for name in ("open/inner", "secret"):
        (closed / name).mkdir(parents=True)
    (closed / "open" / "inner" / "file").write_text("needed")
    (closed / "open" / "secret").write_text("secret")
    closed.chmod(0o700)
    return closed


def test_the_outermost_closed_folder_is_the_one_to_cover(closed, monkeypatch):
    real = Path.stat
    ours = closed.parent

    def status(path, **options):
        found = real(path, **options)
        return found if path.is_relative_to(ours) else os.stat_result([0o40755, *found[1:]])

    monkeypatch.setattr(Path, "stat", status)
    (closed / "open").chmod(0o700)
    assert bubblewrap._first_closed_folder(closed / "open" / "inner") == closed
    assert bubblewrap._first_closed_folder(closed) is None


def uncovered(closed, paths, script, monkeypatch):
    """Run a script where root has uncovered the paths, with an umask as strict as can be."""
    monkeypatch.setattr(bubblewrap, "_first_closed_folder", lambda path: closed)
    commands = "; ".join(["set -e", *bubblewrap._uncover(paths), script])
    alone = ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"]
    strict = ["sh", "-c", f"umask 077; exec sh -c {shlex.quote(commands)}"]
    done = subprocess.run(
        [*alone, *strict], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_what_is_uncovered_can_be_read_and_what_lies_beside_it_is_gone(closed, monkeypatch):
    script = f"cd {shlex.quote(str(closed))}; find . -type f; cat open/inner/file"
    seen = uncovered(closed, [closed / "open" / "inner"], script, monkeypatch)
    assert seen == ["./open/inner/file", "needed"]


def test_a_single_file_can_be_uncovered(closed, monkeypatch):
    file = closed / "open" / "inner" / "file"
    script = f"cd {shlex.quote(str(closed))}; find . -type f; cat open/inner/file"
    assert uncovered(closed, [file], script, monkeypatch) == ["./open/inner/file", "needed"]


def test_two_paths_in_one_closed_folder_are_both_uncovered(closed, monkeypatch):
    paths = [closed / "open" / "inner", closed / "open" / "secret"]
    script = f"cd {shlex.quote(str(closed))}; find . -type f | sort"
    seen = uncovered(closed, paths, script, monkeypatch)
    assert seen == ["./open/inner/file", "./open/secret"]


def test_everyone_may_enter_what_covers_a_closed_folder(closed, monkeypatch):
    script = f"cd {shlex.quote(str(closed))}; stat -c %a . open"
    assert uncovered(closed, [closed / "open" / "inner"], script, monkeypatch) == ["755", "755"]


def test_the_cover_holds_no_more_than_a_megabyte(closed, monkeypatch):
    script = f"stat -f -c %b/%S {shlex.quote(str(closed))}"
    (size,) = uncovered(closed, [closed / "open" / "inner"], script, monkeypatch)
    blocks, each = map(int, size.split("/"))
    assert blocks * each == MB


def test_no_descriptor_that_uncovered_a_path_stays_open(closed, monkeypatch):
    paths = [closed / "open" / "inner", closed / "open" / "secret"]
    seen = uncovered(closed, paths, "ls -l /proc/$$/fd", monkeypatch)
    assert "/dev/null" in seen and not any("closed" in part for part in seen)


def test_a_trusted_kernel_gets_copies_of_our_files_and_an_environment_of_its_own(tmp_path):
    settings = Sandbox(sealed=False)
    command, env = bubblewrap.unsealed_command(
        settings, ["a.module", "20"], {"LANG": "C.UTF-8"}, tmp_path
    )
    python = str(Path(settings.student_env) / "bin" / "python")
    assert command == [python, "-m", "a.module", "20"]
    assert env["HOME"] == str(tmp_path / "home") and env["LANG"] == "C.UTF-8"
    module = Path(env["PYTHONPATH"]) / "grading.py"
    assert module.read_text() == CHECK_MODULE.read_text()
    assert stat.S_ISREG(module.lstat().st_mode)
    assert (Path(env["PYTHONPATH"]) / "_course_kernel" / "serve.py").is_file()
