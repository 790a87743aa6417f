"""The records of a Ciqual table: XML, or nearly.

    <TABLE>
       <COMPO>
          <alim_code> 13000 </alim_code>
          <teneur> < 0,5 </teneur>
          <min missing=" " />

Some editions write “<” and “&” in texts as they are; those are mended on the way to the parser.
"""

import re
from collections.abc import Iterator
from typing import Final, TextIO
from xml.parsers.expat import ParserCreate

from popote_nutrition.importing.files import CHUNK
from popote_nutrition.importing.records import BadFile

Record = dict[str, str]

RECORD: Final = 2  # how deep a record stands, the table being 1
FIELD: Final = 3
MAX_TEXT: Final = 10_000  # characters of one field
MAX_GAP: Final = 2**20  # characters without any tag

_BARE_LESS: Final = re.compile(r"<(?![A-Za-z_/!?])")
_BARE_AND: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")


def records(file: TextIO, name: str, tag: str) -> Iterator[Record]:
    """Give each record `tag` as its texts by field, the names in lower case; a field that is missing is empty.

    Raises:
        BadFile: it holds anything else, a document type, or nothing.
        ExpatError: it is not XML.
    """
    parser = _Parser(name, tag)
    count = 0
    for part in _mended(file, name):
        for record in parser.fed(part):
            count += 1
            yield record
    parser.end()
    if not count:
        raise BadFile(f"{name} holds no {tag}")


def _mended(file: TextIO, name: str) -> Iterator[str]:
    rest = ""
    while chunk := file.read(CHUNK):
        # Up to a “>” every “<” and “&” is seen with what follows it.
        whole, mark, rest = (rest + chunk).rpartition(">")
        if len(rest) > MAX_GAP:
            raise BadFile(f"{name} is not XML: it has no tags")
        yield _mend(whole + mark)
    yield _mend(rest)


def _mend(text: str) -> str:
    return _BARE_LESS.sub("&lt;", _BARE_AND.sub("&amp;", text))


class _Parser:
    def __init__(self, name: str, tag: str) -> None:
        self._name = name
        self._tag = tag
        self._depth = 0
        self._record: Record = {}
        self._text: list[str] = []
        self._length = 0
        self._done: list[Record] = []
        self._expat = ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters
        self._expat.StartDoctypeDeclHandler = self._doctype  # so there are no entities to expand

    def fed(self, text: str) -> list[Record]:
        """Return the records that end in `text`."""
        self._done = []
        self._expat.Parse(text, False)  # noqa: FBT003 - it takes no names
        return self._done

    def end(self) -> None:
        self._expat.Parse("", True)  # noqa: FBT003 - it takes no names

    def _start(self, name: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth > FIELD or (self._depth == RECORD and name != self._tag):
            raise BadFile(f"{self._name} is another file: it holds <{name[:40]}> where <{self._tag}> was expected")
        self._text, self._length = [], 0

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise BadFile(f"{self._name} holds a text of more than {MAX_TEXT} characters")
        self._text.append(text)

    def _end(self, name: str) -> None:
        if self._depth == FIELD:
            self._record[name.lower()] = "".join(self._text).strip()
        elif self._depth == RECORD:
            self._done.append(self._record)
            self._record = {}
        self._text, self._length = [], 0
        self._depth -= 1

    def _doctype(self, *_parts: object) -> None:
        raise BadFile(f"{self._name} has a document type, which Ciqual's files have not")
