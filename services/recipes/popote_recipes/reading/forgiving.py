"""JSON as language models write it: read for what was meant, in one pass.

Keys and values without quotes, strings that hold quotes or are not closed, comments, commas too many or too few,
brackets that don't match, an end that was cut off. Numbers stay the text that stood there: `1,5`, `1 1/2`, `½` and
`200 g` are amounts to a cook, and who makes numbers of them loses them.
"""

import json
import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from popote_recipes.reading.quoting import CLOSERS, KEY, Place, TooManyQuotes, ends_string, read_string

Value = None | bool | str | list["Value"] | dict[str, "Value"]

MAX_DEPTH: Final = 40
MAX_MOVES: Final = 100_000  # strings, brackets and words; a long recipe has some hundreds

_OPENERS: Final[dict[str, Callable[[], "Container"]]] = {"{": dict, "[": list, "(": list}
_CLOSERS: Final[dict[str, type]] = {"}": dict, "]": list, ")": list}
_LITERALS: Final[dict[str, Value]] = {
    **dict.fromkeys(("null", "none", "nil", "undefined", "nan", "n/a", "~"), None),
    "true": True,
    "false": False,
}

_REMARK: Final = r"//[^\n]*|\#[^\n]*|/\*.{0,300}?\*/|<!--.{0,300}?-->|\.\.\.|…"
_BLANK: Final = re.compile(rf"(?:[\s,;]+|{_REMARK})+", re.DOTALL)
_SPACE: Final = re.compile(r"\s{0,200}")
_COLON: Final = re.compile(r"\s{0,200}(?:=>|[:=])")
_BARE_KEY: Final = re.compile(r"[^\s:=,{}\[\]\"“”][^:=,{}\[\]\"“”\n]{0,80}?(?=\s{0,20}[:=])")
_REMARK_TO_READER: Final = re.compile(rf"\s{{0,20}}:[ \t]{{0,20}}\n(?=\s{{0,200}}{KEY})")
_CALL: Final = re.compile(r"[A-Za-z_][\w.]{0,60}\((?=\s{0,200}[A-Za-z_]\w{0,40}\s{0,20}=)")
_BARE_END: Final = r"\s(?://|\#|/\*)|//|/\*|[}\])\n\"{\[]|$"
_WORDS: Final = r"\([^()\n]{0,200}\)|[^,}\])\n\"{\[]"
_BARE_VALUE: Final = re.compile(rf"(?:{_WORDS}|(?<=\d),(?=\d))+?(?={_BARE_END}|,(?!\d)|(?<!\d),)")
_BARE_ITEM: Final = re.compile(rf"(?:{_WORDS}|(?<=\d),(?=\d+\s?[^\W\d]))+?(?={_BARE_END}|,(?!\d+\s?[^\W\d])|(?<!\d),)")
_KEY_COMES: Final = re.compile(rf"\s{{0,200}},?\s{{0,200}}{KEY}")
_COMMA_AND_KEY: Final = re.compile(rf"\s{{0,200}},\s{{0,200}}{KEY}")
_COMMA_AND_OBJECT: Final = re.compile(r"\s{0,200},\s{0,200}\{")

Container = list[Value] | dict[str, Value]


class NoJson(ValueError):  # noqa: N818 - it says what the text is
    """This is no JSON, however kindly one looks; `at` is where that became clear."""

    def __init__(self, at: int) -> None:
        super().__init__("This is no JSON")
        self.at = at


class Reading(Struct, frozen=True):
    """What was read and where it ended; whether that took guesses; whether the text broke off before its end."""

    value: Value
    end: int
    is_repaired: bool = False
    is_cut_off: bool = False


def read(source: str, at: int = 0) -> Reading:
    """Read the object, list or call (`Recipe(title="Soup")`) that opens at `at`; what stands behind it is left alone.

    Raises:
        NoJson: it is too deep, or goes on for longer than any recipe.
    """
    try:
        value, end = _STRICT.raw_decode(source, at)
    except (ValueError, RecursionError):
        return _Parser(source, at).parse()
    is_closed_early = _COMMA_AND_KEY.match(source, end)
    return _Parser(source, at).parse() if is_closed_early else Reading(value, end)


def _distinct(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in pairs:
        found[_free(found, key)] = value
    return found


def _free(there: dict[str, Value], key: str) -> str:
    """Return a key like `key` that is not there yet: an object that says "step" five times has five steps."""
    return key if key not in there else f"{key} {len(there)}"


_STRICT: Final = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=lambda _: None, object_pairs_hook=_distinct
)


class _Frame(Struct):
    """An object or list that is not closed yet, and the key that waits for its value."""

    inside: Container
    key: str | None = None

    def put(self, value: Value) -> None:
        if isinstance(self.inside, list):
            self.inside.append(value if self.key is None else {self.key: value})
        else:
            self.inside[_free(self.inside, self.key or "")] = value
        self.key = None


