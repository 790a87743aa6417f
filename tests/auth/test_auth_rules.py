from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_auth.model import codes
from popote_auth.model.household import CURRENCIES, TIME_ZONES
from popote_auth.model.person import email_key, is_email, is_name
from popote_auth.model.roles import Role, leaves_no_owner, may_grant, may_settle
from popote_auth.model.throttle import LONGEST_WAIT, Strikes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_nobody_grants_above_their_own_role() -> None:
    granted = {granter: {role for role in Role if may_grant(granter, role)} for granter in Role}
    assert granted == {
        Role.OWNER: {Role.OWNER, Role.ADULT, Role.CHILD, Role.GUEST},
        Role.ADULT: {Role.ADULT, Role.CHILD, Role.GUEST},
        Role.CHILD: set(),
        Role.GUEST: set(),
    }


def test_owners_settle_who_is_what_and_everyone_may_leave() -> None:
    assert [may_settle(role, is_leaving=False) for role in Role] == [True, False, False, False]
    assert all(may_settle(role, is_leaving=True) for role in Role)


@pytest.mark.parametrize(
    ("before", "after", "owners", "expected"),
    [
        (Role.OWNER, None, 1, True),
        (Role.OWNER, Role.ADULT, 1, True),
        (Role.OWNER, Role.OWNER, 1, False),
        (Role.OWNER, None, 2, False),
        (Role.ADULT, None, 1, False),
    ],
)
def test_the_last_owner_stays(before: Role, after: Role | None, owners: int, *, expected: bool) -> None:
    assert leaves_no_owner(before, after, owners=owners) is expected


def test_a_code_is_the_same_however_it_is_typed() -> None:
    assert codes.seal("7QK2-M4ZD-09XA-HT3V", b"k") == codes.seal(" 7qk2m4zd o9xa ht3v", b"k")
    assert codes.seal("1101-0000-0000-0000", b"k") == codes.seal("iL0l oooo 0000 0000", b"k")
    assert codes.seal("7QK2-M4ZD-09XA-HT3V", b"k") != codes.seal("7QK2-M4ZD-09XA-HT3V", b"other")


def test_codes_are_all_different_and_fit_their_limit() -> None:
    made = {codes.make() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(code) == 19 <= codes.LONGEST for code in made)


def test_five_failures_are_free_then_the_wait_doubles_to_a_quarter_of_an_hour() -> None:
    waits = [Strikes(failures, NOON).wait(NOON).total_seconds() for failures in range(5, 18)]
    assert Strikes(4, NOON).wait(NOON) == timedelta()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


@given(st.integers(0, 10**6), st.timedeltas(timedelta(), timedelta(days=3)))
def test_a_wait_only_shortens_and_is_over_within_its_limit(failures: int, later: timedelta) -> None:
    strikes = Strikes(failures, NOON)
    assert timedelta() <= strikes.wait(NOON + later) <= strikes.wait(NOON) <= LONGEST_WAIT
    assert strikes.wait(NOON + LONGEST_WAIT) == timedelta()
    assert 0 <= strikes.slowdown_s(NOON + later) <= 1


def test_an_hour_without_a_failure_wipes_the_slate() -> None:
    strikes = Strikes(40, NOON)
    assert strikes.add(NOON + timedelta(minutes=59)).failures == 41
    assert strikes.add(NOON + timedelta(hours=1)).failures == 1


@pytest.mark.parametrize("email", ["a@b", "camille@example.org", "çà@exämple.org", "a.b+c@d.e.f"])
def test_addresses_that_could_be(email: str) -> None:
    assert is_email(email)


@pytest.mark.parametrize(
    "email",
    ["", "a", "@b", "a@", "a@@b", "a b@c", "a@b c", "a@b..c", "a@.b", "a@b.", "a@b\n", f"a@{'b' * 253}"],
)
def test_addresses_that_could_not(email: str) -> None:
    assert not is_email(email)


def test_one_person_under_every_spelling() -> None:
    assert email_key("Camille@Example.ORG") == email_key("camille@example.org")


@pytest.mark.parametrize(
    ("name", "expected"), [("Camille", True), ("👩‍🍳", True), ("  ", False), ("", False), ("a\nb", False)]
)
def test_a_name_can_be_shown(name: str, *, expected: bool) -> None:
    assert is_name(name) is expected


def test_every_time_zone_can_be_loaded() -> None:
    assert {"Europe/Paris", "America/Martinique", "UTC"} <= TIME_ZONES
    assert [ZoneInfo(name).key for name in sorted(TIME_ZONES)] == sorted(TIME_ZONES)


def test_currencies_are_three_capitals() -> None:
    assert {"EUR", "CHF", "XPF", "CAD"} <= CURRENCIES
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCIES)
