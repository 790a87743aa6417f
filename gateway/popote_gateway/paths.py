"""Which request targets are taken. Odd ones are refused, never tidied up: two servers would tidy differently."""

import re
from typing import Final

from popote_gateway.errors import PathRefused, UrlTooLong

MAX_URL_BYTES: Final = 4096

_REFUSED_PATHS: Final = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        ("not_absolute", rb"\A(?!/)"),
        ("non_ascii", rb"[^\x21-\x7e]|%[89A-Fa-f][0-9A-Fa-f]"),
        ("control_character", rb"%[01][0-9A-Fa-f]|%7[fF]"),
        ("backslash", rb"\\|%5[cC]"),
        ("semicolon", rb";|%3[bB]"),
        ("encoded_slash", rb"%2[fF]"),
        ("encoded_percent", rb"%25"),
        ("bad_escape", rb"%(?![0-9A-Fa-f]{2})"),
        ("empty_segment", rb"//"),
        ("dot_segment", rb"/(?:\.|%2[eE]){1,2}(?:/|\Z)"),
    )
)
_REFUSED_QUERY: Final = re.compile(rb"[^\x21-\x7e]|%00")


def check(raw_path: bytes, query: bytes) -> None:
    """Let an ordinary path and query pass, both as they were sent.

    Raises:
        UrlTooLong: together they are longer than `MAX_URL_BYTES`.
        PathRefused: something in them is refused; the problem says what.
    """
    if len(raw_path) + len(query) + 1 > MAX_URL_BYTES:
        raise UrlTooLong(limit_bytes=MAX_URL_BYTES)
    for reason, pattern in _REFUSED_PATHS:
        if pattern.search(raw_path):
            raise PathRefused(reason=reason)
    if _REFUSED_QUERY.search(query):
        raise PathRefused(reason="query")
