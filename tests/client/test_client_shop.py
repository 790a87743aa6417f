"""The end of a shopping trip, as the `popote` command reads and tells it."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from typer import BadParameter

from popote_client.cli.shop_lines import bought, uncounted
from popote_client.language import count
from popote_client.problems import Problem, ProblemDocument
from popote_client.stock.choosing import Unclear
from popote_client.stock.lists import BoughtLine, ListLine
from popote_client.stock.quantities import Quantity, Unit
from popote_client.stock.units import Units

UNITS = Units(
    [
        Unit("g", "mass", 10**9, "gram", "grams"),
        Unit("kg", "mass", 10**12, "kilogram", "kilograms"),
        Unit("cup", "volume", 236_588_000, "cup", "cups"),
        Unit("piece", "piece", 10**6, "piece", "pieces"),
    ]
)


def line(number: int, name: str, quantity: Quantity | None = None) -> ListLine:
    return ListLine(
        id=UUID(int=number),
        list_id=UUID(int=99),
        name=name,
        quantity=quantity,
        is_ticked=True,
        version=1,
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
    )


BUTTER, LEEKS = line(1, "Butter", Quantity(Decimal(1), "cup")), line(2, "leeks", Quantity(Decimal(2), "piece"))
MORE_LEEKS, HEAVY = line(3, "leeks", Quantity(Decimal(1), "kg")), Quantity(Decimal(250), "g")


def problem(type_: str, **facts: object) -> Problem:
    return Problem(422, ProblemDocument(type_), facts)


def test_what_was_bought_is_told_by_the_name_of_the_line() -> None:
    told = bought(["butter=250 g", "leek=3"], [BUTTER, LEEKS], UNITS)
    assert told == [
        BoughtLine(line_id=BUTTER.id, quantity=HEAVY),
        BoughtLine(line_id=LEEKS.id, quantity=Quantity(Decimal(3), "piece")),
    ]


def test_of_lines_with_one_name_that_is_told_which_reads_as_was_said() -> None:
    lines = [BUTTER, LEEKS, MORE_LEEKS]
    assert bought(["1 kg leeks=250 g"], lines, UNITS) == [BoughtLine(line_id=MORE_LEEKS.id, quantity=HEAVY)]
    with pytest.raises(Unclear, match="2 leeks, 1 kg leeks"):
        bought(["leeks=250 g"], lines, UNITS)
    with pytest.raises(Unclear):
        bought(["salt=250 g"], lines, UNITS)


@pytest.mark.parametrize("said", ["butter", "butter=", "butter=much", "butter=0 g"])
def test_what_says_no_amount_is_refused_with_an_example(said: str) -> None:
    with pytest.raises(BadParameter, match="butter=250 g"):
        bought([said], [BUTTER], UNITS)


def test_the_line_that_can_t_be_counted_is_named_with_what_to_do() -> None:
    unknown = problem("/problems/unknown-conversion", line_id=str(BUTTER.id))
    said = 'How much is “1 cup Butter”? Say it as in: popote shop done "1 cup Butter=250 g"'
    assert uncounted(unknown, [LEEKS, BUTTER], UNITS) == said
    assert bought(["1 cup Butter=250 g"], [LEEKS, BUTTER], UNITS)[0].line_id == BUTTER.id
    assert uncounted(problem("/problems/unknown-conversion"), [BUTTER], UNITS) is None
    assert uncounted(problem("/problems/too-much", line_id=str(BUTTER.id)), [BUTTER], UNITS) is None


@pytest.mark.parametrize(
    ("spoken", "sentences"),
    [("en_GB", ["0 lines", "1 line", "2 lines"]), ("fr_FR", ["0 ligne", "1 ligne", "2 lignes"])],
)
def test_what_is_counted_is_in_the_singular_or_the_plural(
    spoken: str, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", spoken)
    one, several = ("{n} line", "{n} ligne"), ("{n} lines", "{n} lignes")
    assert [count(number, one=one, several=several) for number in range(3)] == sentences
