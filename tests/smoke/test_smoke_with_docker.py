"""The whole of docker-compose.yml brought up by a real engine, one chat and one dinner through its only port.

It builds the image and takes about a minute, so it runs only when asked: POPOTE_SMOKE=1.
"""

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest

ROOT: Final = Path(__file__).parents[2]
PASSWORD: Final = "seven sleepy badgers"
OLLAMA: Final = "http://192.168.11.101:11434"
MESSAGES: Final = [
    {"id": str(uuid4()), "role": role, "content": content, "created_at": f"2026-01-02T03:04:0{second}Z"}
    for second, (role, content) in enumerate(
        [("user", "Que faire de ce chou ?"), ("assistant", "Une potée."), ("user", "Merci.")]
    )
]
PASTE: Final = "Soupe de poireaux\n\nPour 4 personnes\n\nIngrédients\n- 600 g de poireaux\n\nPréparation\n1. Cuire."
PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ALL_IN_ONE: Final = """
popote serve --all &
exec python -c '
import time, urllib.request
for _ in range(100):
    time.sleep(0.2)
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8080/readyz").read().decode())
        break
    except OSError:
        continue
'
"""

pytestmark = [
    pytest.mark.skipif(os.environ.get("POPOTE_SMOKE") != "1", reason="POPOTE_SMOKE=1 runs it, where Docker is"),
    pytest.mark.timeout(900),  # seconds; the first build downloads every dependency
]


@dataclass(frozen=True)
class Stack:
    """One compose project of the test's own."""

    environment: Mapping[str, str]

    def compose(self, *words: str, check: bool = True) -> str:
        command = ["docker", "compose", "--progress", "plain", *words]
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=ROOT, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def secret(self, name: str) -> str:
        return (Path(self.environment["POPOTE_SECRETS"]) / name).read_text().strip()

    def phone(self) -> httpx.Client:
        """Return a client at the gateway's port, which changes when the gateway is started again."""
        return httpx.Client(base_url=f"http://{self.compose('port', 'gateway', '8000').strip()}", trust_env=False)

    def containers(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.compose("ps", "--format", "json").splitlines()]

    def wait_until_ready(self) -> None:
        """Wait until every service says so through the gateway."""
        deadline = time.monotonic() + 60
        with self.phone() as phone:
            while (answer := phone.get("/readyz")).status_code != httpx.codes.OK:
                assert time.monotonic() < deadline, answer.text
                time.sleep(0.5)


@dataclass(frozen=True)
class Told:
    """What the first phone did, for the others to find again."""

    email: str
    conversation: UUID
    recipe: UUID


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    secrets = tmp_path_factory.mktemp("compose") / "secrets"
    subprocess.run([ROOT / "scripts" / "make-secrets.sh", secrets], check=True, capture_output=True)  # noqa: S603 - ours
    name = f"popote-smoke-{os.getpid()}"
    stack = Stack(
        {
            "COMPOSE_PROJECT_NAME": name,
            "POPOTE_IMAGE": name,
            "POPOTE_SECRETS": str(secrets),
            "AUTH_REGISTRATION": "open",
            "PORT": "127.0.0.1:0",  # any free one
        }
    )
    try:
        stack.compose("up", "--detach", "--wait")
        stack.wait_until_ready()
        yield stack
    finally:
        print(stack.compose("logs", "--no-color", "--tail", "20", check=False))  # noqa: T201 - for pytest to show
        stack.compose("down", "--volumes", "--timeout", "5", check=False)
        subprocess.run(["docker", "image", "rm", name], check=False, capture_output=True)  # noqa: S603, S607 - ours


@pytest.fixture(scope="module")
def told(stack: Stack) -> Told:
    """A newcomer signs up, publishes the address of an Ollama, saves a conversation, twice, and cooks a soup."""
    told = Told("camille@example.org", uuid4(), uuid4())
    with stack.phone() as phone:
        person = {"email": told.email, "password": PASSWORD, "display_name": "Camille", "household_name": "Tilleuls"}
        entered = _ok(phone.post("/api/auth/register", json=person), 201)
        renewal = {"refresh_token": entered["tokens"]["refresh_token"], "refresh_id": str(uuid4())}
        tokens = _ok(phone.post("/api/auth/refresh", json=renewal))["tokens"]
        phone.headers["Authorization"] = f"Bearer {tokens['access_token']}"

        _ok(phone.put("/api/system-config/ollama", json={"ollama_base_url": OLLAMA + "/"}))
        conversation = {"id": str(told.conversation), "title": "Chou"}
        _ok(phone.post("/api/chat/conversations", json=conversation, headers={"Idempotency-Key": str(uuid4())}), 201)
        for _ in range(2):
            stored = _ok(phone.put(_messages(told), json={"messages": MESSAGES}))
            assert stored == {"stored": len(MESSAGES)}
        cook_soup(phone, told.recipe, entered["user"]["id"])
    return told


