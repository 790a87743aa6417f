"""Cursors, entity tags, languages and client addresses: read exactly, or refused."""

import string
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv6Address
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request, get

from popote_kit import client_address, pages
from popote_kit.errors import language
from popote_kit.etags import IfMatch, etag, is_known, tagged
from popote_kit.problems import Malformed, PreconditionRequired, Stale
from popote_kit.quantity import Amount
from popote_kit.testing import calling

URL_SAFE = string.ascii_letters + string.digits + "-_"
SECRET = "a secret of the gateway's"


class Place(msgspec.Struct):
    at: datetime
    id: UUID
    name: str


places = st.builds(
    Place,
    at=st.datetimes(timezones=st.just(UTC)),
    id=st.uuids(),
    name=st.text(st.characters(exclude_categories=["Cs"])),
)


@given(places)
def test_a_cursor_leads_back_to_its_place(place: Place) -> None:
    text = pages.cursor(place)
    assert set(text) <= set(URL_SAFE)
    assert pages.place(text, Place) == place


@given(places, st.data())
def test_a_cursor_that_was_changed_anywhere_is_refused(place: Place, data: st.DataObject) -> None:
    text = pages.cursor(place)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(URL_SAFE).filter(lambda letter: letter != text[at]))
    for changed in (
        text[:at] + other + text[at + 1 :],
        text[:at] + text[at + 1 :],
        text + other,
        text + "=",
        " " + text,
    ):
        with pytest.raises(Malformed):
            pages.place(changed, Place)


@given(st.text(max_size=100))
def test_no_text_that_a_client_makes_up_is_a_cursor(text: str) -> None:
    with pytest.raises(Malformed):
        pages.place(text, Place)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Malformed):
        pages.place(pages.cursor(7), Place)
    assert pages.place(None, Place) is None


@pytest.mark.parametrize(("found", "items", "has_next"), [(0, 0, False), (2, 2, False), (3, 3, False), (4, 3, True)])
def test_one_too_many_tells_of_another_page(found: int, items: int, has_next: bool) -> None:
    page = pages.page(list(range(found)), 3, lambda last: last)
    assert page.items == list(range(items))
    assert page.next_cursor == (pages.cursor(2) if has_next else None)


@pytest.mark.parametrize("header", ['"7"', '  "7"  ', '"6", "7"', '"6","7","8"', "*", " * ", '"" , "7"', 'W/"1", "7"'])
def test_an_edit_of_the_version_that_stands_passes(header: str) -> None:
    IfMatch(header).check(etag(7))


@pytest.mark.parametrize("header", ['"6"', '""', '"77"', 'W/"7"', '"6", W/"7"'])
def test_an_edit_of_another_version_is_stale(header: str) -> None:
    with pytest.raises(Stale) as refused:
        IfMatch(header).check(etag(7))
    assert refused.value.headers == {"ETag": '"7"'}


@pytest.mark.parametrize(
    "header", ["", "7", "'7'", '"7', '7"', '"7" "8"', '"7",', ',"7"', '*, "7"', 'w/"7"', '"é"', " " * 9000]
)
def test_a_header_of_no_tags_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        IfMatch(header)


def test_an_answer_with_a_tag_keeps_its_decimals_to_the_last_digit() -> None:
    held = {"amount": Amount("0.123456789012345678"), "price": Decimal("1.50")}
    answer = tagged(held, 7)
    assert answer.render(held, "application/json") == b'{"amount":0.123456789012345678,"price":1.5}'
    assert answer.headers["ETag"] == '"7"'


def test_an_edit_without_a_version_is_told_to_send_one() -> None:
    given_nothing = IfMatch(None)
    assert not given_nothing.is_given
    with pytest.raises(PreconditionRequired):
        given_nothing.check(etag(7))


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        (None, False), ('"7"', True), ('W/"7"', True), ('"6", "7"', True), ("*", True), ('"6"', False), ("", False),
        ("7", False), ('"6", *', False),
    ],
)  # fmt: skip
def test_what_a_client_has_is_told_by_any_tag_that_it_names(if_none_match: str | None, known: bool) -> None:
    assert is_known(etag(7), if_none_match) is known


