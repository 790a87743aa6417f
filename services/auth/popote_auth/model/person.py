"""How people are called and reached."""

import re
import unicodedata

LONGEST_EMAIL = 254  # bytes, as a mail server takes them (RFC 5321, 4.5.3.1.3 less the angle brackets)
LONGEST_NAME = 80  # code points

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*")


def email_key(email: str) -> str:
    """Return what two spellings of one address share; nobody means another person by another case."""
    return unicodedata.normalize("NFKC", email).casefold()


def is_email(email: str) -> bool:
    """Tell whether `email` could be an address. Only a mail that arrives would prove more."""
    return len(email.encode()) <= LONGEST_EMAIL and _EMAIL.fullmatch(email) is not None


def is_name(name: str) -> bool:
    """Tell whether `name` can be shown: something visible, on one line."""
    kinds = {unicodedata.category(sign) for sign in name}
    is_visible = any(kind[0] not in "CZ" for kind in kinds)
    return is_visible and len(name) <= LONGEST_NAME and not kinds & {"Cc", "Zl", "Zp"}
