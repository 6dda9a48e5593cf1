"""Owns a question's table as HTML: the same on a page and on paper, each with a style sheet of its own."""

from mnistcore.quiz.asked import Table
from mnistcore.wording import html


def table_html(table: Table) -> str:
    r"""The table of class ``quiz-table``, with the names of its axes; a cell's outcome is a ``tag`` in it.

    >>> print(table_html(Table(("a",), ("b",), (("3",),))).replace("</tr>", "</tr>\n"))
    <table class="quiz-table"><tr><td></td><th scope="col">a</th></tr>
    <tr><th scope="row">b</th><td>3</td></tr>
    </table>
    """
    rows = []
    if table.column_axis:
        lead = 2 if table.row_axis else 1
        axis = f'<th class="axis" colspan="{len(table.columns)}">{html(table.column_axis)}</th>'
        rows.append(f'<tr><td colspan="{lead}"></td>{axis}</tr>')
    has_side = bool(table.column_axis and table.row_axis)
    corner = table.row_axis if table.row_axis and not has_side else ""
    heads = "".join(f'<th scope="col">{html(name)}</th>' for name in table.columns)
    first = f'<th scope="col">{html(corner)}</th>' if corner else f"<td{' colspan=2' if has_side else ''}></td>"
    rows.append(f"<tr>{first}{heads}</tr>")
    for number, (name, cells) in enumerate(zip(table.rows, table.cells, strict=True)):
        side = ""
        if has_side and number == 0:
            side = f'<th class="axis side" rowspan="{len(table.rows)}">{html(table.row_axis)}</th>'
        told = "".join(_cell(table, number, place, text) for place, text in enumerate(cells))
        rows.append(f'<tr>{side}<th scope="row">{html(name)}</th>{told}</tr>')
    return f'<table class="quiz-table">{"".join(rows)}</table>'


def _cell(table: Table, row: int, column: int, text: str) -> str:
    if not table.outcomes:
        return f"<td>{html(text)}</td>"
    outcome = table.outcomes[row][column]
    return f'<td><span class="tag {outcome}">{outcome.upper()}</span> {html(text)}</td>'
