"""French where the person's system speaks it, else English."""

import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

Language = Literal["en", "fr"]


FRENCH_PLURAL = 2  # 1,5 ligne, 2 lignes


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return the language of LC_ALL, LC_MESSAGES or LANG: the first that is set counts, as in POSIX."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environ[name] for name in names if environ.get(name)), "")
    return "fr" if chosen.lower().startswith("fr") else "en"


def say(en: str, fr: str) -> str:
    """Return the sentence in the person's language."""
    return fr if language() == "fr" else en


def is_plural(amount: Decimal | int) -> bool:
    """Whether words beside this amount are in the plural: in French from 2 on, in English for all but 1."""
    return amount >= FRENCH_PLURAL if language() == "fr" else amount != 1


def count(amount: int, one: tuple[str, str], several: tuple[str, str]) -> str:
    """Return the sentence, in English and French, that fits the amount, with the amount for `{n}`."""
    return say(*(several if is_plural(amount) else one)).format(n=amount)