def cook_soup(phone: httpx.Client, recipe: UUID, person: str) -> None:
    """Keep a pasted recipe under that id, with a picture; buy what it needs, cook it for a person, freeze the rest."""

    def post(path: str, body: Any, status: int = 201) -> dict[str, Any]:
        return _ok(phone.post(path, json=body, headers={"Idempotency-Key": str(uuid4())}), status)

    draft = post("/api/recipes/import", {"text": PASTE}, 200)
    lines = [each["line"] for each in draft["ingredients"]]
    post("/api/recipes", {"id": str(recipe), "title": draft["title"], "servings": 4, "ingredients": lines})
    picture = {"If-Match": "*", "Content-Type": "image/png"}
    _ok(phone.put(f"/api/recipes/{recipe}/image", content=PICTURE, headers=picture))
    leeks = {"name": "Poireaux", "quantity": {"amount": 1, "unit": "kg"}}
    post("/api/stock/purchases", {"lines": [leeks]})
    asked = {"eaters": [{"user_id": person, "portions": 1}], "leftovers": {"servings": 3}}
    cooked = post(f"/api/recipes/{recipe}/cook", asked)
    deadline = time.monotonic() + 30
    while not (entries := _ok(phone.get(f"/api/nutrition/days/{cooked['date']}"))["entries"]):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert [(each["name"], each["portions"]) for each in entries] == [(draft["title"], 1)]


def soup_is_kept(phone: httpx.Client, recipe: UUID) -> bool:
    """Tell whether the recipe is there with its picture, and what was cooked of it in stock."""
    picture = phone.get(f"/api/recipes/{recipe}/image", params={"size": "thumb"})
    held = {each["name"]: each["total"] for each in _ok(phone.get("/api/stock/on-hand"))["items"]}
    leeks, rest = (held["Poireaux"], held["Soupe de poireaux (leftovers)"])
    return bool(
        picture.headers.get("content-type") == "image/jpeg"
        and leeks == {"amount": 0.4, "unit": "kg"}
        and rest == {"amount": 3, "unit": "portion"}
    )


def test_a_second_phone_reads_what_the_first_has_saved(stack: Stack, told: Told) -> None:
    with _signed_in(stack, told) as phone:
        assert _ok(phone.get("/api/system-config/ollama")) == {"ollama_base_url": OLLAMA}
        assert _read_back(phone, told) == MESSAGES
        assert soup_is_kept(phone, told.recipe)


def test_only_the_gateway_is_reached_from_outside(stack: Stack) -> None:
    published = {
        (each["Service"], port["TargetPort"])
        for each in stack.containers()
        for port in each["Publishers"] or []
        if port["PublishedPort"]
    }
    assert published == {("gateway", 8000)}


def test_no_container_runs_as_root_or_can_change_its_own_programs(stack: Stack) -> None:
    probe = "id -u; touch /probe /tmp/probe; ls /probe /tmp/probe"
    for service in {each["Service"] for each in stack.containers()}:
        user, *written = stack.compose("exec", "-T", service, "sh", "-c", probe, check=False).split()
        assert user != "0"
        assert written == ["/tmp/probe"]  # noqa: S108 - the container's own


def test_the_data_outlives_the_containers(stack: Stack, told: Told) -> None:
    stack.compose("down", "--timeout", "20")
    stack.compose("up", "--detach", "--wait")
    stack.wait_until_ready()
    with _signed_in(stack, told) as phone:
        assert _ok(phone.get("/api/system-config/ollama")) == {"ollama_base_url": OLLAMA}
        assert _read_back(phone, told) == MESSAGES
        assert soup_is_kept(phone, told.recipe)


def test_a_killed_database_loses_nothing_that_was_acknowledged(stack: Stack, told: Told) -> None:
    stack.compose("kill", "--signal", "KILL", "postgres", "valkey", "chat")
    stack.compose("up", "--detach", "--wait")
    stack.wait_until_ready()
    with _signed_in(stack, told) as phone:
        assert _read_back(phone, told) == MESSAGES


def test_the_address_is_served_while_the_databases_are_away(stack: Stack, told: Told) -> None:
    with _signed_in(stack, told) as phone:
        _ok(phone.get("/api/system-config/ollama"))
        stack.compose("stop", "postgres", "valkey")
        stack.compose("restart", "config")
        deadline = time.monotonic() + 60
        while phone.get("/api/system-config/ollama").status_code != httpx.codes.OK:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        assert _ok(phone.get("/api/system-config/ollama")) == {"ollama_base_url": OLLAMA}
    stack.compose("up", "--detach", "--wait")
    stack.wait_until_ready()


def test_a_service_may_have_several_copies(stack: Stack, told: Told) -> None:
    stack.compose("up", "--detach", "--wait", "--scale", "chat=3")
    assert sum(each["Service"] == "chat" for each in stack.containers()) == 3
    with _signed_in(stack, told) as phone:
        assert [_read_back(phone, told) for _ in range(6)] == [MESSAGES] * 6


def test_the_image_alone_is_all_of_popote(stack: Stack) -> None:
    url = f"postgresql://postgres:{stack.secret('postgres_password')}@postgres/popote"
    given = ["--env", f"DATABASE_URL={url}", "--env", f"AUTH_SECRET={stack.secret('auth_secret')}"]
    # The bootstrap container has the passwords of all roles, and PostgreSQL within reach.
    said = stack.compose("run", "--rm", "-T", "--no-deps", *given, "bootstrap", "sh", "-c", ALL_IN_ONE)
    assert json.loads(said)["status"] == "ok"


@contextmanager
def _signed_in(stack: Stack, told: Told) -> Iterator[httpx.Client]:
    with stack.phone() as phone:
        tokens = _ok(phone.post("/api/auth/login", json={"email": told.email, "password": PASSWORD}))["tokens"]
        phone.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        yield phone


def _read_back(phone: httpx.Client, told: Told) -> list[dict[str, str]]:
    items = _ok(phone.get(_messages(told), params={"order": "asc"}))["items"]
    return [{key: item[key] for key in MESSAGES[0]} for item in items]


def _messages(told: Told) -> str:
    return f"/api/chat/conversations/{told.conversation}/messages"


def _ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body
