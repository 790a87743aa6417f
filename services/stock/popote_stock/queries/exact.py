"""JSON for `jsonb` columns, in which decimals stay exact: as texts, since a number there comes back as a float."""

from typing import Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder(enc_hook=str)


def as_json(value: object) -> str:
    """Return `value` as JSON, its decimals as texts."""
    return _ENCODER.encode(value).decode()
