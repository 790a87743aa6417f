"""JSON in and out: one strict decoder, one encoder.

The decoder refuses what parsers disagree about (duplicate keys, bad UTF-8, NUL and other control characters, lone
surrogates) and what costs more than it is worth (deep nesting, enormous numbers), before any value is used.
"""

import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import InternalServerException
from msgspec import inspect

from popote_kit.problems import Invalid, Malformed, UnsupportedMediaType
from popote_kit.quantity import Amount

T = TypeVar("T")

MAX_DEPTH: Final = 64
MAX_NUMBER_LENGTH: Final = 40  # characters
MAX_EXPONENT_DIGITS: Final = 2
MAX_MESSAGE: Final = 200  # characters of a sentence that quotes the client

# Possessive, and an open string runs to the end: each byte is looked at once, whatever a client sends.
_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS: Final = re.compile(rb"[\[{\]}]")
_TOO_BIG: Final = re.compile(rb"[0-9.eE+-]{%d}|[eE][+-]?[0-9]{%d}" % (MAX_NUMBER_LENGTH + 1, MAX_EXPONENT_DIGITS + 1))
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAY_HOLD_CONTROLS: Final = re.compile(rb"\\u00[01]|\\[bf]|\x7f|\\u007[fF]")
# Two quick looks, each for a fixed first byte and the end of a number; most answers, cursors too, need no second pass.
_MAYBE_EXPONENT: Final = re.compile(rb"E[+-]?[0-9]+(?:[],}]|\Z)")
_MAYBE_ZEROS: Final = re.compile(rb"\.[0-9]*0(?:[],}]|\Z)")
_UNEVEN_NUMBER: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|-?[0-9]+(?:\.[0-9]*0(?![0-9E])|(?:\.[0-9]+)?E[+-]?[0-9]+)')


def decode(body: bytes, kind: type[T]) -> T:
    """Return `body`, strict JSON, as a `kind`.

    An `Amount` is read to its last digit. In a `kind` that holds one, an untyped fraction is a `Decimal` too.

    Raises:
        Malformed: not UTF-8, not JSON, too deep, a duplicate key, a control character, a number out of bounds.
        Invalid: JSON of another shape than `kind`; the error has a JSON pointer.
    """
    _check(body)
    try:
        value: T = _decoder(kind).decode(body)  # type: ignore[arg-type]  # mypy takes no type variable for hashable
    except msgspec.ValidationError as error:
        raise Invalid(errors=[_field_error(str(error))]) from error
    except msgspec.DecodeError as error:
        raise Malformed(reason="it is not valid JSON") from error
    return value


def from_plain(kind: type[T], value: object) -> T:
    """Read what msgspec has no type for, as the `dec_hook` of a decoder and of `convert`."""
    if isinstance(value, kind):
        return value
    if issubclass(kind, Amount):
        return kind.read(value)
    raise TypeError(f"Expected `{kind.__name__}`, got `{type(value).__name__}`")


def to_plain(value: object) -> Decimal:
    """Write what msgspec has no type for, as the `enc_hook` of an encoder with `decimal_format="number"`.

    An amount is even from the start, so that an answer full of them needs no second pass: 2.50 is 2.5, and 1E+1 is 10.
    """
    if isinstance(value, Amount):
        return value.normalize() + 0
    raise TypeError(f"Encoding objects of type {type(value).__name__} is unsupported")


@lru_cache(maxsize=1024)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    if _holds_amounts(kind):
        return msgspec.json.Decoder(kind, dec_hook=from_plain, float_hook=Decimal)
    return msgspec.json.Decoder(kind)


def _holds_amounts(kind: Any) -> bool:
    """Tell whether an `Amount` may stand anywhere in a `kind`, however deep."""
    ahead: list[object] = [inspect.type_info(kind)]
    seen: set[int] = set()  # a type may hold itself
    while ahead:
        part = ahead.pop()
        if isinstance(part, inspect.CustomType) and issubclass(part.cls, Amount):
            return True
        if isinstance(part, tuple):
            ahead += part
        elif isinstance(part, inspect.Type | inspect.Field) and id(part) not in seen:
            seen.add(id(part))
            ahead += (getattr(part, name) for name in part.__struct_fields__)
    return False


_ENCODER: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=to_plain)
_EXACT: Final = msgspec.json.Encoder(enc_hook=str)


def encode(value: object) -> bytes:
    """Return `value` as JSON; decimals are plain numbers, without exponents and trailing zeros."""
    encoded = _ENCODER.encode(value)
    if _MAYBE_EXPONENT.search(encoded) or _MAYBE_ZEROS.search(encoded):
        return _UNEVEN_NUMBER.sub(_even, encoded)
    return encoded


def _even(match: re.Match[bytes]) -> bytes:
    if match[0].startswith(b'"'):
        return match[0]
    plain = f"{Decimal(match[0].decode()):f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain).encode()


def exact_json(value: object) -> str:
    """Return `value` as JSON for a `jsonb` column, its decimals as texts: a number there comes back as a float."""
    return _EXACT.encode(value).decode()


def decode_text(body: bytes) -> str:
    """Return `body`, UTF-8 with or without a byte order mark, as text.

    Raises:
        Malformed: not UTF-8, or a control character other than tab and line end.
    """
    text = _utf8(body).removeprefix("\ufeff")
    _refuse_controls(text)
    return text


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(reason="it is not UTF-8") from error


def _check(body: bytes) -> None:
    text = _utf8(body)
    bare = _STRINGS.sub(b"", body)
    if _depth(bare) > MAX_DEPTH:
        raise Malformed(reason=f"it is nested deeper than {MAX_DEPTH} levels")
    if _TOO_BIG.search(bare):
        raise Malformed(reason="a number is out of bounds")
    try:
        value = _STRICT.decode(text)
    except ValueError as error:
        reason = str(error) if isinstance(error, _Refused) else "it is not valid JSON"
        raise Malformed(reason=reason) from error
    if _MAY_HOLD_CONTROLS.search(body):
        _refuse_controls(value)


def _depth(bare: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(bare):
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


def _no_constant(name: str) -> None:
    raise _Refused(f"{name} is not a number")


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


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
    sentence, _, path = message.rpartition(" - at `$")
    steps = re.findall(r"[^.\[\]`]+", path) if sentence else []
    return {"pointer": "".join(f"/{step}" for step in steps), "message": (sentence or path)[:MAX_MESSAGE]}


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body goes through `decode` into the handler's own type."""

    async def json(self) -> Any:
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise UnsupportedMediaType
        field = self.route_handler.parsed_data_field
        return decode(await self.body(), field.annotation if field else Any)

    async def body(self) -> bytes:
        try:
            body = await super().body()
        except InternalServerException as error:  # what Litestar makes of a client that went away
            raise Malformed(reason="it ends early") from error
        if not body and self.route_handler.parsed_data_field:
            raise Malformed(reason="it is empty")
        return body


class JSONResponse(Response[Any]):
    """A response whose JSON comes from `encode`."""

    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        if isinstance(content, bytes) or media_type != MediaType.JSON:
            return super().render(content, media_type, enc_hook)
        return encode(content)
