"""Run one command in a session of its own that ends with its parent.

Started as a script: `launch.py MODE SIGNAL PPID -- CMD...`

MODE is `plain`, `userns` (root only: a one-id user namespace in which the command is an ordinary user) or
`UID:GID`. SIGNAL is the number sent to the command when the parent dies, 0 for none; PPID is that parent. A
script rather than a `preexec_fn`, because forking a process that has threads is unsafe. Standard library
only, needs no site-packages.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534


def enter_user_namespace() -> None:
    """Map root outside to nobody inside, because PostgreSQL refuses uid 0; nothing on the machine changes."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


def end_with_parent(signal_number: int, parent: int) -> None:
    """Ask the kernel for a signal when the parent ends (Linux only); ends at once when it already has."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def main() -> None:
    mode, signal_number, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    command = sys.argv[5:]
    os.setsid()
    if mode == "userns":
        enter_user_namespace()
    elif mode != "plain":
        uid, gid = map(int, mode.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if signal_number and sys.platform.startswith("linux"):
        end_with_parent(signal_number, parent)  # after the credential change, which would clear it
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
