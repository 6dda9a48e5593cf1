"""ui.labels: whatever a name is, its label is one line of signs that every format takes, and no two look alike."""

import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui import labels

anything = st.text(st.characters(exclude_categories=()), max_size=30) | st.sampled_from(
    ["cat", "cat ", "c​at", "cat (0)", "cat (1)", "\x00", "", "ｃａｔ", "\ud800", "￾", "a\r\nb", "=1", "\t@"]
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(anything, max_size=12))
def test_no_two_labels_look_alike(names: list[str]) -> None:
    found = labels.unique(range(len(names)), names.__getitem__)
    assert list(found) == list(range(len(names)))
    looks = [unicodedata.normalize("NFKC", label).replace("‌", "").replace("‍", "") for label in found.values()]
    assert len(set(looks)) == len(names)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(anything)
def test_a_label_is_one_line_of_signs_that_every_format_takes(name: str) -> None:
    label = labels.short(name)
    assert 0 < len(label) <= labels.LONGEST
    assert len(label.splitlines()) == 1
    assert label == label.strip()
    label.encode("utf-8")
    escaped = label.replace("&", "&amp;").replace("<", "&lt;")
    ElementTree.fromstring(f"<a>{escaped}</a>")
    assert labels.plain(label) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("T-shirt/top", "T-shirt/top"),
        ("数字 3", "数字 3"),
        ("a\r\nb\tc", "a b c"),
        ("a‮b", "ab"),
        ("\x1b[31mred", "[31mred"),
        ("\x00", labels.NAMELESS),
        ("👩‍🔬", "👩‍🔬"),
        ("x" * 3000, "x" * 39 + "…"),
    ],
)
def test_what_is_left_of_a_name(name: str, label: str) -> None:
    assert labels.short(name) == label


def test_further_names_are_added_where_they_are_needed_only() -> None:
    found = labels.unique(
        ["a", "b", "c", "d"],
        {"a": "one", "b": "two", "c": "two", "d": "two"}.__getitem__,
        {"a": "May", "b": "May", "c": "June", "d": "June"}.__getitem__,
        str.upper,
    )
    assert list(found.values()) == ["one", "two (May)", "two (June) (C)", "two (June) (D)"]
