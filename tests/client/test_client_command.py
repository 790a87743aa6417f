"""The `popote` command, as a person or a script meets it."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from popote_client.state import State
from popote_client.testing import SETUP_CODE, Play, StandInBackend, StandInModel, StandInOllama
from popote_client.testing.terminal import on_a_terminal


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


POPOTE = (sys.executable, "-m", "popote_client")

Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def environment(tmp_path: Path, backend: StandInBackend) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "POPOTE_CLIENT_HOME": str(tmp_path / "device"),
        "POPOTE_SERVER": backend.base_url,
        "LANG": "C.UTF-8",
    }


@pytest.fixture
def popote(environment: dict[str, str]) -> Run:
    async def run(*arguments: str, stdin: str = "", **more: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            *(*POPOTE, *arguments),
            env=environment | more,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode())
        assert process.returncode is not None
        assert b"Traceback" not in err
        return Ran(process.returncode, out.decode(), err.decode())

    return run


@pytest.fixture
async def marie(popote: Run, backend: StandInBackend, ollama: StandInOllama) -> Run:
    """Her command, logged in; the address is published."""
    backend.address = ollama.base_url
    assert (await popote("login", "--email", "marie@example.com", stdin="long enough\n")).code == 0
    return popote


async def test_signing_up_shows_the_recovery_codes(popote: Run, backend: StandInBackend) -> None:
    ran = await popote(
        *("register", "--email", "m@example.com", "--name", "Marie", "--household", "Lilas"),
        stdin="long enough\n",
        TZ="Europe/Paris",
    )

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Welcome, Marie. You are logged in, in Rue des Lilas.\n")
    assert [f"code-{number}" in ran.out for number in range(8)] == [True] * 8
    sent = json.loads(backend.requests[0].body)
    assert (sent["household_name"], sent["timezone"], sent["language"]) == ("Lilas", "Europe/Paris", "en")
    assert (await popote("history")).code == 0


async def test_an_invitation_takes_the_place_of_a_household(popote: Run, backend: StandInBackend) -> None:
    arguments = ("register", "--email", "m@example.com", "--name", "Marie", "--invitation", "CODE")
    assert (await popote(*arguments, stdin="long enough\n")).code == 0

    sent = json.loads(backend.requests[0].body)
    assert sent["invitation_code"] == "CODE"
    assert "household_name" not in sent


async def test_logging_in_and_out(popote: Run, backend: StandInBackend) -> None:
    ran = await popote("login", "--email", "marie@example.com", stdin="long enough\n")
    assert (ran.code, ran.out) == (0, "Logged in as Marie, in Rue des Lilas.\n")

    ran = await popote("logout")
    assert (ran.code, ran.out) == (0, "Logged out.\n")
    ran = await popote("history")
    assert (ran.code, ran.out, ran.err) == (3, "", "popote: You are not logged in. Log in with: popote login\n")


async def test_a_refused_login_is_told_in_the_words_of_the_backend(popote: Run) -> None:
    ran = await popote("login", "--email", "marie@example.com", stdin="wrong\n")
    assert (ran.code, ran.err) == (4, "popote: E-mail or password is wrong.\n")


async def test_a_backend_that_is_away_is_told_with_its_address(popote: Run, backend: StandInBackend) -> None:
    await backend.stop()
    ran = await popote("login", "--email", "marie@example.com", stdin="long enough\n")

    assert ran.code == 5
    assert ran.err == f"popote: Popote does not answer at {backend.base_url}. Check the address and your connection.\n"


@pytest.mark.parametrize("language", [{"LANG": "fr_FR.UTF-8"}, {"LANG": "en_GB.UTF-8", "LC_ALL": "fr_CA.UTF-8"}])
async def test_a_french_system_is_spoken_to_in_french(popote: Run, language: dict[str, str]) -> None:
    ran = await popote("history", **language)
    assert ran.err == "popote: Vous n'êtes pas connecté. Connectez-vous avec : popote login\n"
    assert "Se connecter" in (await popote("--help", **language)).out


async def test_the_server_may_be_typed_without_its_scheme(popote: Run, backend: StandInBackend) -> None:
    typed = backend.base_url.removeprefix("http://")
    ran = await popote("login", "--email", "m@example.com", "--server", typed, stdin="long enough\n", POPOTE_SERVER="")

    assert ran.code == 0
    assert (await popote("history", POPOTE_SERVER="")).code == 0  # it is remembered


async def test_a_server_in_the_environment_may_lack_its_scheme_too(marie: Run, backend: StandInBackend) -> None:
    assert (await marie("history", POPOTE_SERVER=backend.base_url.removeprefix("http://"))).code == 0


@pytest.mark.parametrize("typed", ["ftp://popote.lan", "http://", "192.168.11.20:99999", "192.168.11.20:http"])
async def test_a_server_that_is_no_web_address_is_wrong_usage(popote: Run, typed: str) -> None:
    ran = await popote("login", "--email", "m@example.com", "--server", typed, stdin="long enough\n")
    assert (ran.code, "--server" in ran.err) == (2, True)
    ran = await popote("history", POPOTE_SERVER=typed)
    assert (ran.code, "POPOTE_SERVER" in ran.err) == (2, True)


async def test_the_setup_code_makes_the_operator_who_sets_the_default_at_once(
    marie: Run, backend: StandInBackend
) -> None:
    refused = await marie("ollama", "set", "--default", "http://192.168.11.101:11434")
    assert (refused.code, refused.err) == (4, "popote: Only the operator may do this.\n")
    wrong = await marie("setup", "AAAA-BBBB-CCCC")
    assert (wrong.code, wrong.err) == (4, "popote: That is not the setup code.\n")

    ran = await marie("setup", SETUP_CODE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "You are the operator. For every household: popote ollama set --default URL\n"
    ran = await marie("ollama", "set", "--default", "http://192.168.11.101:11434")
    assert (ran.code, ran.out) == (0, "Published: http://192.168.11.101:11434\n")
    assert backend.calls["POST refresh"] == 0


async def test_the_setup_code_needs_a_session(popote: Run) -> None:
    ran = await popote("setup", SETUP_CODE, LANG="fr_FR.UTF-8")
    assert (ran.code, ran.err) == (3, "popote: Vous n'êtes pas connecté. Connectez-vous avec : popote login\n")
    assert "Le code d'installation" in (await popote("setup", "--help", LANG="fr_FR.UTF-8")).out


async def test_an_address_is_shown_published_and_tried(marie: Run, backend: StandInBackend) -> None:
    assert (await marie("ollama", "show")).out == f"{backend.address}\n"

    ran = await marie("ollama", "set", "http://192.168.11.101:11434/", "--dry-run")
    assert ran.out == "Would publish: http://192.168.11.101:11434\n"
    assert (await marie("ollama", "show")).out != "http://192.168.11.101:11434\n"

    ran = await marie("ollama", "set", "http://192.168.11.101:11434/", "--reason", "a new box")
    assert (ran.code, ran.out) == (0, "Published: http://192.168.11.101:11434\n")
    assert json.loads(backend.requests[-1].body)["reason"] == "a new box"
    assert (await marie("ollama", "show")).out == "http://192.168.11.101:11434\n"


async def test_an_address_that_is_not_published_is_told_with_the_command(marie: Run, backend: StandInBackend) -> None:
    backend.address = None
    ran = await marie("chat", "Hello")

    assert (ran.code, ran.out) == (6, "")
    assert "popote ollama set" in ran.err


async def test_a_chat_streams_to_standard_output_and_can_be_read_back(marie: Run, backend: StandInBackend) -> None:
    ran = await marie("chat", "What can I cook?")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "This is the stand-in for Ollama. You said: What can I cook?\n"

    listed = (await marie("history")).out.split("\t")
    assert listed[2] == "What can I cook?\n"
    read = await marie("history", listed[0])
    assert read.out == f"You\nWhat can I cook?\n\nstand-in:latest\n{ran.out}\n"


async def test_the_tokens_are_written_as_they_come(
    marie: Run, environment: dict[str, str], ollama: StandInOllama
) -> None:
    ollama.play(Play(tokens=["Rice", " soup"], ending="hang", after=1))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "popote_client", "chat", "Hello"), env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert await process.stdout.readexactly(4) == b"Rice"
    process.terminate()
    await process.wait()


async def test_ctrl_c_keeps_what_was_said(
    marie: Run, environment: dict[str, str], ollama: StandInOllama, backend: StandInBackend
) -> None:
    ollama.play(Play(tokens=["Rice"], ending="hang"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "popote_client", "chat", "Hello"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    await process.stdout.readexactly(4)
    process.send_signal(2)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err

    await marie("history")
    assert backend.contents() == [["Hello", "Rice"]]


async def test_json_is_one_object_a_line(marie: Run, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Crème ", "brûlée"], thinking="Dessert."))
    ran = await marie("chat", "--json", "Hello")

    assert [event["event"] for event in ran.events] == ["connected", "thinking", "text", "text", "done", "saved"]
    assert ran.events[0]["model"] == "stand-in:latest"
    assert ran.events[4]["conversation"] == ran.events[0]["conversation"]
    assert ran.events[5] == {"event": "saved", "waiting": 0, "parked": 0}


async def test_json_tells_failures_too_and_the_exit_code_stays(marie: Run, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Rice"], ending="cut"))
    ran = await marie("chat", "--json", "Hello")

    assert ran.code == 9
    assert [event["event"] for event in ran.events] == ["connected", "text", "failed", "saved"]
    assert ran.events[2]["code"] == "INTERRUPTED"


async def test_an_interrupted_answer_ends_its_line_and_says_how_to_go_on(marie: Run, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Rice"], ending="drop"), Play(tokens=["soup"]))
    ran = await marie("chat", "Hello")

    assert (ran.code, ran.out) == (9, "Rice\n")
    assert ran.err == "popote: The answer broke off: the connection was lost. Go on with: popote chat --continue\n"

    ran = await marie("chat", "--continue")
    assert ran.out == "soup\n"
    contents = [message["content"] for message in ollama.chats[1]["messages"]]
    assert contents == ["Hello", "Rice", "Go on where you stopped."]


async def test_an_answer_cut_at_the_limit_says_how_to_go_on(marie: Run, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Rice"], done_reason="length"))
    ran = await marie("chat", "Hello")

    assert ran.code == 0
    assert ran.err == "The answer stops at the model's limit. Go on with: popote chat --continue\n"


async def test_a_conversation_goes_on_by_its_id(marie: Run, ollama: StandInOllama, backend: StandInBackend) -> None:
    first = (await marie("chat", "--json", "One")).events[0]["conversation"]
    await marie("chat", "Two")
    await marie("chat", "--conversation", first, "Three")

    assert [message["content"] for message in ollama.chats[2]["messages"]][::2] == ["One", "Three"]
    assert [len(messages) for messages in backend.messages.values()] == [4, 2]


async def test_a_question_may_come_from_standard_input(marie: Run, ollama: StandInOllama) -> None:
    await marie("chat", stdin="From a pipe\n")
    assert ollama.chats[0]["messages"][0]["content"] == "From a pipe"

    assert (await marie("chat")).code == 2
    assert (await marie("chat", stdin="x" * 200_000)).code == 2


async def test_without_an_ollama_the_fix_is_told_and_the_history_still_read(marie: Run, ollama: StandInOllama) -> None:
    await marie("chat", "Hello")
    await ollama.stop()

    ran = await marie("chat", "Hello?")
    assert ran.code == 6
    assert "OLLAMA_HOST=0.0.0.0:11434" in ran.err
    assert len((await marie("history")).out.splitlines()) == 1


async def test_without_the_backend_one_can_chat_and_nothing_is_lost(marie: Run, backend: StandInBackend) -> None:
    await marie("chat", "One")
    await backend.stop()
    ran = await marie("chat", "Two")
    assert (ran.code, ran.out.endswith("You said: Two\n")) == (0, True)
    assert "2 messages wait on this device" in ran.err
    assert (await marie("history")).code == 5

    async with backend:  # again, at the same address
        assert len((await marie("history")).out.splitlines()) == 2
    assert [contents[0] for contents in backend.contents()] == ["One", "Two"]


async def test_on_a_full_disk_one_can_chat_and_is_told_what_is_not_kept(marie: Run, tmp_path: Path) -> None:
    with State(tmp_path / "device").writing() as db:
        full = "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        db.execute(f"CREATE TRIGGER full BEFORE INSERT ON message {full}")

    ran = await marie("chat", "Hello")

    assert (ran.code, ran.out.endswith("You said: Hello\n")) == (0, True)
    assert ran.err.endswith("client.sqlite3 can't be used: database or disk is full.\n")
    assert ran.err.count("\n") == 1


async def test_several_models_need_a_choice_and_the_last_one_is_remembered(marie: Run, ollama: StandInOllama) -> None:
    ollama.models = [StandInModel(name="b:1"), StandInModel(name="a:1")]

    ran = await marie("chat", "Hello")
    assert (ran.code, ran.err) == (8, "popote: Choose a model with --model: a:1, b:1\n")
    assert (await marie("chat", "Hello", "--model", "mistral")).code == 8
    assert (await marie("chat", "Hello", "-m", "b:1")).code == 0
    assert (await marie("chat", "Hello")).code == 0


async def test_another_machine_at_the_same_address_is_not_told_anything(marie: Run, ollama: StandInOllama) -> None:
    await marie("chat", "Hello")
    ollama.models = [StandInModel(digest="of another machine")]

    ran = await marie("chat", "A secret")
    assert ran.code == 7
    assert "--accept-server" in ran.err
    assert len(ollama.chats) == 1
    assert (await marie("chat", "Hello", "--accept-server")).code == 0


async def test_history_is_searched_and_given_as_json(marie: Run) -> None:
    await marie("chat", "Soup")
    await marie("chat", "Stew")

    assert [line.split("\t")[2] for line in (await marie("history", "--search", "Stew")).out.splitlines()] == ["Stew"]
    listed = (await marie("history", "--json")).events
    assert [each["title"] for each in listed] == ["Stew", "Soup"]
    read = (await marie("history", listed[0]["id"], "--json")).events
    assert [(each["role"], each["content"].split()[-1]) for each in read] == [("user", "Stew"), ("assistant", "Stew")]


async def test_an_unknown_conversation_is_told(marie: Run) -> None:
    ran = await marie("history", "00000000-0000-0000-0000-000000000009")
    assert (ran.code, ran.err) == (4, "popote: There is no such conversation.\n")
    assert (await marie("history", "not an id")).code == 2


async def test_a_damaged_file_and_a_wrong_folder_are_told(popote: Run, tmp_path: Path) -> None:
    (tmp_path / "device").write_text("a file, not a folder")
    ran = await popote("history")
    assert ran.code == 1
    assert "can't be used" in ran.err


async def test_the_version_is_told(popote: Run) -> None:
    assert (await popote("--version")).out == "popote 0.1.0\n"


async def test_what_a_model_says_cannot_take_over_a_terminal(
    marie: Run, environment: dict[str, str], ollama: StandInOllama
) -> None:
    ollama.play(Play(tokens=["\x1b]0;owned\x07Rice\x9b31m"]))
    shown = await on_a_terminal(environment, *POPOTE, "chat", "Hello")

    assert "]0;ownedRice31m" in shown
    assert "\x1b]0" not in shown


async def test_a_person_at_a_terminal_is_asked_which_model(
    marie: Run, environment: dict[str, str], ollama: StandInOllama
) -> None:
    ollama.models = [StandInModel(name="b:1"), StandInModel(name="a:1")]
    shown = await on_a_terminal(environment, *POPOTE, "chat", "Hello", answers="7\n2\n")

    assert "  1  a:1" in shown
    assert ollama.chats[0]["model"] == "b:1"


async def test_a_person_at_a_terminal_may_accept_another_machine_or_not(
    marie: Run, environment: dict[str, str], ollama: StandInOllama
) -> None:
    await marie("chat", "Hello")
    ollama.models = [StandInModel(digest="of another machine")]

    await on_a_terminal(environment, *POPOTE, "chat", "Hello", answers="n\n")
    assert len(ollama.chats) == 1
    await on_a_terminal(environment, *POPOTE, "chat", "Hello", answers="y\n")
    assert len(ollama.chats) == 2


async def test_a_person_at_a_terminal_may_go_on_with_a_cut_answer(
    marie: Run, environment: dict[str, str], ollama: StandInOllama
) -> None:
    ollama.play(Play(tokens=["Rice"], done_reason="length"), Play(tokens=[" soup"]))
    shown = await on_a_terminal(environment, *POPOTE, "chat", "Hello", answers="y\n")

    assert " soup" in shown
    assert ollama.chats[1]["messages"][1] == {"role": "assistant", "content": "Rice"}


async def test_a_person_at_a_terminal_sees_a_table(marie: Run, environment: dict[str, str]) -> None:
    await marie("chat", "[bold]Soup")
    shown = await on_a_terminal(environment, *POPOTE, "history")

    assert "Last used" in shown
    assert "[bold]Soup" in shown


@pytest.mark.usefixtures("marie")
async def test_a_person_with_no_conversation_is_told_how_to_begin(environment: dict[str, str]) -> None:
    assert "Begin with: popote chat" in await on_a_terminal(environment, *POPOTE, "history")
    assert "No conversation has these words." in await on_a_terminal(
        environment, *POPOTE, "history", "--search", "soup"
    )


ADD_ON = """
import typer
app = typer.Typer()

