"""Breaking out: mounts, namespaces, devices, privileges, kernel interfaces."""

from trials.submission import Submission, attack

CLOSED = "the system refuses; same score"


@attack(CLOSED, stock=True)
def makes_namespaces_of_its_own(it: Submission) -> None:
    """Unshares user and mount namespaces, in which it would be root."""
    it.run_first("""
        import ctypes, os, subprocess
        libc = ctypes.CDLL(None, use_errno=True)
        for flag in (0x10000000, 0x00020000, 0x10000000 | 0x00020000, 0x40000000):
            child = os.fork()
            if child == 0:
                os._exit(0 if libc.unshare(flag) == 0 else 1)
            if os.waitpid(child, 0)[1] == 0:
                print("GOT" + "-THROUGH", hex(flag))
        done = subprocess.run(["unshare", "-Ur", "id"], capture_output=True)
        if done.returncode == 0:
            print("GOT" + "-THROUGH", done.stdout)
        """)


@attack(CLOSED, stock=True)
def mounts_something(it: Submission) -> None:
    """Mounts folders and file systems, makes read-only ones writable, changes its root."""
    it.run_first("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        child = os.fork()
        if child == 0:
            os.makedirs("here", exist_ok=True)
            won = [libc.mount(b"none", b"here", b"tmpfs", 0, None) == 0,
                   libc.mount(b"none", b"/inside", None, 32 | 4096, None) == 0,
                   libc.mount(b"/", b"here", None, 4096, None) == 0,
                   libc.umount2(b"/inside/grading.py", 2) == 0,
                   libc.chroot(b"here") == 0, libc.syscall(155, b"here", b"here") == 0]
            os._exit(any(won))
        if os.waitpid(child, 0)[1]:
            print("GOT" + "-THROUGH")
        """)


@attack(CLOSED, stock=True)
def becomes_root(it: Submission) -> None:
    """Tries programs that run as root, user ids, capabilities and more room in its limits."""
    it.run_first("""
        import os, resource, subprocess
        for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount", "-t", "tmpfs", "x", "/tmp"],
                        ["setpriv", "--reuid", "0", "id"], ["newgrp"], ["pkexec", "id"]):
            try:
                done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=2)
                if done.returncode == 0 and b"uid=0" in done.stdout:
                    print("GOT" + "-THROUGH", command)
            except (OSError, subprocess.TimeoutExpired):
                pass
        for work in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.nice(-5)):
            try:
                work()
                print("GOT" + "-THROUGH")
            except OSError:
                pass
        status = open("/proc/self/status").read()
        if "CapEff:\\t0000000000000000" not in status or "NoNewPrivs:\\t1" not in status or os.getuid() == 0:
            print("GOT" + "-THROUGH", status)
        for limit in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_AS, resource.RLIMIT_CPU):
            soft, hard = resource.getrlimit(limit)
            try:
                resource.setrlimit(limit, (hard + 1, hard + 1))
                print("GOT" + "-THROUGH", limit)
            except (OSError, ValueError):
                pass
        """)


@attack(CLOSED)
def opens_devices(it: Submission) -> None:
    """Makes and opens devices: disks, memory, the kernel's log, terminals of others."""
    it.run_first("""
        import os, stat
        for major, minor in ((8, 0), (254, 0), (1, 1), (1, 11), (10, 229)):
            try:
                os.mknod(f"device-{major}-{minor}", 0o666 | stat.S_IFBLK if major != 1 else 0o666 | stat.S_IFCHR,
                         os.makedev(major, minor))
                open(f"device-{major}-{minor}", "rb").read(16)
                print("GOT" + "-THROUGH", major, minor)
            except OSError:
                pass
        for name in ("vda", "sda", "nvme0n1", "mem", "kmem", "port", "kmsg", "fuse", "kvm", "net/tun", "input/event0"):
            try:
                open("/dev/" + name, "rb").read(1)
                print("GOT" + "-THROUGH", name)
            except OSError:
                pass
        """)


