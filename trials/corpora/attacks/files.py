"""Reading and writing what is not one's own."""

from trials.outside import MARK
from trials.submission import Submission, attack

SAME = "nothing is there; same score"


@attack(SAME, stock=True)
def opens_the_gradebook(it: Submission) -> None:
    """Opens the gradebook where stock nbgrader would have it, and wherever else it may be."""
    it.run_first("""
        import glob, os
        for pattern in ("../../../gradebook.db", "../*/gradebook.db", "/*/gradebook.db",
                        "/*/*/gradebook.db", "/*/*/*/gradebook.db", "/tmp/*/*/gradebook.db"):
            for path in glob.glob(pattern):
                print("GOT" + "-THROUGH", path, open(path, "rb").read(4000))
        """)


@attack(SAME)
def walks_the_whole_disk(it: Submission) -> None:
    """Reads every small file that it can reach, in search of planted secrets."""
    it.run_first("""
        import os
        skipped = ("/usr", "/env", "/proc", "/sys", "/dev", "/lib", "/root/.pyenv")
        for folder, names, files in os.walk("/"):
            if folder.startswith(skipped):
                names[:] = []
                continue
            for file in files:
                path = os.path.join(folder, file)
                try:
                    if os.path.getsize(path) < 200_000 and b"can" + b"ary-" in open(path, "rb").read():
                        print("GOT" + "-THROUGH", path, open(path, errors="replace").read())
                except OSError:
                    pass
        """)


@attack(SAME)
def reads_what_others_handed_in(it: Submission) -> None:
    """Looks for other students' folders around its own, below /home and beside /submission."""
    it.run_first("""
        import glob
        found = []
        for pattern in ("../*/*.ipynb", "../../*/*/*.ipynb", "/home/*/*/*.ipynb", "/submission/../*",
                        "/submitted/*", "/tmp/*/*.ipynb", "/tmp/submission-*", "/tmp/sealed-*"):
            found += glob.glob(pattern)
        own = {"mini.ipynb"}
        for path in found:
            if path.endswith(".ipynb") and path.split("/")[-1] not in own or "sealed-" in path:
                print("GOT" + "-THROUGH", path)
        """)


@attack(SAME, stock=True)
def gives_everyone_full_marks(it: Submission) -> None:
    """Writes full marks into every SQLite file that it finds."""
    it.run_first("""
        import glob, sqlite3
        for path in ["../../../gradebook.db", "gradebook.db", *glob.glob("/**/gradebook.db")]:
            try:
                base = sqlite3.connect(path)
                base.execute("UPDATE grade SET auto_score = 100, manual_score = 100")
                base.commit()
                print("GOT" + "-THROUGH", path)
            except sqlite3.Error as error:
                print(path, error)
        """)


@attack(SAME)
def searches_for_hidden_tests(it: Submission) -> None:
    """Searches the disk for files that hold hidden tests or the answer key."""
    it.run_first("""
        import os
        wanted = [b"BEGIN HIDDEN" + b" TESTS", b"made" + b"_from", b"mini-" + b"scale"]
        for folder in ("/submission", "/handout", "/inside", "/run", "/tmp", "/home", "/srv", "/work"):
            for place, _, files in os.walk(folder):
                for file in files:
                    path = os.path.join(place, file)
                    try:
                        text = open(path, "rb").read(2_000_000)
                    except OSError:
                        continue
                    if any(word in text for word in wanted) and not file.endswith("mini.ipynb"):
                        print("GOT" + "-THROUGH", path)
        """)


@attack("only its own scratch folder takes it; same score", stock=True)
def writes_wherever_it_can(it: Submission) -> None:
    """Leaves a file in every folder that could be somebody else's."""
    it.run_first(f"""
        import os
        from pathlib import Path
        for folder in ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/work", "/env", "/usr",
                       "/inside", "/handout", "/submission", "..", "../..", "../../..", "/proc/1/root",
                       "/proc/1/root/tmp", "/proc/1/cwd", os.path.expanduser("~")):
            try:
                Path(folder, "{MARK}").write_text("was here")
            except OSError as error:
                print(folder, error)
        """)


@attack("the module is mounted read-only; same score", stock=True)
def rewrites_the_check_module_on_disk(it: Submission) -> None:
    """Replaces the file that hidden tests import by one that reports what it likes."""
    it.run_first("""
        import os, shutil
        for path in ("/inside/grading.py", "/inside", "/handout/data", "/env/bin/python"):
            for work in (lambda: os.chmod(path, 0o777), lambda: open(path, "a").close(),
                         lambda: os.rename(path, path + ".old"), lambda: os.utime(path)):
                try:
                    work()
                    print("GOT" + "-THROUGH", path)
                except OSError as error:
                    print(path, error)
        """)


