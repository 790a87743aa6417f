"""As whom the embedded servers run: PostgreSQL refuses uid 0."""

import os
import pwd
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final, Literal

from popote_launcher.errors import NotWritable

CHILD: Final = Path(__file__).with_name("child.py")
Identity = Literal["self", "namespace", "nobody"]


@cache
def identity() -> Identity:
    """Choose: ourselves; as root ourselves in a user namespace; where a container bars that, nobody."""
    if os.geteuid() != 0:
        return "self"
    return "namespace" if _namespace_works() else "nobody"


def wrap(command: list[str], death_signal: int) -> list[str]:
    """Return `command` so started that it gets `death_signal` when this process dies (Linux), and never as root."""
    child = [sys.executable, "-I", "-S", str(CHILD)]
    return [*child, str(os.getpid()), str(int(death_signal)), identity(), *command]


def hand_over(folder: Path) -> None:
    """Make `folder` and all in it belong to the user that the servers run as."""
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam("nobody").pw_uid if identity() == "nobody" else 0
    if folder.stat().st_uid != user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, -1, follow_symlinks=False)


def require_reachable(path: Path) -> None:
    """Check that the user that the servers run as can enter every folder above `path`.

    Raises:
        NotWritable: it can't.
    """
    if identity() != "nobody":
        return
    for parent in path.resolve().parents:
        if not parent.stat().st_mode & 0o001:
            raise NotWritable(
                f"PostgreSQL can't run as root here, and the user nobody can't enter {parent}: "
                f"move {path} (POPOTE_HOME for data), start as another user, or set DATABASE_URL"
            )


def _namespace_works() -> bool:
    if sys.platform != "linux":
        return False
    probe = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), "0", "namespace", sys.executable, "-V"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words
