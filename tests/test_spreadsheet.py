"""mnistcore.spreadsheet: a CSV file keeps its rows and columns, and nothing in it is a formula."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcore.spreadsheet import csv_bytes

names = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", 'a"b', "a,b", "a;=1+1", "w" * 3000]
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(names, st.integers(), st.floats(allow_nan=False)), max_size=5))
def test_rows_are_whole_and_no_text_is_a_formula(rows: list[tuple[str, int, float]]) -> None:
    content = csv_bytes(("name", "count", "share"), rows)
    assert content.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert found[0] == ["name", "count", "share"]
    for row, (name, count, share) in zip(found[1:], rows, strict=True):
        assert not row[0].startswith(tuple("=+-@\t\r\n＝＋－＠"))
        assert row[0].removeprefix("'") == name.removeprefix("'")
        assert (int(row[1]), float(row[2])) == (count, share), "numbers stay numbers, also below zero"
