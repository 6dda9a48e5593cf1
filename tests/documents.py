"""Owns where README is, and what is read of it and of other documents."""

import re

from scripts.project import ROOT

READMES = {"en": ROOT / "README.md", "ja": ROOT / "README.ja.md"}


def text(language: str) -> str:
    """README."""
    return READMES[language].read_text(encoding="utf-8")


def blocks(markdown: str, kind: str) -> list[str]:
    """What stands in the fenced blocks of one kind, such as ``sh``."""
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```$", markdown, re.MULTILINE | re.DOTALL)
