"""What docker-compose.yml and the Dockerfile promise, read without an engine."""

import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from popote_kit.bootstrap import SERVICES
from popote_kit.service_tokens import CALLERS
from popote_kit.settings import load

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
CONTAINERS: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
PROGRAMS: Final = (*SERVICES, "gateway")  # those that are ours and stay
ASKED: Final = {"AUTH_REGISTRATION": "open"}  # what a person must choose
VARIABLE: Final = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")

every_container = pytest.mark.parametrize("container", [pytest.param(CONTAINERS[name], id=name) for name in CONTAINERS])
every_program = pytest.mark.parametrize("program", PROGRAMS)


def test_there_are_the_databases_the_bootstrap_the_services_and_the_gateway() -> None:
    assert set(CONTAINERS) == {"postgres", "valkey", "bootstrap", *PROGRAMS}


@every_container
def test_a_container_can_change_nothing_but_its_volumes(container: dict[str, Any]) -> None:
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "cap_add" not in container
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not any(container.get(key) for key in ("privileged", "pid", "ipc", "network_mode", "devices"))
    assert all(volume.partition(":")[0] in COMPOSE["volumes"] for volume in container.get("volumes", []))


@every_container
def test_a_container_has_limits_and_ends_in_peace(container: dict[str, Any]) -> None:
    assert container["init"] is True
    assert container["mem_limit"]
    assert container["pids_limit"]
    assert container["stop_grace_period"]
    assert container["logging"]["options"]["max-size"]
    assert container["tmpfs"] == ["/tmp:size=16m"]  # noqa: S108 - the container's own


@every_container
def test_a_container_does_not_run_as_root(container: dict[str, Any]) -> None:
    last_user = [line.split()[1] for line in DOCKERFILE if line.startswith("USER ")][-1]
    user = container.get("user", last_user if _is_ours(container) else "root")
    assert user in {"popote", "postgres", "valkey"}


@every_container
def test_a_container_that_stays_is_watched_on_its_own_loopback(container: dict[str, Any]) -> None:
    if container["restart"] == "no":
        assert container["healthcheck"] == {"disable": True}
        return
    assert container["restart"] == "unless-stopped"
    check = " ".join(container["healthcheck"]["test"])
    assert "127.0.0.1" in check
    assert "import popote" not in check


def test_only_the_gateway_publishes_a_port() -> None:
    assert [name for name, container in CONTAINERS.items() if "ports" in container] == ["gateway"]


def test_the_databases_are_reached_by_services_alone() -> None:
    inside = {name for name, container in CONTAINERS.items() if "data" in container["networks"]}
    assert inside == {"postgres", "valkey", "bootstrap", *SERVICES}
    assert CONTAINERS["postgres"]["networks"] == CONTAINERS["valkey"]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"] == COMPOSE["networks"]["inside"] == {"internal": True}


def test_only_those_that_ask_strangers_have_a_way_out() -> None:
    sources = {name: (ROOT / "services" / name).rglob("popote_*/**/*.py") for name in SERVICES}
    asking = {name for name, files in sources.items() if any("popote_kit.egress" in file.read_text() for file in files)}
    assert {name for name, container in CONTAINERS.items() if "out" in container["networks"]} == asking
    assert "out" in COMPOSE["networks"]


def test_what_a_service_keeps_in_files_is_in_its_volume(given: dict[str, dict[str, str]]) -> None:
    kept = {"config": given["config"]["CONFIG_STATE_DIR"], "recipes": given["recipes"]["RECIPES_IMAGES_FOLDER"]}
    for name, folder in kept.items():
        (volume,) = CONTAINERS[name]["volumes"]
        assert volume.partition(":")[0] == name
        assert folder.startswith(volume.partition(":")[2])


def test_nothing_stands_in_the_way_of_a_second_copy() -> None:
    assert "version" not in COMPOSE
    assert not any(
        {"container_name", "hostname", "mac_address"} & container.keys() for container in CONTAINERS.values()
    )


def test_the_image_is_built_once_and_never_pulled() -> None:
    ours = [container for container in CONTAINERS.values() if _is_ours(container)]
    assert len({container["image"] for container in ours}) == 1
    assert sum("build" in container for container in ours) == 1
    assert {container["pull_policy"] for container in ours} == {"never"}