@given(st.text(max_size=200))
def test_any_if_match_is_read_or_malformed(header: str) -> None:
    try:
        tags = IfMatch(header)
    except Malformed:
        return
    assert tags.is_given


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "en"), ("", "en"), ("fr", "fr"), ("FR", "fr"), ("fr-CA", "fr"), ("fr-CA,fr;q=0.8,en;q=0.5", "fr"),
        ("en,fr", "en"), ("fr;q=0.5,en;q=0.9", "en"), ("en;q=0.5, fr ; q=0.9", "fr"), ("de, fr;q=0.1", "fr"),
        ("fr;q=0", "en"), ("*", "en"), ("fra", "en"), ("en-GB, fr;q=1.0", "en"), ("fr;q=.", "fr"), ("fr;q=1.5.5", "fr"),
        ("fr;q=NaN", "fr"), ("fr;q=" + "9" * 400, "fr"), (",,,,fr", "fr"), ("x," * 5000 + "fr", "en"),
    ],
)  # fmt: skip
def test_people_are_told_in_the_language_they_like_better(accept: str | None, expected: str) -> None:
    assert language(accept) == expected


@given(st.text(max_size=100))
def test_any_accept_language_gives_one_of_ours(accept: str) -> None:
    assert language(accept) in ("en", "fr")
    assert language("fr;q=" + accept) in ("en", "fr")


@given(st.ip_addresses())
def test_an_address_that_the_gateway_signed_is_believed(address: Any) -> None:
    signed = client_address.sign(str(address), SECRET)
    assert client_address.verify(signed, SECRET) == str(address)
    assert client_address.verify(signed, "another secret") is None
    assert client_address.verify(signed + "0", SECRET) is None
    assert client_address.verify(signed.replace(str(address), "10.0.0.1", 1), SECRET) in (None, "10.0.0.1")


@pytest.mark.parametrize("header", [None, "", " ", "10.0.0.1", "10.0.0.1 ", "10.0.0.1 00", "é é", "x" * 20_000])
def test_an_address_that_nobody_signed_is_not_believed(header: str | None) -> None:
    assert client_address.verify(header, SECRET) is None


def test_without_a_secret_nobody_is_believed() -> None:
    assert client_address.verify(client_address.sign("10.0.0.1", ""), "") is None


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a host", "a host"),
    ],
)
def test_one_client_is_an_ipv4_address_or_a_64(address: str, prefix: str) -> None:
    assert client_address.prefix(address) == prefix


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_addresses_of_one_64_are_one_client(address: IPv6Address, low: int) -> None:
    neighbour = IPv6Address((int(address) >> 64 << 64) | low)
    if not address.ipv4_mapped and not neighbour.ipv4_mapped:
        assert client_address.prefix(str(address)) == client_address.prefix(str(neighbour))


async def test_a_client_can_not_say_where_it_is(build: Any) -> None:
    @get("/where", operation_id="where")
    async def where(request: Request[Any, Any, Any]) -> str:
        return client_address.of(request, SECRET)

    async with calling(build(where)) as client:

        async def ask(**headers: str) -> str:
            answer: httpx.Response = await client.get("/where", headers=headers)
            return answer.text

        spoofed = {"X-Popote-Client": "10.9.9.9 " + "0" * 64, "X-Forwarded-For": "10.9.9.9", "X-Real-IP": "10.9.9.9"}
        assert await ask(**spoofed, Forwarded="for=10.9.9.9") == "127.0.0.1"
        assert await ask(**{"X-Popote-Client": client_address.sign("10.9.9.9", SECRET)}) == "10.9.9.9"
