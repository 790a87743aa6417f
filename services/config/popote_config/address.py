r"""Which Ollama addresses may be published, and the one way to write each.

A strict grammar comes before any URL parser, because parsers disagree: `http://192.168.11.101:11434\@evil.com/`
is evil.com to one and 192.168.11.101 to another. Nothing in here resolves a name or opens a connection.
"""

import re
from dataclasses import dataclass
from typing import Final

from popote_config.reach import STRICT, Kind, Policy, is_single_label, locate
from popote_config.remarks import Caution, Refusal, Refused

OLLAMA_PORT: Final = 11434
MAX_BYTES: Final = 255
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """An address in its one written form: lower-case, no slash at the end."""

    url: str
    kind: Kind
    cautions: tuple[Caution, ...] = ()


def normalise(text: str, policy: Policy = STRICT) -> Address:
    """Return the address that `text` means. A second pass over the result's `url` changes nothing.

    Raises:
        Refused: the text is no such address, or not one that phones should be sent to.
    """
    parts = _take_apart(text)
    host, kind = locate(parts["host"] or "", policy)
    scheme = parts["scheme"] or "http"
    port = _port(parts["port"], DEFAULT_PORTS[scheme] if parts["scheme"] else OLLAMA_PORT)
    path, cautions = _path(parts["path"] or "")
    if kind == "public" and scheme == "http":
        raise Refused(Refusal.CLEARTEXT_PUBLIC)
    if scheme == "http" and port == DEFAULT_PORTS["http"]:
        cautions.append(Caution.PORT_80)
    if is_single_label(host):
        cautions.append(Caution.SINGLE_LABEL)
    shown_port = "" if port == DEFAULT_PORTS[scheme] else f":{port}"
    url = f"{scheme}://{host}{shown_port}{path}"
    if len(url) > MAX_BYTES:  # with what was added, a second pass would refuse it
        raise Refused(Refusal.TOO_LONG)
    return Address(url, kind, tuple(cautions))


_ASCII_BLANKS: Final = " \t\n\f\r"
_FORBIDDEN: Final = tuple(
    (re.compile(pattern), refusal)
    for pattern, refusal in (
        (r"[\x00-\x1f\x7f]", Refusal.CONTROL_CHARACTER),
        (r" ", Refusal.INNER_BLANK),
        (r"\\", Refusal.BACKSLASH),
        (r"(\[|::)[0-9A-Fa-f:.]*%", Refusal.ZONE_ID),
        (r"%", Refusal.PERCENT),
        (r"@", Refusal.USER_INFO),
        (r"\?", Refusal.QUERY),
        (r"#", Refusal.FRAGMENT),
        (r"[^\x00-\x7f]", Refusal.NON_ASCII),
    )
)
_WRONG_START: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), refusal)
    for pattern, refusal in (
        (r"//", Refusal.MISSING_SCHEME),
        (r"https?:(?!//)", Refusal.MISSING_SLASHES),
        (r"(?!https?:)[a-z][a-z0-9+.-]*://", Refusal.UNSUPPORTED_SCHEME),
        (r"(about|blob|data|file|ftp|javascript|mailto|tel|wss?):", Refusal.UNSUPPORTED_SCHEME),
    )
)
_SHAPE: Final = re.compile(
    r"((?P<scheme>(?i:https?))://)?+"  # possessive, or `http://[` would be read as a host named http
    r"(?P<host>\[[^\]/]*\]|[^/:\[\]]*)(:(?P<port>[^/\[\]]*))?(?P<path>/.*)?"
)
_BARE_IPV6: Final = re.compile(r"[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,}(:[0-9]{1,5})?", re.IGNORECASE)


def _take_apart(text: str) -> dict[str, str | None]:
    """Split into scheme, host, port and path, each as it stands but for the scheme, which is lower-case."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused(Refusal.TOO_LONG)
    text = text.strip(_ASCII_BLANKS)
    if not text:
        raise Refused(Refusal.EMPTY)
    for pattern, refusal in _FORBIDDEN:
        if pattern.search(text):
            raise Refused(refusal)
    for pattern, refusal in _WRONG_START:
        if pattern.match(text):
            raise Refused(refusal)
    shape = _SHAPE.fullmatch(text)
    if shape is None:  # only brackets can be this wrong
        raise Refused(Refusal.BAD_IPV6)
    parts = shape.groupdict()
    if _BARE_IPV6.fullmatch(f"{parts['host']}:{parts['port']}"):
        raise Refused(Refusal.BARE_IPV6)
    return {**parts, "scheme": parts["scheme"] and parts["scheme"].lower()}


_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_BLOCKED_PORTS: Final = frozenset(
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
        104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513,
        514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720,
        1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)  # fmt: skip
"""Source: the Fetch standard, section "Port blocking"."""


def _port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not _PORT.fullmatch(text) or int(text) > 65535:  # noqa: PLR2004 - the largest 16-bit port
        raise Refused(Refusal.BAD_PORT)
    if int(text) in _BLOCKED_PORTS:
        raise Refused(Refusal.BLOCKED_PORT)
    return int(text)


_OLLAMA_PATH: Final = re.compile(r"/(api|v1)(/|\Z)")
_PATH: Final = re.compile(r"[a-z0-9._~/-]*")


def _path(raw: str) -> tuple[str, list[Caution]]:
    """Return the path without what clients add themselves and without slashes at its end."""
    path = raw.lower()
    if not _PATH.fullmatch(path):
        raise Refused(Refusal.BAD_PATH)
    if ".." in path or "." in path.split("/"):
        raise Refused(Refusal.DOTS_IN_PATH)
    cautions = []
    if ollama := _OLLAMA_PATH.search(path):
        path = path[: ollama.start()]
        cautions.append(Caution.OLLAMA_PATH_DROPPED)
    path = path.rstrip("/")
    if "//" in path:
        raise Refused(Refusal.DOUBLE_SLASH)
    if path != raw[: len(path)]:
        cautions.append(Caution.PATH_LOWERED)
    return path, cautions
