"""What may not stand in any file that is kept: paths of one machine, registries' addresses, tests that are not run."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MACHINE_PATH: Final = re.compile(r"(?<![\w.$}])/(?:work|root|home|Users|mnt|private)/[\w.-]+/[\w.-]+")
REGISTRY: Final = re.compile(
    r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|deb[.]debian[.]org|ghcr[.]io|quay[.]io|docker[.]io"
    r"|(?<!no-emit-)index[-]url|(?<!no-emit-)find[-]links",
)
PIN: Final = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,._-]+\])?==[^ ;]+( ; [^\\]+)? \\$")
LOCKS: Final = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607 - git, wherever it is
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def lines_with(pattern: re.Pattern[str], texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                yield f"{name}:{number}: {line.strip()[:100]}"


def read(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        data = (ROOT / name).read_bytes()
        if b"\0" not in data:
            yield name, data.decode("utf-8", "replace")


def test_no_file_names_a_path_of_one_machine(tracked: list[str]) -> None:
    assert list(lines_with(MACHINE_PATH, read(tracked))) == []


def test_no_file_names_a_registry(tracked: list[str]) -> None:
    assert list(lines_with(REGISTRY, read(tracked))) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATH, "open('/home" + "/anna/popote/x')"),
        (MACHINE_PATH, "cd /work" + "/main/services"),
        (MACHINE_PATH, "PATH=/root" + "/.venv/bin"),
        (REGISTRY, "--index-" + "url https://example.org"),
        (REGISTRY, "FROM ghcr." + "io/astral/uv"),
        (REGISTRY, "https://files.python" + "hosted.org/x.whl"),
    ],
)
def test_such_a_line_is_found(pattern: re.Pattern[str], line: str) -> None:
    assert list(lines_with(pattern, [("x", line)])) == [f"x:1: {line}"]


def unpinned(text: str) -> list[str]:
    """Return the lines of a lock file that are neither a pin with a hash to follow, nor a hash, nor a comment."""
    return [
        line
        for line in text.splitlines()
        if line and not PIN.match(line) and not re.match(r"^    (--hash=sha256:[0-9a-f]{64}( \\)?|# .*)$|#", line)
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_pins_and_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert unpinned(text) == []
    assert "://" not in text


@pytest.mark.parametrize(
    "line",
    [
        "httpx",
        "httpx>=0.28 \\",
        "httpx==0.28.1",
        "httpx @ file:here \\",
        "-e services/kit",
        "--index-" + "url x",
        "    --hash=md5:00",
    ],
)
def test_a_loose_line_in_a_lock_file_is_found(line: str) -> None:
    assert unpinned(line) == [line]


def uncollected(tests: Path) -> list[str]:
    """Return what makes pytest's importlib mode leave tests out: `__init__.py`, and file names that are not unique."""
    names = Counter(file.name for file in tests.rglob("test_*.py"))
    packages = [file.relative_to(tests).as_posix() for file in tests.rglob("__init__.py")]
    return packages + [name for name, count in names.items() if count > 1]


def test_every_test_is_collected() -> None:
    assert uncollected(ROOT / "tests") == []


def test_tests_that_would_be_left_out_are_found(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_same.py").touch()
    (tmp_path / "a" / "__init__.py").touch()
    assert uncollected(tmp_path) == ["a/__init__.py", "test_same.py"]
