"""French where the person's system speaks it, else English."""

import os
from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "fr"]


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return the language of LC_ALL, LC_MESSAGES or LANG: the first that is set counts, as in POSIX."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environ[name] for name in names if environ.get(name)), "")
    return "fr" if chosen.lower().startswith("fr") else "en"


def say(en: str, fr: str) -> str:
    """Return the sentence in the person's language."""
    return fr if language() == "fr" else en
