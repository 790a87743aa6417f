"""JSON in and out: one strict decoder, one encoder.

The decoder refuses what parsers disagree about (duplicate keys, bad UTF-8, NUL and other control characters, lone
surrogates) and what costs more than it is worth (deep nesting, enormous numbers), before any value is used.
"""

import json
import re
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType

from popote_kit.problems import Invalid, Malformed, UnsupportedMediaType

T = TypeVar("T")

MAX_DEPTH: Final = 64
MAX_NUMBER_LENGTH: Final = 40
MAX_EXPONENT: Final = 300

_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS: Final = re.compile(rb"[\[{\]}]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAY_HOLD_CONTROLS: Final = re.compile(rb"\\u00[01]|\\[bf]|\x7f|\\u007[fF]")
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def decode(body: bytes, kind: type[T]) -> T:
    """Return `body`, strict JSON, as a `kind`.

    Raises:
        Malformed: not UTF-8, not JSON, too deep, a duplicate key, a control character, a number out of bounds.
        Invalid: JSON of another shape than `kind`; the error has a JSON pointer.
    """
    _check(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Invalid(errors=[_field_error(str(error))]) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(reason="it is not valid JSON") from error


def encode(value: object) -> bytes:
    """Return `value` as JSON; decimals are numbers without trailing zeros."""
    return _ENCODER.encode(value)


def _check(body: bytes) -> None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(reason="it is not UTF-8") from error
    if _depth(body) > MAX_DEPTH:
        raise Malformed(reason=f"it is nested deeper than {MAX_DEPTH} levels")
    try:
        value = _STRICT.decode(text)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Refused) else "it is not valid JSON"
        raise Malformed(reason=reason) from error
    if _MAY_HOLD_CONTROLS.search(body):
        _refuse_controls(value)


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Refused(ValueError):  # noqa: N818 - becomes a Malformed
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Refused("an object names the same member twice")
    return value


def _bounded(literal: str) -> Decimal:
    """Refuse a number that is long or huge by its text alone; nothing is computed with it."""
    if len(literal) <= MAX_NUMBER_LENGTH:
        number = Decimal(literal)
        if number.is_finite() and abs(number.adjusted()) <= MAX_EXPONENT:
            return number
    raise _Refused("a number is out of bounds")


def _no_constant(name: str) -> None:
    raise _Refused(f"{name} is not a number")


_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_bounded, parse_int=_bounded, parse_constant=_no_constant
)


def _refuse_controls(value: object) -> None:
    if isinstance(value, str) and _CONTROLS.search(value):
        raise Malformed(reason="a text holds a control character")
    if isinstance(value, dict):
        for key, member in value.items():
            _refuse_controls(key)
            _refuse_controls(member)
    if isinstance(value, list):
        for member in value:
            _refuse_controls(member)


def _field_error(message: str) -> dict[str, str]:
    """Turn msgspec's "… - at `$.lines[0].name`" into a JSON pointer and a sentence."""
    sentence, _, path = message.partition(" - at `$")
    steps = re.findall(r"[^.\[\]`]+", path)
    return {"pointer": "".join(f"/{step}" for step in steps), "message": sentence}


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body goes through `decode` into the handler's own type."""

    async def json(self) -> Any:
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise UnsupportedMediaType
        field = self.route_handler.parsed_data_field
        return decode(await self.body(), field.annotation if field else Any)


class JSONResponse(Response[Any]):
    """A response whose JSON comes from `encode`."""

    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        if isinstance(content, bytes) or media_type != MediaType.JSON:
            return super().render(content, media_type, enc_hook)
        return encode(content)
