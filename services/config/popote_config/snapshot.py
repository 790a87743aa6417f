"""What is kept outside PostgreSQL, to be served while it is away: a file, and a copy in Redis without the keys."""

import logging
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from popote_config.model import Standing
from popote_kit.codec import encode

log = logging.getLogger(__name__)


class Snapshot(msgspec.Struct, frozen=True):
    """The addresses of all households as PostgreSQL confirmed them, and auth's public keys (a JWKS)."""

    confirmed_at: Annotated[datetime, Meta(tz=True)] | None
    values: list[Standing]
    jwks: str | None = None


def decode(body: bytes | str) -> Snapshot | None:
    """Return the snapshot, None when it is damaged."""
    try:
        return msgspec.json.decode(body, type=Snapshot)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("a snapshot is damaged and is not used", extra={"reason": str(error)})
        return None


def load(file: Path | None) -> Snapshot | None:
    """Read the snapshot in `file`; None when there is none, or none that can be used."""
    if file is None:
        return None
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("the state file can't be read", extra={"reason": repr(error)})
        return None


def save(file: Path, snapshot: Snapshot) -> None:
    """Put the snapshot in the place of `file`, whole or not at all, also when the power fails.

    Raises:
        OSError: it could not be written; what was there is still there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(encode(snapshot))
            new.flush()
            os.fsync(new.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
