"""What runs between our fork and a server's exec: leave root behind, die with the launcher, become the server.

    python -I -S child.py PARENT_PID DEATH_SIGNAL IDENTITY PROGRAM ARGUMENT…

A script of its own, because Python code between fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import pwd
import sys

CLONE_NEWUSER = 0x10000000  # linux/sched.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    parent, death_signal, identity, *command = sys.argv[1:]
    if identity == "namespace":
        _enter_user_namespace()
    elif identity == "nobody":
        _become_nobody()
    if sys.platform == "linux":  # last, since a change of user takes it back
        _die_with(int(parent), int(death_signal))
    os.execv(command[0], command)  # noqa: S606 - the launcher's own words, no shell


def _enter_user_namespace() -> None:
    """Keep the user, but under a number that is not 0: PostgreSQL refuses to run as root."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")


def _become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def _die_with(parent: int, signal: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


main()
