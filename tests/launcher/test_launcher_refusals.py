"""What stands in the way is said in one line, with an exit status, and nothing is changed."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def test_a_port_in_use_is_refused(start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        popote = start(PORT=str(port))
        assert popote.ended() == os.EX_UNAVAILABLE
    assert only_line(popote) == f"port {port} is in use; set another one: PORT=8081"


def test_a_folder_that_holds_something_else_is_refused(start: Any, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home/novel.txt").write_text("It was a dark and stormy night.")
    popote = start()
    assert popote.ended() == os.EX_CONFIG
    assert only_line(popote).startswith(f"{folder}/home holds something else (novel.txt)")
    assert [path.name for path in (folder / "home").iterdir()] == ["novel.txt"]


def test_data_of_another_postgresql_is_refused(start: Any, folder: Path) -> None:
    (folder / "home/postgres").mkdir(parents=True)
    (folder / "home/popote-home").write_text("1\n")
    (folder / "home/secrets").mkdir()
    for name in ("auth_secret", "postgres_password", "valkey_password", "setup_code"):
        (folder / f"home/secrets/{name}").write_text("kept from before, in a test\n")
    (folder / "home/postgres/PG_VERSION").write_text("17\n")
    popote = start()
    assert popote.ended() == os.EX_CONFIG
    assert only_line(popote) == f"{folder}/home/postgres was made by PostgreSQL 17, and this is 18"


def test_data_without_its_secrets_is_refused(start: Any, folder: Path) -> None:
    (folder / "home/postgres").mkdir(parents=True)
    (folder / "home/popote-home").write_text("1\n")
    (folder / "home/postgres/PG_VERSION").write_text("18\n")
    popote = start()
    assert popote.ended() == os.EX_CONFIG
    assert "secrets/postgres_password is missing" in only_line(popote)


def test_a_layout_of_another_version_is_refused(start: Any, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home/popote-home").write_text("2\n")
    popote = start()
    assert popote.ended() == os.EX_CONFIG
    assert "another version of Popote" in only_line(popote)


def test_a_folder_that_may_not_be_written_to_is_refused(start: Any, folder: Path, as_ordinary: tuple[str, ...]) -> None:
    (folder / "closed").mkdir(mode=0o555)
    popote = start(before=as_ordinary, home=folder / "closed/home")
    assert popote.ended() == os.EX_NOPERM
    assert only_line(popote) == f"{folder}/closed/home: Permission denied"


@pytest.mark.parametrize("size", ["1m", "30m"])  # PostgreSQL needs some 40 MiB
def test_a_full_disk_is_told(start: Any, folder: Path, size: str) -> None:
    disk = folder / "disk"
    disk.mkdir()
    mounted = f'mount -t tmpfs -o size={size} tmpfs {disk} && exec "$@"'
    before = ("unshare", "--map-root-user", "--mount", "sh", "-c", mounted, "sh")
    probe = [*before, sys.executable, "-V"]
    if not shutil.which("unshare") or subprocess.call(probe, stderr=subprocess.DEVNULL):  # noqa: S603 - our own words
        pytest.skip("a small disk needs a mount namespace, which this machine bars")
    popote = start(before=before, home=disk / "home")
    assert popote.ended() == os.EX_IOERR
    assert only_line(popote).startswith("the disk is full: PostgreSQL")


def test_a_setting_of_the_wrong_form_is_named(start: Any) -> None:
    popote = start(PORT="eighty")
    assert popote.ended() == os.EX_CONFIG
    assert only_line(popote).startswith("PORT: ")


def only_line(popote: Any) -> str:
    """Return what the one line says that a person reads."""
    found = re.fullmatch(r"Popote can't start: (.*)\n", popote.output)
    assert found, popote.output
    return found[1]
