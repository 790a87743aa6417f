"""What a device remembers, with several threads and processes at it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from popote_client.state import State


class Count(msgspec.Struct, frozen=True):
    value: int


class Words(msgspec.Struct, frozen=True):
    words: list[str]


def test_changes_made_at_once_all_count(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("count", Count(0))
    with ThreadPoolExecutor(4) as threads:
        for _ in range(40):
            threads.submit(state.change, "count", Count, lambda it: Count(it.value + 1))

    assert state.read("count", Count) == Count(40)


def test_a_first_start_in_several_threads_makes_one_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda _: State(tmp_path / "new" / "folder").read("count", Count), range(8)))

    assert read == [None] * 8


def test_a_fact_of_another_form_is_as_good_as_none(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("count", Words(["one"]))

    assert state.read("count", Count) is None
    assert state.change("count", Count, lambda it: it) is None
    assert state.read("count", Words) == Words(["one"])


def test_a_forgotten_fact_is_gone(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("count", Count(1))
    state.forget("count")

    assert state.read("count", Count) is None


def test_what_can_be_found_out_again_is_not_waited_for(tmp_path: Path) -> None:
    state = State(tmp_path)
    with state.writing():
        state.note("count", Count(1))

    assert state.read("count", Count) is None
    state.note("count", Count(2))
    assert state.read("count", Count) == Count(2)
