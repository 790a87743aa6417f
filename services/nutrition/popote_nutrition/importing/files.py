"""The files of a download: in a folder, in a zip, or one alone. All are read as streams."""

import csv
import io
import re
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Final, Protocol, TextIO
from xml.parsers.expat import ExpatError

from msgspec import Struct

from popote_nutrition.importing.records import BadFile

MAX_BYTES: Final = 2**30  # of one file, unpacked
CHUNK: Final = 2**18
ZIP_MAGIC: Final = b"PK\x03\x04"
ENCRYPTED: Final = 0x1  # the bit of a zip's flags
OF_THE_SYSTEM: Final = re.compile(r"(^|/)(\._|__MACOSX/)")  # what macOS adds to a zip


class Watch(Protocol):
    """Is told how the reading goes."""

    def opened(self, name: str, size: int) -> None:
        """A file of `size` bytes is read from now on."""

    def read(self, count: int) -> None:
        """So many bytes more were read of it."""


class Unwatched:
    def opened(self, name: str, size: int) -> None:
        pass

    def read(self, count: int) -> None:
        pass


class _Member(Struct, frozen=True):
    size: int
    open: Callable[[], IO[bytes]]


class Download:
    """A few files that belong together, by their names without folders."""

    def __init__(self, path: Path, members: dict[str, _Member], watch: Watch) -> None:
        self.path = path
        self._members = members
        self._watch = watch

    def find(self, pattern: str) -> str | None:
        """Return the name of the file that `pattern` matches in full, whatever its case; None where there is none.

        Raises:
            BadFile: there are several.
        """
        found = [name for name in self._members if re.fullmatch(pattern, Path(name).name, re.IGNORECASE)]
        if len(found) > 1:
            raise BadFile(f"{self.path} holds {found[0]} and {found[1]}; keep the one that counts")
        return found[0] if found else None

    @contextmanager
    def open(self, name: str) -> Iterator[TextIO]:
        """Open a file as text. It is UTF-8 where it can be, else Windows-1252, whatever it says of itself.

        Raises:
            BadFile: it is too large, damaged, or neither.
        """
        member = self._members[name]
        with explained(name):
            if member.size > MAX_BYTES:
                raise BadFile(f"{name} has more than {MAX_BYTES >> 20} MiB; download the tables one by one")
            encoding = _encoding(member)
            self._watch.opened(name, member.size)
            with member.open() as raw:
                watched = io.BufferedReader(_Watched(raw, self._watch), CHUNK)
                yield io.TextIOWrapper(watched, encoding=encoding, newline="")


class _Watched(io.RawIOBase):
    def __init__(self, raw: IO[bytes], watch: Watch) -> None:
        self._raw = raw
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no name in 3.11
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._watch.read(len(data))
        return len(data)


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raise what is wrong with a file as a BadFile."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadFile(f"{name} is damaged or cut short; download it anew ({error})") from error
    except NotImplementedError as error:
        raise BadFile(f"{name} is packed in a way that can't be read; unpack it, and name the folder") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{name} is no text: neither UTF-8 nor Windows-1252") from error
    except csv.Error as error:
        raise BadFile(f"{name} is not CSV: {error}") from error
    except ExpatError as error:
        raise BadFile(f"{name} is not XML: {error}") from error
    except OSError as error:
        raise BadFile(f"{error.filename or name} can't be read: {error.strerror or error}") from error


@contextmanager
def unpacked(path: Path, watch: Watch) -> Iterator[Download]:
    """Open a download that is a folder or a zip.

    Raises:
        BadFile: it is neither, or damaged.
    """
    with explained(str(path)):
        if path.is_dir():
            yield Download(path, _in_folder(path), watch)
            return
        with path.open("rb") as file:
            is_zip = file.read(len(ZIP_MAGIC)) == ZIP_MAGIC
        if not is_zip:
            raise BadFile(
                f"{path} is neither a folder nor a zip: name the download, or the folder it was unpacked into"
            )
        with zipfile.ZipFile(path) as archive:
            yield Download(path, _in_zip(archive, path), watch)


def alone(path: Path, watch: Watch) -> Download:
    """Return a download that is one file.

    Raises:
        BadFile: there is no such file.
    """
    with explained(str(path)):
        if path.is_dir():
            raise BadFile(f"{path} is a folder; name the file")
        return Download(path, {path.name: _file(path)}, watch)


def rows(
    file: TextIO, name: str, needed: Sequence[str], *, header: str = "", delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of a CSV file by the columns of its header, each with its number as spreadsheets count.

    `header` is the first line where that was read already.

    Raises:
        BadFile: a column is missing or there twice, or a row has more cells than the header.
    """
    reader = csv.reader(chain([header] if header else [], file), strict=True, delimiter=delimiter)
    columns = [cell.strip() for cell in next(reader, [])]
    for column in needed:
        if columns.count(column) != 1:
            raise BadFile(f"{name} is another file: it has no column “{column}”")
    for count, cells in enumerate(reader, 2):
        if len(cells) > len(columns):
            raise BadFile(f"{name}, row {count}: it has more cells than the header")
        if cells:
            yield count, dict(zip(columns, chain(cells, [""] * (len(columns) - len(cells))), strict=True))


def _in_folder(path: Path) -> dict[str, _Member]:
    files = sorted(file for pattern in ("*", "*/*") for file in path.glob(pattern) if file.is_file())
    return {file.relative_to(path).as_posix(): _file(file) for file in files}


def _file(path: Path) -> _Member:
    return _Member(path.stat().st_size, lambda: path.open("rb"))


def _in_zip(archive: zipfile.ZipFile, path: Path) -> dict[str, _Member]:
    members = [info for info in archive.infolist() if not info.is_dir() and not OF_THE_SYSTEM.search(info.filename)]
    if any(info.flag_bits & ENCRYPTED for info in members):
        raise BadFile(f"{path} is locked by a password; unpack it, and name the folder")
    return {info.filename: _Member(info.file_size, _opening(archive, info)) for info in members}


def _opening(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _encoding(member: _Member) -> str:
    decoder = getincrementaldecoder("utf-8")()
    try:
        with member.open() as raw:
            while chunk := raw.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
