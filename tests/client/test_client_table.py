"""Tables on a terminal: what does not fit is folded, dates and amounts never are."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from popote_client.cli.table import Cell, cell, moment, print_rows, show

ID = UUID("019ab000-0000-7000-8000-000000000001")


def lines(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def test_a_table_shows_names_and_lets_none_take_over_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("Item", "ID"), [[cell("rice\x1b[2J\x07"), cell(1)], [cell("[bold]milk"), cell(2)]])
    assert lines(capsys.readouterr().out) == [["Item", "ID"], ["rice[2J", "1"], ["[bold]milk", "2"]]


@pytest.mark.parametrize("width", [40, 80])
def test_dates_and_amounts_stay_whole_beside_long_names(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    cells = [cell("extra virgin olive oil of the first pressing " * 3), Cell("1000.123 g", "", is_whole=True)]
    print_rows(
        ("Item", "On hand", "Until"), [[*cells, cell(date(2026, 12, 31))], [cell("tea"), cell(None), cell(None)]]
    )
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    assert "1000.123 g" in out
    assert "2026-12-31" in out
    assert "…" not in out
    assert "".join(out.split()).count("oil") == 3


def test_ids_are_shown_on_a_terminal_where_they_are_wanted_and_in_a_pipe_always(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")  # which knows no bold

    def shown(*, is_terminal: bool, ids: bool = False) -> str:
        monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
        show(["tea"], ("Item", "ID"), lambda each: [cell(each), cell(ID)], nothing="", as_json=False, ids=ids)
        return capsys.readouterr().out

    assert lines(shown(is_terminal=True)) == [["Item"], ["tea"]]
    assert lines(shown(is_terminal=True, ids=True)) == [["Item", "ID"], ["tea", str(ID)]]
    assert shown(is_terminal=False) == f"tea\t{ID}\n"


def test_a_moment_is_for_people_in_their_zone_and_for_scripts_in_utc() -> None:
    at = datetime.fromisoformat("2026-11-24T10:05:59+02:00")
    assert moment(at).scripts == "2026-11-24T08:05:59Z"
    assert moment(at).people == f"{at.astimezone():%Y-%m-%d %H:%M}"
    assert moment(at) == moment(at.astimezone(UTC))