def test_the_dockerfile_needs_nothing_but_the_python_image() -> None:
    sources = [line.split()[1] for line in DOCKERFILE if line.startswith("FROM ")]
    assert set(sources) == {"python:3.13-slim"}
    assert {copied for line in DOCKERFILE for copied in re.findall(r"--from=(\S+)", line)} == {"build"}
    assert not any(line.startswith("# syntax") for line in DOCKERFILE)


@every_program
def test_a_program_can_start_from_what_it_is_given(program: str, given: dict[str, dict[str, str]]) -> None:
    settings = import_module(f"popote_{program}.settings").Settings
    prefix = f"{program.upper()}_"
    load(settings, prefix, given[program])
    known = {prefix + field.upper() for field in settings.__struct_fields__}
    assert {name.removesuffix("_FILE") for name in given[program]} <= known
    assert CONTAINERS[program]["command"] == ["python", "-m", f"popote_{program}", "serve"]


def test_bootstrap_gives_each_role_the_password_that_its_service_has(given: dict[str, dict[str, str]]) -> None:
    for service in SERVICES:
        name = f"{service.upper()}_DATABASE_PASSWORD_FILE"
        assert given["bootstrap"][name] == given[service][name]
    assert len({given[service][f"{service.upper()}_DATABASE_PASSWORD_FILE"] for service in SERVICES}) == len(SERVICES)


def test_the_gateway_and_auth_share_a_secret(given: dict[str, dict[str, str]]) -> None:
    assert given["gateway"]["GATEWAY_SECRET_FILE"] == given["auth"]["AUTH_GATEWAY_SECRET_FILE"]


def test_each_service_that_works_without_a_person_shares_a_credential_with_auth(
    given: dict[str, dict[str, str]],
) -> None:
    shared = {name: given[name][f"{name.upper()}_CREDENTIAL_FILE"] for name in CALLERS}
    assert shared == {name: given["auth"][f"AUTH_{name.upper()}_CREDENTIAL_FILE"] for name in CALLERS}
    assert len(set(shared.values())) == len(CALLERS)
    holders = {name for name, container in CONTAINERS.items() if "chat_credential" in container.get("secrets", [])}
    assert holders == {"auth", "chat"}


@every_container
def test_no_secret_stands_in_an_environment(container: dict[str, Any]) -> None:
    secrets = {name: value for name, value in container.get("environment", {}).items() if name.endswith("_FILE")}
    assert {value.removeprefix("/run/secrets/") for value in secrets.values()} <= set(container.get("secrets", []))
    others = container.get("environment", {}).keys() - secrets.keys()
    assert not [name for name in others if re.search("PASSWORD|SECRET|CODE|CREDENTIAL", name)]


def test_every_secret_is_made_by_the_script(secrets: Path) -> None:
    named = {name: _filled(secret["file"], {}) for name, secret in COMPOSE["secrets"].items()}
    assert named == {name: f"./secrets/{name}" for name in named}
    assert set(named) <= {file.name for file in secrets.iterdir()}
    assert set(named) == {secret for container in CONTAINERS.values() for secret in container.get("secrets", [])}


def test_secrets_once_made_stay(secrets: Path) -> None:
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    (secrets / "chat_database_password").unlink()
    _make_secrets(secrets)
    after = {file.name: file.read_text() for file in secrets.iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == ["chat_database_password"]


def test_secrets_are_behind_a_door_that_only_their_owner_opens(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in secrets.iterdir()} == {0o644}  # for the users in the containers


def test_no_two_secrets_are_alike(secrets: Path) -> None:
    values = [file.read_text() for file in secrets.iterdir()]
    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 16


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder that the script filled."""
    return _make_secrets(tmp_path / "secrets")


@pytest.fixture
def given(secrets: Path) -> dict[str, dict[str, str]]:
    """The environment of each container, with its secrets in our folder."""
    return {
        name: {
            key: _filled(str(value), ASKED).replace("/run/secrets", str(secrets))
            for key, value in container.get("environment", {}).items()
        }
        for name, container in CONTAINERS.items()
    }


def _make_secrets(folder: Path) -> Path:
    subprocess.run([ROOT / "scripts" / "make-secrets.sh", folder], check=True, capture_output=True)  # noqa: S603 - ours
    return folder


def _is_ours(container: dict[str, Any]) -> bool:
    return "POPOTE_IMAGE" in container["image"]


def _filled(text: str, chosen: dict[str, str]) -> str:
    """Return `text` with its variables filled as compose does it."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return chosen[name] if kind == "?" or name in chosen else default or ""

    return VARIABLE.sub(value, text)
