"""Why Popote can't start or go on, in one line for the person who typed the command.

CannotStart
├── AlreadyRunning   another Popote works on the same data
├── DiskFull
├── ForeignFolder    the data folder holds something else
├── NotWritable
├── PortInUse
└── WrongSetting     something in the environment is missing or wrong
"""

import os


class CannotStart(Exception):  # noqa: N818  # read as a sentence: "Popote cannot start: …"
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


class WrongSetting(CannotStart):
    code = os.EX_CONFIG
