"""Owns the part that nobody sees until a technical word is pointed at: it shows what the word means, at the word."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ui.components import mount


@dataclass(frozen=True, slots=True)
class TermWords:
    """What is shown of a term, in the reader's language."""

    title: str
    text: str
    formula: str  # "" where there is none


def explain_terms(terms: Mapping[str, TermWords], *, more: str, page: str) -> None:
    """To be drawn once on each page; whatever has the attribute ``data-term``, in any part, explains itself.

    Args:
        terms: the value of ``data-term`` -> what is shown.
        more: what the link to the ``page`` is called on which each term stands, under the id ``term-NAME``.
    """
    view = {"terms": {name: asdict(words) for name, words in terms.items()}, "more": more, "page": page}
    mount("terms", key="terms", data={"view": view}, on={})
