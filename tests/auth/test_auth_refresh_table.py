from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from popote_auth.model.refresh import PREFIX, RefreshToken, Session, Verdict, judge

KEY = b"k" * 32
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND, THIRD, FOURTH, FIFTH = (uuid4() for _ in range(5))
SESSION = Session(
    generation=7,
    refresh_ids=(FIRST,),
    rotated_at=NOON,
    created_at=NOON - timedelta(days=3),
    last_seen_at=NOON,
)


def after(**wait: float) -> datetime:
    return NOON + timedelta(**wait)


@given(st.uuids())
def test_the_current_token_rotates_whatever_the_refresh_id(refresh_id: UUID) -> None:
    assert judge(SESSION, 7, refresh_id, after(days=1)) is Verdict.ROTATE
    assert judge(SESSION, 7, FIRST, NOON) is Verdict.ROTATE


def test_a_lost_answer_is_given_again_to_the_one_who_rotated_for_a_day() -> None:
    assert judge(SESSION, 6, FIRST, after(hours=24)) is Verdict.REPEAT
    assert judge(SESSION, 6, FIRST, after(hours=24, seconds=1)) is Verdict.REUSED


def test_three_other_threads_of_the_app_get_the_same_successor_for_ten_seconds() -> None:
    assert judge(SESSION, 6, SECOND, after(seconds=10)) is Verdict.REPEAT
    assert judge(SESSION, 6, SECOND, after(seconds=10.1)) is Verdict.REUSED
    three = replace(SESSION, refresh_ids=(FIRST, SECOND, THIRD))
    assert judge(three, 6, FOURTH, after(seconds=1)) is Verdict.REPEAT
    four = replace(SESSION, refresh_ids=(FIRST, SECOND, THIRD, FOURTH))
    assert judge(four, 6, FIFTH, after(seconds=1)) is Verdict.REUSED


def test_a_thread_that_was_answered_may_lose_its_answer_too() -> None:
    two = replace(SESSION, refresh_ids=(FIRST, SECOND))
    assert judge(two, 6, SECOND, after(minutes=1)) is Verdict.REPEAT


@given(st.integers(0, 5), st.sampled_from([FIRST, SECOND]), st.integers(0, 9))
def test_two_behind_is_reuse_however_soon_and_whoever_asks(presented: int, refresh_id: UUID, seconds: int) -> None:
    assert judge(SESSION, presented, refresh_id, after(seconds=seconds)) is Verdict.REUSED


@given(st.integers(8, 2**48 - 1), st.uuids())
def test_a_token_from_ahead_proves_nothing(presented: int, refresh_id: UUID) -> None:
    assert judge(SESSION, presented, refresh_id, NOON) is Verdict.INVALID


@pytest.mark.parametrize("presented", [5, 6, 7, 8])
def test_an_ended_session_takes_nothing(presented: int) -> None:
    assert judge(replace(SESSION, ended_at=NOON), presented, FIRST, NOON) is Verdict.INVALID


def test_a_session_dies_of_thirty_idle_days_and_of_half_a_year() -> None:
    assert judge(SESSION, 7, FIRST, after(days=30, seconds=-1)) is Verdict.ROTATE
    assert judge(SESSION, 7, FIRST, after(days=30)) is Verdict.INVALID
    old = replace(SESSION, created_at=NOON - timedelta(days=180))
    assert judge(old, 7, FIRST, NOON) is Verdict.INVALID


@given(st.uuids(), st.integers(0, 2**48 - 1))
def test_a_token_is_read_as_it_was_written(session: UUID, generation: int) -> None:
    token = RefreshToken(session, generation)
    text = token.write(KEY)
    assert RefreshToken.read(text, KEY) == token
    assert text.startswith(PREFIX)
    assert text == token.write(KEY)
    assert RefreshToken.read(text, b"another key" * 3) is None


@given(st.text(max_size=120))
def test_whatever_else_is_presented_is_no_token(text: str) -> None:
    assert RefreshToken.read(text, KEY) is None
    assert RefreshToken.read(PREFIX + text, KEY) is None


@given(st.integers(0, 71), st.characters(codec="ascii"))
def test_no_single_sign_of_a_token_can_be_changed(place: int, sign: str) -> None:
    text = RefreshToken(UUID(int=5), 3).write(KEY)
    at = len(PREFIX) + place
    changed = text[:at] + sign + text[at + 1 :]
    assert (RefreshToken.read(changed, KEY) is None) == (changed != text)
    assert RefreshToken.read(text + sign, KEY) is None