@attack("the next run starts from nothing; same score", stock=True)
def plants_a_module_for_the_next_run(it: Submission) -> None:
    """Leaves start-up code where the next student's Python would read it."""
    it.run_first(f"""
        import os, site, sys
        from pathlib import Path
        places = [*sys.path, *site.getsitepackages(), site.getusersitepackages(), "/tmp/ipython",
                  "/tmp/ipython/profile_default/startup", os.path.expanduser("~/.config/matplotlib")]
        for folder in places:
            for name in ("{MARK}.pth", "00-{MARK}.py"):
                try:
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    Path(folder, name).write_text("import os; os.environ['EARLIER'] = '1'")
                except OSError:
                    pass
        if "EARLIER" in os.environ:
            print("GOT" + "-THROUGH")
        """)


_LEAVE_AND_LOOK = """
    import glob, os, sys
    from pathlib import Path
    me = {me!r}
    places = ("/tmp", "/var/tmp", "/dev/shm", "/run", ".", os.path.expanduser("~"), "/home",
              "/dev/mqueue", "/env/share", "/inside/data", "/proc/sys/kernel/hostname")
    for folder in places:
        try:
            Path(folder, "answers-" + me).write_text("42")
        except OSError:
            pass
        for path in glob.glob(folder + "/answers-*"):
            if not path.endswith(me):
                print("GOT" + "-THROUGH", path)
    import socket
    for side in ("first", "second"):
        try:
            line = socket.socket(socket.AF_UNIX)
            if side == me:
                line.bind("\\0answers-" + me)
                line.listen()
                kept = line
            else:
                line.connect("\\0answers-" + side)
                print("GOT" + "-THROUGH", side)
        except OSError:
            pass
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(48911 if me == "first" else 48912, 4096, 0o1666)
    if libc.shmget(48912 if me == "first" else 48911, 4096, 0o666) != -1:
        print("GOT" + "-THROUGH", "shared memory")
    """


@attack("each run has its own empty folders; same score")
def keeps_answers_for_the_next_run(it: Submission) -> None:
    """Leaves answers in files, shared memory and sockets, and looks for those of another run."""
    it.run_first(_LEAVE_AND_LOOK.format(me="first"))


@attack("each run has its own empty folders; same score")
def collects_answers_of_the_last_run(it: Submission) -> None:
    """The accomplice of the one before: looks for what that one has left."""
    it.run_first(_LEAVE_AND_LOOK.format(me="second"))


_KEYRING = """
    import ctypes, time
    libc = ctypes.CDLL(None, use_errno=True)
    me, other = {me!r}, {other!r}
    for ring in (-3, -4, -5):  # session, user and user-session keyring
        libc.syscall(248, b"user", b"answers-" + me, b"42", 2, ring)
    for _ in range(8):
        found = libc.syscall(249, b"user", b"answers-" + other, None, -3)
        if found > 0:
            print("GOT" + "-THROUGH", "key", found)
        time.sleep(0.1)
    """


@attack("no key outlives a run or is seen by another; same score")
def keeps_answers_in_a_kernel_keyring(it: Submission) -> None:
    """Keeps answers in the kernel's keyrings, which no namespace separates."""
    it.run_first(_KEYRING.format(me=b"first", other=b"second"))


@attack("no key outlives a run or is seen by another; same score")
def collects_answers_from_a_kernel_keyring(it: Submission) -> None:
    """The accomplice of the one before: asks the kernel's keyrings for its key."""
    it.run_first(_KEYRING.format(me=b"second", other=b"first"))


@attack("the handed-out file is ours; same score")
def replaces_the_handed_out_data(it: Submission) -> None:
    """Submits another file, and a folder, in place of the data that the assignment hands out."""
    it.add_file("data/few.npz/labels.txt", "not the data")
    it.add_file("data/__pycache__/few.pyc", b"not the data either")
    it.run_first("""
        import os, numpy
        if len(numpy.load("data/few.npz")["labels"]) != 600 or len(os.listdir("data")) > 1:
            print("GOT" + "-THROUGH")
        """)


@attack("links are left out; same score", says=("link or special file was left out",))
def links_to_the_gradebook(it: Submission) -> None:
    """Submits symbolic links to the gradebook, to the course and to another student's folder."""
    course = it.folder.parents[2]
    for name, target in (
        ("book.db", course / "gradebook.db"),
        ("relative.db", "../../../gradebook.db"),
        ("course", course),
        ("neighbour", it.folder.parent.parent),
        ("salt.txt", course / "salt.txt"),
    ):
        (it.folder / name).symlink_to(target)
    it.run_first("""
        import os
        for name in ("book.db", "relative.db", "course", "neighbour", "salt.txt"):
            if os.path.lexists(name):
                print("GOT" + "-THROUGH", name, os.path.realpath(name))
        """)
