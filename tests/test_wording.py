"""Counts before nouns: the right form for 0, 1, 2 and 1,000 of everything that a message counts."""

import pytest

from mnistcore.wording import plural


@pytest.mark.parametrize(
    ("noun", "several"),
    [
        ("image", "images"),
        ("epoch", "epochs"),
        ("step", "steps"),
        ("class", "classes"),
        ("batch", "batches"),
        ("axis", "axes"),
        ("process", "processes"),
        ("copy", "copies"),
        ("day", "days"),
        ("GPU", "GPUs"),
        ("training run", "training runs"),
        ("whole number", "whole numbers"),
    ],
)
def test_only_one_is_in_the_singular(noun: str, several: str) -> None:
    assert [plural(count, noun) for count in (0, 1, 2, 1000)] == [
        f"0 {several}",
        f"1 {noun}",
        f"2 {several}",
        f"1,000 {several}",
    ]