@attack(CLOSED, stock=True)
def turns_the_kernels_knobs(it: Submission) -> None:
    """Opens settings of the machine's kernel for writing, and control groups."""
    it.run_first("""
        import glob, os
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
                     "/proc/sys/vm/overcommit_memory", "/proc/sys/fs/suid_dumpable", "/proc/1/oom_score_adj",
                     "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/proc/sys/net/ipv4/ip_forward",
                     *glob.glob("/sys/fs/cgroup/*/release_agent")):
            try:
                os.close(os.open(path, os.O_WRONLY))
                if not path.startswith("/proc/1/"):
                    print("GOT" + "-THROUGH", path)
            except OSError:
                pass
        """)


@attack(CLOSED)
def uses_rare_system_calls(it: Submission) -> None:
    """Calls parts of the system that escapes were built on: bpf, io_uring, userfaultfd, perf, ptrace."""
    it.run_first("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(256)
        calls = {"bpf": (321, 0, buffer, 72), "perf_event_open": (298, buffer, 0, -1, -1, 0), "userfaultfd": (323, 0),
                 "init_module": (175, buffer, 0, buffer), "add_key": (248, b"user", b"x", b"y", 1, -3),
                 "io_uring_setup": (425, 4, buffer), "process_vm_readv pid 1": (310, 1, buffer, 1, buffer, 1, 0),
                 "open_by_handle_at": (304, -100, buffer, 0), "syslog": (103, 3, buffer, 200), "swapon": (167, b"/tmp/x", 0)}
        for name, arguments in calls.items():
            result = libc.syscall(*arguments)
            print(name, result, ctypes.get_errno())
            if result >= 0 and name not in ("process_vm_readv pid 1",):
                print("GOT" + "-THROUGH", name)
        """)


@attack(CLOSED)
def climbs_out_of_its_folder(it: Submission) -> None:
    """Follows .., /proc links and open directories towards the real root."""
    it.run_first("""
        import glob, os
        places = ["../" * 40, "/proc/1/root/" + "../" * 9, "/proc/self/root/..", "/proc/1/cwd/../..", "/proc/thread-self/root"]
        for pid in glob.glob("/proc/[0-9]*"):
            places += [pid + "/root/..", pid + "/cwd/../../.."]
        for place in places:
            try:
                names = set(os.listdir(place))
            except OSError:
                continue
            if names & {"work", "etc", "var", "boot", "srv"}:
                print("GOT" + "-THROUGH", place, sorted(names))
        """)


@attack("it may only harm its own kernel; same score")
def pushes_keys_into_terminals(it: Submission) -> None:
    """Pushes a command into the terminal that the grader may have been started from."""
    it.run_first("""
        import fcntl, os, termios
        for path in ("/dev/tty", "/dev/pts/0", "/dev/pts/1", "/dev/console", "/proc/1/fd/0", "/proc/self/fd/0"):
            try:
                terminal = os.open(path, os.O_RDWR)
                fcntl.ioctl(terminal, termios.TIOCSTI, b" ")
                print("GOT" + "-THROUGH", path)
            except OSError as error:
                print(path, error)
        """)


@attack("nothing of it is executed outside; same score", stock=True)
def lures_the_grader_into_running_files(it: Submission) -> None:
    """Submits files that tools outside might run: configuration, hooks, conftest, sitecustomize."""
    mark = "open('/tmp/hostile-mark-lure', 'w').write('x')"
    for name in (
        "conftest.py",
        "setup.py",
        "sitecustomize.py",
        "jupyter_config.py",
        "nbgrader_config.py",
    ):
        it.add_file(name, mark)
    it.add_file("Makefile", "all:\n\ttouch /tmp/hostile-mark-make\n")
    it.add_file(".git/hooks/post-checkout", "#!/bin/sh\ntouch /tmp/hostile-mark-hook\n")
    it.add_file(
        "templates/index.html.j2",
        "{{ cycler.__init__.__globals__.os.popen('touch /tmp/hostile-mark-j2') }}",
    )
    it.write_text_cell(
        "{{ cycler.__init__.__globals__.os.popen('touch /tmp/hostile-mark-jinja') }}"
    )
