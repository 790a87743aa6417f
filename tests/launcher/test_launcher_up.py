"""`popote up`: from nothing to served, and back."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

COMMAND = str(Path(sys.executable).with_name("popote"))

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start it as root")


def test_it_comes_up_from_nothing_and_says_where(running: Any) -> None:
    assert f"On this machine   http://localhost:{running.url.rpartition(':')[2]}" in running.output
    assert "On your phone     no: it listens on 127.0.0.1" in running.output
    assert (running.home / "secrets/setup_code").read_text().strip() in running.output
    assert httpx.get(f"{running.url}/healthz").is_success


def test_foods_are_imported_while_it_runs(running: Any, tmp_path: Path) -> None:
    table = tmp_path / "shop.csv"
    table.write_text("id,name_en,fat_g\n1,bread,5\n")
    command = [COMMAND, "import-foods", "csv", str(table), "--name", "our-shop"]
    environ = {"POPOTE_HOME": str(running.home), "PATH": os.defpath}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)  # noqa: S603 - our own words
    assert done.stdout == "our-shop: 1 foods read: 1 new, 0 changed, 0 unchanged; 0 refused\n", done.stderr
    nowhere = environ | {"POPOTE_HOME": str(tmp_path / "nowhere")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=nowhere)  # noqa: S603 - as above
    assert done.returncode == os.EX_CONFIG
    assert done.stderr.startswith(f"there is no Popote on {tmp_path}/nowhere; start it")
    assert not (tmp_path / "nowhere").exists()


def test_its_secrets_are_for_their_owner_alone(running: Any) -> None:
    secrets = running.home / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o600}
    assert {path.name for path in secrets.iterdir()} >= {"auth_secret", "postgres_password", "setup_code"}


@needs_root
def test_root_can_run_it_and_postgresql_does_not_run_as_root(running: Any) -> None:
    postgres = running.server("postgres")
    inside = Path(f"/proc/{postgres.pid}/ns/user").readlink()
    assert inside != Path("/proc/self/ns/user").readlink() or postgres.uids().effective != 0


def test_a_second_start_on_the_same_data_is_refused(running: Any, start: Any) -> None:
    second = start(home=running.home)
    assert second.ended() == os.EX_TEMPFAIL
    expected = f"Popote can't start: Popote already runs on {running.home} (process {running.process.pid})\n"
    assert second.output == expected
    assert running.is_ready()


def test_an_ordinary_user_can_run_it(start: Any, as_ordinary: tuple[str, ...]) -> None:
    popote = start(before=as_ordinary).up()
    assert {process.uids().effective for process in popote.servers} == {popote.home.stat().st_uid}
    assert popote.home.stat().st_uid != 0
    assert popote.stop() == 0
    assert popote.servers == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_cleanly(start: Any, number: signal.Signals) -> None:
    popote = start().up()
    assert popote.stop(number) == 0
    assert popote.servers == []
    assert "died" not in popote.output


def test_a_second_ctrl_c_ends_it_at_once(start: Any) -> None:
    popote = start().up()
    popote.server("postgres").suspend()  # so that an orderly stop takes long
    popote.process.send_signal(signal.SIGINT)
    popote.eventually(lambda: not _answers(popote.url))
    assert popote.stop(signal.SIGINT) == 128 + signal.SIGINT
    popote.eventually(lambda: popote.servers == [])


def test_the_second_start_finds_what_the_first_one_kept(start: Any) -> None:
    first = start().up()
    keys = httpx.get(f"{first.url}/.well-known/jwks.json").json()
    first.stop()
    assert keys == httpx.get(f"{start().up().url}/.well-known/jwks.json").json()


def test_after_kill_9_nothing_stays_behind_and_it_starts_again(start: Any) -> None:
    first = start().up()
    keys = httpx.get(f"{first.url}/.well-known/jwks.json").json()
    first.stop(signal.SIGKILL)
    second = start().up()
    assert keys == httpx.get(f"{second.url}/.well-known/jwks.json").json()
    assert second.stop() == 0
    assert second.servers == []


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_server_that_was_killed_is_started_again(start: Any, name: str) -> None:
    popote = start().up()
    killed = popote.server(name)
    killed.kill()
    popote.eventually(lambda: popote.server(name) not in (None, killed))
    popote.eventually(popote.is_ready)
    assert popote.stop() == 0


def test_a_home_with_a_long_path_still_has_room_for_sockets(start: Any, folder: Path) -> None:
    popote = start(home=folder / ("a" * 100) / "home").up()
    assert popote.stop() == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=1).is_success
    except httpx.HTTPError:
        return False
