"""Codes that people copy by hand or scan: recovery codes and invitations, each good once."""

import hmac
import secrets
from datetime import timedelta

RECOVERY_CODES = 8
INVITATION_LIFE = timedelta(days=7)
LONGEST = 64  # with whatever people type between the groups

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: without I, L, O and U
_SIGNS = 16  # 80 bits: past guessing, so a keyed hash without salt or stretching is enough at rest
_GROUP = 4
_LOOKALIKES = str.maketrans("ILO", "110", "- ")


def make() -> str:
    """Return a new code, such as `7QK2-M4ZD-09XA-HT3V`."""
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(_SIGNS))
    return "-".join(signs[i : i + _GROUP] for i in range(0, _SIGNS, _GROUP))


def seal(code: str, key: bytes) -> bytes:
    """Return what is stored of a code; the same for every way that people type it."""
    return hmac.digest(key, code.upper().translate(_LOOKALIKES).encode(), "sha256")
