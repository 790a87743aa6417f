"""A Bloom filter: a set in few bytes that may say yes wrongly, and never no wrongly."""

from collections.abc import Collection, Iterator
from hashlib import blake2b
from math import ceil, log
from typing import Self


class Bloom:
    """A set of texts as `bits`; each text sets the `probes` bits that its hash names."""

    def __init__(self, bits: bytes, *, probes: int) -> None:
        self._bits = bits
        self._probes = probes

    @classmethod
    def of(cls, texts: Collection[str], *, probes: int) -> Self:
        """Build the filter that errs for one text in 2 to the power of `probes`, the optimum for its size."""
        bits = bytearray(ceil(len(texts) * probes / log(2) / 8))
        for text in texts:
            for place in _places(text, probes, len(bits)):
                bits[place // 8] |= 1 << place % 8
        return cls(bytes(bits), probes=probes)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and all(
            self._bits[place // 8] & 1 << place % 8 for place in _places(text, self._probes, len(self._bits))
        )

    def __bytes__(self) -> bytes:
        return self._bits


def _places(text: str, probes: int, size: int) -> Iterator[int]:
    """Derive every probe from two halves of one hash (Kirsch and Mitzenmacher, 2006)."""
    digest = blake2b(text.encode(), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
    return ((first + i * step) % (size * 8) for i in range(probes))
