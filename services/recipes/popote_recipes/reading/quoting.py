"""Strings as language models quote them: where one ends, though it holds quotes of its own or was never closed."""

import re
from typing import Final, Literal

from msgspec import Struct

Place = Literal["key", "value", "item"]
"""Where a string stands: before the colon, behind it, or in a list."""

MAX_INNER_QUOTES: Final = 2000  # in one string; then it is no text of a person

_CURLY: Final = '“”„"'
_SINGLE: Final = "'‘’"
CLOSERS: Final = {'"': '"', "`": "`"} | dict.fromkeys("“”„", _CURLY) | dict.fromkeys(_SINGLE, _SINGLE)
"""Each quote that opens a string, and those that may close it."""

_S: Final = r"\s{0,200}"
_QUOTE: Final = "[\"“”„'‘’`]"
KEY: Final = rf"(?:{_QUOTE}[^\"\n]{{0,80}}?{_QUOTE}|[^\W\d]\w{{0,40}})\s{{0,20}}[:=]"
_LITERAL: Final = r"(?:null|none|true|false)\b"
_REMARK: Final = r"//|\#|/\*|\.\.\.|…"

_SPECIAL: Final = re.compile(r"[\"“”„'‘’`\\\n]")
_UNICODE: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4}){1,100}")
_NEWLINES: Final = re.compile(r"\s+")
_GAP: Final = re.compile(r"[ \t]{0,200}")
_COLON: Final = re.compile(rf"{_S}[:=]")
_JOINED: Final = re.compile(r"(?P<q>[\"'])\s{0,100}\+\s{0,100}(?P=q)")
_VALUE_FOLLOWS: Final = re.compile(rf"{_S}(?:$|{_QUOTE}|[\[{{}}\]),]|-?\d|{_REMARK}|{_LITERAL})", re.IGNORECASE)
_KEY_FOLLOWS: Final = re.compile(rf"{_S}(?:$|[{{}}\]),]|{_REMARK}|{KEY})")
_LINE_OF_AN_ITEM: Final = re.compile(rf'\n{_S}"[^"\n]{{0,500}}"[ \t]{{0,20}}(?:,|\n|\]|$)')
_LINE_OF_A_KEY: Final = re.compile(rf"\n{_S}{_QUOTE}[^\"\n]{{1,80}}?{_QUOTE}\s{{0,20}}:")
_LINE_OF_BRACKETS: Final = re.compile(r"\n\s{0,200}[\]}][ \t]{0,20}(?:,|\n|\]|\}|$)")
_REMARKS: Final = ("//", "/*", "```", "<|", "</", "<!--")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Quoted(Struct, frozen=True):
    """A string, the place behind it, and whether the text broke off inside it."""

    text: str
    end: int
    is_cut_off: bool = False


class TooManyQuotes(ValueError):  # noqa: N818 - it says what there is
    """This is no string of words."""


def read_string(source: str, start: int, place: Place) -> Quoted:
    """Read the string whose opening quote stands at `start`.

    Raises:
        TooManyQuotes: it holds more quotes than any text.
    """
    triple = source[start] * 3
    if source.startswith(triple, start) and (end := source.find(triple, start + 3)) >= 0:
        return Quoted(source[start + 3 : end].strip(), end + 3)
    return _String(source, start, place).read()


def ends_string(source: str, at: int, place: Place) -> bool:
    """Tell whether a quote right before `at` is the end of a string: by what stands behind it."""
    gap = _ahead(source, at)
    char = source[gap : gap + 1]
    if not char or char in "}])" or source.startswith(_REMARKS, gap):
        return True
    if char in ":=":
        return place != "value"
    if char in ",;":
        return _goes_on(source, gap + 1, place)
    if char == "\n":
        return _goes_on(source, gap, place)
    if char in "{[":
        return place != "value"
    return gap > at and (char == "#" or (char in CLOSERS and _goes_on(source, gap, place)))


def _ahead(source: str, at: int) -> int:
    found = _GAP.match(source, at)
    return found.end() if found else at


def _goes_on(source: str, at: int, place: Place) -> bool:
    """Tell whether the next key or value, or the end of the object or list, stands at `at`."""
    return bool((_KEY_FOLLOWS if place == "value" else _VALUE_FOLLOWS).match(source, at))


def unescaped(codes: str) -> str:
    r"""Return the letters of `\u00e9`, or of several such codes: pairs of surrogates are one letter."""
    units = b"".join(int(code, 16).to_bytes(2, "big") for code in codes.split("\\u")[1:])
    return units.decode("utf-16-be", "surrogatepass")


class _String:
    """One string being read."""

    def __init__(self, source: str, start: int, place: Place) -> None:
        self.source = source
        self.place = place
        self.at = start + 1
        self.closers = CLOSERS[source[start]]
        self.pieces: list[str] = []
        self.inner_quotes = 0
        self.next_key: tuple[int, int] | None = None  # where the next key may start: in the source, in the pieces

    def read(self) -> Quoted:
        while found := _SPECIAL.search(self.source, self.at):
            self.pieces.append(self.source[self.at : found.start()])
            self.at = found.start()
            if ended := self._pass(found.group()):
                return ended
        return Quoted("".join(self.pieces) + self.source[self.at :], len(self.source), is_cut_off=True)

    def _pass(self, char: str) -> Quoted | None:
        if char == "\\":
            self._pass_escape()
            return None
        if char == "\n":
            return self._pass_newlines()
        if char in self.closers:
            return self._pass_quote(char)
        self._keep(char)
        return None

    def _keep(self, text: str, length: int = 1) -> None:
        self.pieces.append(text)
        self.at += length

    def _pass_escape(self) -> None:
        if codes := _UNICODE.match(self.source, self.at):
            self._keep(unescaped(codes.group()), len(codes.group()))
        else:
            char = self.source[self.at + 1 : self.at + 2]
            self._keep(_ESCAPED.get(char, char), 2)

    def _pass_newlines(self) -> Quoted | None:
        if self._is_left_open():
            return Quoted(_without_comma(self.pieces), self.at)
        rest = _NEWLINES.match(self.source, self.at)
        self._keep("\n", len(rest.group()) if rest else 1)
        return None

    def _is_left_open(self) -> bool:
        """Tell whether the string should have ended on this line: what follows it can't be a part of it."""
        next_line = _LINE_OF_AN_ITEM if self.place == "item" else _LINE_OF_A_KEY
        return bool(next_line.match(self.source, self.at) or _LINE_OF_BRACKETS.match(self.source, self.at))

    def _pass_quote(self, quote: str) -> Quoted | None:
        if ends_string(self.source, self.at + 1, self.place):
            return Quoted("".join(self.pieces), self.at + 1)
        if self.next_key and _COLON.match(self.source, self.at + 1):
            end, count = self.next_key
            return Quoted(_without_comma(self.pieces[:count]), end)
        if joined := _JOINED.match(self.source, self.at):
            self.at = joined.end()
            return None
        self.inner_quotes += 1
        if self.inner_quotes > MAX_INNER_QUOTES:
            raise TooManyQuotes
        if self.place == "value" and self.source[max(0, self.at - 20) : self.at].rstrip().endswith(","):
            self.next_key = self.at, len(self.pieces)
        self._keep(quote)
        return None


def _without_comma(pieces: list[str]) -> str:
    return "".join(pieces).rstrip().removesuffix(",")
