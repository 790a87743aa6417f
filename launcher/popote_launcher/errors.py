"""Why Popote can't start or go on, in one line for the person who typed the command.

CannotStart
├── AlreadyRunning   another Popote works on the same data
├── DiskFull
├── ForeignFolder    the data folder holds something else
├── NotWritable
├── PortInUse
├── PostgresAway     it may come; what needs none of it can be served
└── WrongSetting     something in the environment is missing or wrong
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


class CannotStart(Exception):  # noqa: N818 - read as a sentence: "Popote cannot start: …"
    """`str()` is the line to show; `code` is the exit status, from sysexits.h."""

    code = os.EX_SOFTWARE


class AlreadyRunning(CannotStart):
    code = os.EX_TEMPFAIL


class DiskFull(CannotStart):
    code = os.EX_IOERR


class ForeignFolder(CannotStart):
    code = os.EX_CONFIG


class NotWritable(CannotStart):
    code = os.EX_NOPERM


class PortInUse(CannotStart):
    code = os.EX_UNAVAILABLE


class PostgresAway(CannotStart):
    code = os.EX_UNAVAILABLE


class WrongSetting(CannotStart):
    code = os.EX_CONFIG


_KINDS: Final = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EACCES: NotWritable,
    errno.EPERM: NotWritable,
    errno.EROFS: NotWritable,
    errno.EEXIST: ForeignFolder,
    errno.ENOTDIR: ForeignFolder,
}


@contextmanager
def explained() -> Iterator[None]:
    """Raise what the system refused to do with a file as one of our own errors."""
    try:
        yield
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, CannotStart)
        raise kind(f"{error.filename or 'a file'}: {os.strerror(error.errno or 0)}") from error