@app.command()
def dance():
    print("dancing")

@app.command()
def login():
    print("never called")
"""


@pytest.fixture
def add_ons(tmp_path: Path, environment: dict[str, str]) -> None:
    """Other packages, one of which works."""
    folder = tmp_path / "packages"
    for name, source in {"dancer": ADD_ON, "broken": "1 / 0", "leaver": "raise SystemExit(3)"}.items():
        info = folder / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (folder / f"{name}.py").write_text(source)
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[popote.commands]\n{name} = {name}:app\n")
    environment["PYTHONPATH"] = str(folder)


@pytest.mark.usefixtures("add_ons")
async def test_other_packages_add_commands_and_broken_ones_break_nothing(popote: Run) -> None:
    ran = await popote("dance")
    assert (ran.code, ran.out) == (0, "dancing\n")
    assert "The add-on broken could not be loaded (ZeroDivisionError: division by zero)." in ran.err

    ran = await popote("--help")
    assert "dance" in ran.out
    assert "leaver" in ran.err


@pytest.mark.usefixtures("add_ons")
async def test_our_own_commands_load_no_add_on_and_cannot_be_replaced(popote: Run) -> None:
    ran = await popote("login", "--email", "marie@example.com", stdin="long enough\n")
    assert (ran.code, ran.out, ran.err) == (0, "Logged in as Marie, in Rue des Lilas.\n", "")


async def test_an_unknown_command_is_told_with_the_nearest_one(popote: Run) -> None:
    ran = await popote("hystory")
    assert ran.code == 2
    assert "history" in ran.err
