"""mnistcore.evaluation.pasted: matrices as people copy them, and what is said of texts that are none."""

import numpy as np
import pytest

from mnistcore.evaluation.pasted import PasteError, format_matrix, parse_matrix


@pytest.mark.parametrize(
    "text",
    [
        "[[1005, 1], [2, 3]]",
        "1005,1\n2,3",
        "1005 1;2 3",
        "1005.0 1.0\n2.0 3.0",
        "array([[1005,    1],\n       [   2,    3]], dtype=int64)",
        "{{1005, 1}, {2, 3}}",
        "\tcat\tfire engine\ncat\t1,005\t1\nfire engine\t2\t3",  # from a spreadsheet
        "\t0\t1\n0\t1,005\t1\n1\t2\t3",
        "true 0 1\n0 1005 1\n1 2 3",
        "   0  1\n0  1005  1\n1  2  3",
        "| | a | b |\n|---|---|---|\n| a | 1,005 | 1 |\n| b | 2 | 3 |",
        "cat dog\n1005 1\n2 3",
        "cat 1005 1\ndog 2 3",
        "cat dog sum\n1005 1 1006\n2 3 5\n1007 4 1011",
        "\uff11\uff10\uff10\uff15\u3000\uff11\n\uff12\u3001\uff13",  # full-width digits, as a Japanese keyboard gives
        "1005 1/2 3",
    ],
)
def test_a_matrix_is_read_however_it_was_copied(text: str) -> None:
    assert parse_matrix(text).tolist() == [[1005, 1], [2, 3]]


@pytest.mark.parametrize(
    ("text", "reason", "details"),
    [
        ("", "empty", {}),
        ("no numbers here", "empty", {}),
        ("5 1\n0.5 4", "number", {"found": "0.5"}),
        ("5 -1\n0 4", "number", {"found": "-1"}),
        ("5 1\n0", "ragged", {"first": "2", "row": "2", "other": "1"}),
        ("5 1 2\n0 4 3", "square", {"rows": "2", "columns": "3"}),
        ("7", "square", {"rows": "1", "columns": "1"}),
        ("1 2\n3 99999999999999999999", "large", {"most": "1,000,000,000", "classes": "20"}),
        ("\n".join([" ".join(["2"] * 21)] * 21), "large", {"most": "1,000,000,000", "classes": "20"}),
    ],
)
def test_a_text_that_is_no_matrix_is_told_why(text: str, reason: str, details: dict[str, str]) -> None:
    with pytest.raises(PasteError) as error:
        parse_matrix(text)
    assert (error.value.reason, error.value.details) == (reason, details)


def test_a_matrix_comes_back_from_the_url() -> None:
    matrix = np.arange(9).reshape(3, 3)
    assert parse_matrix(format_matrix(matrix)).tolist() == matrix.tolist()
