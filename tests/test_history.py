"""History: what one epoch reported, as JSON and back; older files that say less are still read."""

import json

import pytest

from mnistcore.errors import InputError
from mnistcore.runs import history
from mnistcore.runs.history import RecordedEpoch
from scripts.toys import toy_report


def test_what_was_written_is_read() -> None:
    reports = tuple(toy_report(epoch) for epoch in (1, 2, 3))
    assert history.from_json(history.to_json(reports)) == reports
    assert history.from_json(history.to_json(())) == ()


def test_a_file_from_before_there_were_parts_is_of_whole_epochs() -> None:
    records = json.loads(history.to_json([toy_report(1)]))
    del records[0]["share"]
    assert history.from_json(json.dumps(records).encode()) == (toy_report(1),)


def test_what_a_loop_has_said_is_read_with_its_gaps() -> None:
    said = (RecordedEpoch(1, train_loss=0.5), RecordedEpoch(2), RecordedEpoch(3, 0.1, 0.9))
    assert history.recorded_from_json(history.to_json(said)) == said
    assert history.recorded_from_json(b'[{"epoch": 1}]') == (RecordedEpoch(1),)
    for wrong in (b'[{"epoch": 2}]', b'[{"epoch": 1, "train_accuracy": 2}]', b'[{"epoch": 1, "seconds": 2}]'):
        with pytest.raises(InputError, match="history"):
            history.recorded_from_json(wrong)


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
