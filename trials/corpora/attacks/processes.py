"""The environment, other processes, the network, ready-made frameworks."""

from trials.outside import LISTENER, LONELY_SLEEP, PORT
from trials.submission import Submission, attack


@attack("only harmless settings are there; same score", stock=True)
def prints_the_environment(it: Submission) -> None:
    """Prints every environment variable that it or any process it sees has."""
    it.run_first("""
        import glob, os
        print(dict(os.environ))
        for path in glob.glob("/proc/[0-9]*/environ"):
            try:
                print(path, open(path).read())
            except OSError:
                pass
        if any("TOKEN" in name or "JUPYTERHUB" in name or "AWS" in name for name in os.environ):
            print("GOT" + "-THROUGH")
        """)


@attack("it sees itself alone; same score", stock=True)
def looks_for_the_grader(it: Submission) -> None:
    """Looks through /proc for the grader's processes and other students' kernels."""
    it.run_first("""
        import glob
        commands = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                commands.append(open(path).read())
            except OSError:
                pass
        if len(commands) > 6 or any("hostile" in c or "nbgrader" in c for c in commands):
            print("GOT" + "-THROUGH", commands)
        """)


@attack("signals reach nobody outside; same score")
def signals_its_parents(it: Submission) -> None:
    """Asks which processes it may send signals to: parents, the first one, all below 100,000."""
    it.run_first("""
        import os
        import glob
        own = {int(path.split("/")[-1]) for path in glob.glob("/proc/[0-9]*/task/*")}
        for pid in (os.getppid(), *range(2, 100_000)):
            try:
                os.kill(pid, 0)
            except OSError:
                continue
            if pid not in own and pid != 0:
                try:
                    name = open(f"/proc/{pid}/comm").read()
                except OSError:
                    name = "unseen"
                if "python" not in name and name != "unseen":
                    print("GOT" + "-THROUGH", pid, name)
        """)


@attack("the memory of others is out of reach; same score")
def reads_the_memory_of_others(it: Submission) -> None:
    """Opens the memory and the root folder of every process that it sees."""
    it.run_first("""
        import glob, os
        for folder in glob.glob("/proc/[0-9]*"):
            try:
                names = set(os.listdir(folder + "/root"))
                if names & {"work", "etc", "var", "srv", "boot"}:
                    print("GOT" + "-THROUGH", folder, sorted(names))
            except OSError:
                pass
        """)


@attack("what it inherits tells nothing; same score")
def reads_inherited_descriptors(it: Submission) -> None:
    """Reads from and writes to every file descriptor that it was started with."""
    it.run_first(f"""
        import os, stat
        for name in sorted(map(int, os.listdir("/proc/self/fd"))):
            try:
                target = os.readlink(f"/proc/self/fd/{{name}}")
                status = os.fstat(name)
            except OSError:
                continue
            print(name, target)
            if stat.S_ISREG(status.st_mode) and not target.startswith(("/home", "/tmp/ip", "/env")):
                os.write(name, b"{LONELY_SLEEP}")
                print("GOT" + "-THROUGH", "a file outside can be written", target)
            if stat.S_ISDIR(status.st_mode) and not target.startswith("/proc"):
                print("GOT" + "-THROUGH", target, os.listdir(name))
        """)


@attack("everything inside ends with the run; same score", stock=True)
def leaves_a_process_behind(it: Submission) -> None:
    """Starts a daemon in a session of its own that is to outlive the run."""
    it.run_first(f"""
        import os, signal, subprocess
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for _ in range(3):
            subprocess.Popen(["setsid", "nohup", "sleep", "{LONELY_SLEEP}"], start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sleep", ["sleep", "{LONELY_SLEEP}"])
            os._exit(0)
        """)


@attack("there is no network; same score", stock=True)
def calls_home(it: Submission) -> None:
    """Connects to servers on this machine and elsewhere, by TCP and UDP."""
    it.run_first(f"""
        import socket
        for address in (("127.0.0.1", {PORT}), ("localhost", 8888), ("127.0.0.1", 8081),
                        ("1.1.1.1", 53), ("169.254.169.254", 80), ("::1", {PORT})):
            try:
                socket.create_connection(address, timeout=0.3).sendall(b"the answers, please")
                print("GOT" + "-THROUGH", address)
            except OSError as error:
                print(address, error)
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for address in (("127.0.0.1", {PORT}), ("1.1.1.1", 53), ("255.255.255.255", 9)):
            try:
                line.sendto(b"the answers, please", address)
            except OSError as error:
                print(address, error)
        try:
            socket.gethostbyname("example.org")
            print("GOT" + "-THROUGH", "name service")
        except OSError as error:
            print(error)
        """)


@attack("no socket of the machine is reachable; same score")
def talks_to_unix_sockets(it: Submission) -> None:
    """Connects to abstract sockets and socket files of the machine, and to its hypervisor."""
    it.run_first(f"""
        import socket
        for path in ("\\0{LISTENER}", "/tmp/{LISTENER}.sock", "/run/docker.sock", "/run/dbus/system_bus_socket",
                     "/proc/1/root/tmp/{LISTENER}.sock"):
            try:
                socket.socket(socket.AF_UNIX).connect(path)
                print("GOT" + "-THROUGH", path)
            except OSError as error:
                print(path, error)
        for port in (22, 52, 1024, 8000):
            try:
                line = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
                line.settimeout(0.2)
                line.connect((2, port))
                print("GOT" + "-THROUGH", "vsock", port)
            except (OSError, AttributeError) as error:
                print("vsock", error)
        """)


@attack("no file of its own stands in for the kernel; same score")
def lures_the_kernel_to_its_own_files(it: Submission) -> None:
    """Submits files named like what the kernel imports, and links it to a socket outside."""
    hijack = f"""
        import os
        os.symlink("/tmp/{LISTENER}.sock", "/run/kernel")
        print("GOT" + "-THROUGH")
        raise SystemExit
        """
    for name in ("_course_kernel/__init__", "ipykernel/__init__", "IPython/__init__", "json"):
        it.add_file(f"{name}.py", hijack)


@attack("it cannot be downloaded; same score", stock=True)
def installs_a_package(it: Submission) -> None:
    """Installs a ready-made framework with pip."""
    it.run_first("""
        import subprocess, sys
        for command in ([sys.executable, "-m", "pip", "download", "micrograd"],
                        ["pip", "download", "micrograd"], ["/usr/bin/pip3", "download", "micrograd"]):
            try:
                done = subprocess.run(command, capture_output=True, timeout=2)
                if done.returncode == 0:
                    print("GOT" + "-THROUGH", command)
            except (OSError, subprocess.TimeoutExpired) as error:
                print(error)
        """)


@attack("no framework and nothing of ours can be imported; same score", stock=True)
def imports_a_ready_made_framework(it: Submission) -> None:
    """Imports PyTorch and friends, our reference, our grader and our data with its labels."""
    it.run_first("""
        import importlib, site, sys
        sys.path += ["/usr/lib/python3/dist-packages", "/usr/local/lib/python3.11/site-packages", "/srv/course"]
        for name in ("torch", "jax", "tensorflow", "sklearn", "scipy", "tinytorch_ref", "datasets",
                     "tinytorch.tensor", "nbgrader", "grading.checks.answer_key", "grading.checks.labels", "trials"):
            try:
                importlib.import_module(name)
                print("GOT" + "-THROUGH", name)
            except ImportError as error:
                print(name, error)
        """)
