"""History: what one epoch reported, as JSON and back; older files that say less are still read."""

import json

import pytest

from mnistcore.errors import InputError
from mnistcore.runs import history
from scripts.toys import toy_report


def test_what_was_written_is_read() -> None:
    reports = tuple(toy_report(epoch) for epoch in (1, 2, 3))
    assert history.from_json(history.to_json(reports)) == reports
    assert history.from_json(history.to_json(())) == ()


def test_a_file_from_before_there_were_parts_is_of_whole_epochs() -> None:
    records = json.loads(history.to_json([toy_report(1)]))
    del records[0]["share"]
    assert history.from_json(json.dumps(records).encode()) == (toy_report(1),)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "history"),
        (b"{}", "history"),
        (b'[{"epoch": 1}]', "0.train_loss"),
        (json.dumps([{**json.loads(history.to_json([toy_report(1)]))[0], "more": 1}]).encode(), "0.more"),
        (json.dumps([json.loads(history.to_json([toy_report(1)]))[0]] * 2).encode(), "1, 2, 3"),
    ],
)
def test_anything_else_is_refused_with_the_place(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        history.from_json(data)