class _Parser:
    """One object or list being read: a stack of what is open."""

    def __init__(self, source: str, at: int) -> None:
        self.source = source
        self.at = at
        self.stack: list[_Frame] = []
        self.is_cut_off = False

    def parse(self) -> Reading:
        self._move(self.source[self.at])
        root = self.stack[0].inside
        for _ in range(MAX_MOVES):
            self._skip(_BLANK)
            if not self.stack or self.at >= len(self.source):
                break
            self._move(self.source[self.at])
        else:
            raise NoJson(self.at)
        return Reading(root, self.at, is_repaired=True, is_cut_off=self.is_cut_off or bool(self.stack))

    def _move(self, char: str) -> None:
        if char in _OPENERS:
            self._open(_OPENERS[char]())
        elif char in _CLOSERS:
            self._close(_CLOSERS[char])
        elif char in CLOSERS:
            self._string()
        elif call := _CALL.match(self.source, self.at):  # Ingredient(name="flour")
            self.at = call.end() - 1
            self._open({})
        else:
            self._bare()

    def _skip(self, what: re.Pattern[str]) -> bool:
        found = what.match(self.source, self.at)
        self.at = found.end() if found else self.at
        return found is not None

    @property
    def _top(self) -> _Frame:
        return self.stack[-1]

    @property
    def _place(self) -> Place:
        if isinstance(self._top.inside, list):
            return "item" if self._top.key is None else "value"
        return "key" if self._top.key is None else "value"

    def _is_in_list(self) -> bool:
        """Tell whether what is open stands in a list."""
        return len(self.stack) > 1 and isinstance(self.stack[-2].inside, list)

    # Brackets

    def _open(self, new: Container) -> None:
        self.at += 1
        if self.stack and isinstance(new, dict) and self._place == "key":
            if not self._top.inside:  # {{ … }}, as in templates
                return
            if self._is_in_list():  # {"name": "flour", {"name": "salt"}
                self.stack.pop()
        if len(self.stack) >= MAX_DEPTH:
            raise NoJson(self.at)
        if self.stack:
            self._top.put(new)
        self.stack.append(_Frame(new))

    def _close(self, kind: type) -> None:
        self.at += 1
        if isinstance(self._top.inside, kind) or self.source[self.at - 1] == ")":
            self._close_top()
        elif kind is dict:
            self._close_object_over_list()
        else:
            self._close_list_over_object()

    def _close_top(self) -> None:
        is_too_early = len(self.stack) == 1 and _COMMA_AND_KEY.match(self.source, self.at)
        if not is_too_early:
            self._pop()

    def _pop(self) -> None:
        if self._top.key is not None:
            self._top.put(None)
        self.stack.pop()

    def _close_object_over_list(self) -> None:
        """A `}` where a `]` is due: the wrong bracket if a key comes next, else the `]` was forgotten."""
        self._pop()
        if self.stack and not _KEY_COMES.match(self.source, self.at):
            self._pop()

    def _close_list_over_object(self) -> None:
        """A `]` where a `}` is due: the wrong bracket if an object comes next, else the `}` was forgotten."""
        if not any(isinstance(frame.inside, list) for frame in self.stack):
            if len(self.stack) > 1:
                self._pop()
            return
        if self._is_in_list() and _COMMA_AND_OBJECT.match(self.source, self.at):
            self._pop()
            return
        while isinstance(self._top.inside, dict):
            self._pop()
        self._close_top()

    # Words

    def _string(self) -> None:
        place = self._place
        try:
            string = read_string(self.source, self.at, place)
        except TooManyQuotes:
            raise NoJson(self.at + 1) from None
        self.at = string.end
        self.is_cut_off |= string.is_cut_off
        if place == "key":
            self._key(string.text)
        elif place == "item" and self._skip(_COLON):
            self._key_in_list(string.text)
        else:
            self._top.put(string.text)

    def _key(self, text: str) -> None:
        self._top.key = text
        if self._skip(_COLON) or self.at >= len(self.source):
            return
        self._skip(_SPACE)
        if self.source[self.at : self.at + 1] in ",}]":  # {"flour", "salt"}
            self._top.put(None)

    def _key_in_list(self, text: str) -> None:
        """`["flour", "steps": …`: the list should have ended; `["flour": "200 g"`: it holds pairs."""
        inside = self._top.inside
        if len(self.stack) > 1 and isinstance(self.stack[-2].inside, dict) and inside and not _is_pair(inside):
            self.stack.pop()
        self._top.key = text

    def _bare(self) -> None:
        place = self._place
        if place == "key":
            self._bare_key()
            return
        found = (_BARE_ITEM if place == "item" else _BARE_VALUE).match(self.source, self.at)
        if not found:
            self.at += 1
            return
        self.at = found.end()
        if self.at >= len(self.source):  # `"quantity": 2` may go on with 50
            self.is_cut_off = True
            return
        text = found.group().strip()
        if self.source[self.at] == '"' and ends_string(self.source, self.at + 1, place):
            self.at += 1
        self._top.put(_LITERALS.get(text.lower(), text))

    def _bare_key(self) -> None:
        found = _BARE_KEY.match(self.source, self.at)
        if found and (
            remark := _REMARK_TO_READER.match(self.source, found.end())
        ):  # "And now the steps:" and a key below
            self.at = remark.end()
            return
        self.at = found.end() if found else self.at + 1
        if found:
            self._key(found.group().strip(" '`‘’"))


def _is_pair(inside: Container) -> bool:
    last = list(inside)[-1]
    return isinstance(last, dict) and len(last) == 1
