"""Tables as texts: whatever is written is read again, and nothing that is read breaks the reader."""

import csv
import io
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from popote_kit.problems import Problem
from popote_stock.model.table import HEADER, read, write

TODAY = date(2026, 11, 24)

# What may stand in a name or a note: no control characters, nothing that would be trimmed.
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("'=+-@,;\"\n\r\t"), min_size=1).filter(
    lambda text: text == text.strip() and len(text) <= 120
)
likely = st.sampled_from([*HEADER, "1", "g", "1,5", "31/12/2026", "Rice", ",", ";", '"', "\n", "\r\n", "'", "=", "€"])


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_whatever_is_written_is_read_again(names: list[tuple[str, str]]) -> None:
    rows = [(name, "1", "g", note) for name, note in names]
    table = read(write([("item", "quantity", "unit", "note"), *rows]), TODAY)
    assert [(row.item, row.note) for row in table.rows] == names
    assert table.refused == []


@settings(deadline=None)
@given(texts)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    cell = next(csv.reader(io.StringIO(write([[text]]), newline="")))[0]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@settings(deadline=None)
@given(st.lists(likely | st.text(max_size=5), max_size=40).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    for table in (text, f"item,quantity,unit\n{text}", f"{','.join(HEADER)}\n{text}", f"{';'.join(HEADER)}\n{text}"):
        try:
            rows = read(table, TODAY)
        except Problem:
            continue
        assert all(row.quantity.amount > 0 for row in rows.rows)
        for refusal in rows.refused:
            assert refusal.problem.document()["detail"]
