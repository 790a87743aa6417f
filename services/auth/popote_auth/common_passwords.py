"""The bundled list of passwords that leaked most often, as a filter."""

from pathlib import Path

from popote_auth.model.bloom import Bloom

FILE = Path(__file__).with_name("common_passwords.bloom")
PROBES = 13  # one uncommon password in 8,192 is refused too; tools/make_common_passwords.py names the sources


def load() -> Bloom:
    """Read the filter of about 37,000 passwords of six signs or more, case-folded; it takes 86 KiB."""
    return Bloom(FILE.read_bytes(), probes=PROBES)
