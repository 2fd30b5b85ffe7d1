"""What a snippet may do: write into its folder, and talk to itself.

On Linux the kernel sees to it, for every program and every child: Landlock for files, a
network namespace with nothing but the loopback, where the system lets users make one.
Elsewhere an audit hook refuses what Python code tries; code in C, torchrun's workers
and other programs are not seen there. Memory and processes are watched from outside, in
`snippets`, on every system.

As a script, `sandbox.py FOLDER[:FOLDER…] COMMAND…` enters the sandbox and becomes the
command.
"""

import contextlib
import fcntl
import ipaddress
import os
import socket
import struct
import sys
from pathlib import Path

NETWORK = "a snippet uses no network but its own machine's (127.0.0.1)"
FILES = "a snippet writes only into the folder it is started in"
DENIED = "denied~"  # what was refused, even where the snippet hides the error
SHARED = ("/dev", "/proc")  # devices, shared memory and what a GPU's driver writes
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def enter(*folders: Path, watch: bool = True) -> None:
    """Confine this process and what it will start. It must have one thread.

    Args:
        folders: the only places where it may write, its own first.
        watch: have Python refuse, too, and name the rule; not for what `exec` follows.
    """
    if sys.platform == "linux":
        if _may_leave_network():
            _leave_network()
        _write_only(folders)
        with contextlib.suppress(OSError):  # out of memory, the kernel takes it first
            Path("/proc/self/oom_score_adj").write_text("900", "ascii")
    if watch:
        sys.addaudithook(_hook(folders[0].resolve()))


def _may_leave_network() -> bool:
    """Whether this system lets a user: tried in a child, since some (Ubuntu's AppArmor)
    let one go in and not bring up the loopback, and there is no way back."""
    pid = os.fork()
    if not pid:
        with contextlib.suppress(OSError):
            _leave_network()
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _leave_network() -> None:
    """Enter a network namespace that has a loopback and nothing else."""
    import ctypes

    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")
    if flags & CLONE_NEWUSER:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", name).write_text(text, "ascii")
    with socket.socket() as loopback:
        fcntl.ioctl(loopback, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def _write_only(folders: tuple[Path, ...]) -> None:
    """Deny writing outside the folders, as far as this kernel can."""
    try:
        from landlockpy import AccessFS, AccessNet, Ruleset, supported
    except ImportError:  # a GPU machine that can fetch nothing: the hook remains
        return
    write = AccessFS.REFER | AccessFS.TRUNCATE
    for name in AccessFS.__members__:
        if name.startswith(("WRITE", "REMOVE", "MAKE")):
            write |= AccessFS[name]
    if supported():
        with Ruleset(handled_fs=write, handled_net=AccessNet.NONE) as rules:
            for path in (*folders, *SHARED):
                rules.allow_path(path, write)
            rules.restrict()


def _hook(folder: Path):
    """An audit hook that refuses addresses of other machines and writing elsewhere."""
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    paths = {"os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.truncate": 1}
    paths |= {"os.rename": 2, "os.link": 2, "os.symlink": 2}
    allowed = tuple(f"{part}{os.sep}" for part in (folder, *SHARED))

    def refuse(rule: str, what: str) -> None:
        with contextlib.suppress(OSError), open(folder / DENIED, "a") as file:
            file.write(f"{what}\n")
        raise PermissionError(f"{rule}: {what}")

    def hook(event: str, values: tuple) -> None:
        named: tuple = ()
        if event == "open" and isinstance(values[2], int) and values[2] & writing:
            named = values[:1]
        elif event in paths:
            named = values[: paths[event]]
        elif event in ("socket.connect", "socket.sendto"):
            host = values[1][0] if isinstance(values[1], tuple) else ""
            if host and not _is_here(host):
                refuse(NETWORK, f"{event} {values[1]}")
        elif event == "socket.getaddrinfo" and values[0] and not _is_here(values[0]):
            refuse(NETWORK, f"{event} {values[0]}")
        for name in named:
            if isinstance(name, str | bytes | os.PathLike):
                path = os.path.realpath(os.fsdecode(name))
                if not f"{path}{os.sep}".startswith(allowed):
                    refuse(FILES, f"{event} {path}")

    return hook


def _is_here(host: str | bytes) -> bool:
    """Whether an address or a name is this machine's own."""
    name = os.fsdecode(host)
    if name in ("localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


if __name__ == "__main__":
    enter(*map(Path, sys.argv[1].split(os.pathsep)), watch=False)
    os.execv(sys.argv[2], sys.argv[2:])
