"""ui.parameters and those that the pages declare: what an address can say, and what each text of it means."""

from typing import Any

import pytest

from ui.navigation import OF_CHECKPOINT, PAGES, PARAMETERS
from ui.parameters import Parameter, Problem, Unusable, among, choice, is_index

# What links that people have passed on say: names and defaults stay for ever. (Without a class or region, that of the
# chosen cell is meant; without one, class 0 and its false negatives, as ever.)
ADDRESS = {
    "lang": "", "run": "", "epoch": "", "cell": "", "show": "count", "scale": "sqrt", "diagonal": "shown",
    "axes": "rows", "class": "", "region": "", "metric": "recall", "answer": "shown", "view": "matrix", "way": "truth",
    "threshold": "0.5", "price": "1", "present": "0", "truth": "all", "predicted": "all", "confidence": "0-100",
    "sort": "confidence", "size": "100", "page": "1", "image": "", "job": "", "form": "", "lesson": "", "guess": "",
    "seed": "1", "question": "1", "given": "", "predict": "0", "counts": "", "matrix": "", "drawn": "", "dice": "",
    "labels": "voted", "bring": "file", "order": "given", "top": "", "zoom": "fit", "find": "none",
}  # fmt: skip


def test_every_parameter_of_an_old_link_is_there_with_its_default() -> None:
    assert {parameter.name: parameter.default for parameter in PARAMETERS} == ADDRESS


def test_no_parameter_is_declared_twice() -> None:
    assert len({parameter.name for parameter in PARAMETERS}) == len(PARAMETERS)


def test_what_is_reset_is_a_parameter_itself() -> None:
    known = set(map(id, PARAMETERS))
    for parameter in PARAMETERS:
        assert {id(other) for other in parameter.resets} <= known


def test_only_pages_about_a_checkpoint_read_against_one() -> None:
    others = {parameter.name for info in PAGES.values() if not info.needs_checkpoint for parameter in info.parameters}
    assert not others & {parameter.name for parameter in OF_CHECKPOINT}


def refused(parameter: Parameter[Any, Any], text: str, context: object) -> Unusable:
    with pytest.raises(Unusable) as caught:
        parameter.read(text, context)
    return caught.value


COLOUR = choice("colour", among("red", "green"), default="green")
LETTER = choice("letter", lambda count: {"abc"[place]: place for place in range(count)}, default="c")


def test_a_choice_means_what_its_option_stands_for() -> None:
    assert COLOUR.read("red", None) == "red"
    assert LETTER.read("b", 2) == 1


def test_another_text_is_refused_with_what_would_be_possible() -> None:
    wrong = refused(COLOUR, "blue", None)
    (problem,) = wrong.problems
    assert problem.key == "problem.unknown_value"
    assert problem.values == {"parameter": "colour", "value": "blue", "options": "red, green", "shown": "green"}
    assert wrong.instead == "green"


def test_where_the_default_is_no_option_the_first_one_counts() -> None:
    assert refused(LETTER, "c", 2).instead == "a"
    assert LETTER.read("c", 3) == 2


def test_of_many_options_some_are_named() -> None:
    many = choice("many", among(*map(str, range(100))), default="0")
    (problem,) = refused(many, "x", None).problems
    assert str(problem.values["options"]).endswith("10, 11")


def test_several_things_can_be_wrong_with_one_text() -> None:
    wrong = Unusable(Problem("a", value=1), Problem("b"))
    assert [problem.key for problem in wrong.problems] == ["a", "b"]
    assert wrong.instead is None


@pytest.mark.parametrize(("text", "fits"), [("0", True), ("9", True), ("10", False), ("", False), ("-1", False),
    ("٣", False), ("²", False), ("9" * 5000, False), ("1e0", False)])  # fmt: skip
def test_an_index_is_a_number_below_the_total(text: str, fits: bool) -> None:
    assert is_index(text, 10) is fits
