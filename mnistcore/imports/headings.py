"""Owns what the headings of a table of predictions say: the true class, the predicted one, or scores of which class."""

import re
from collections.abc import Sequence
from typing import Final

_TRUTH = """true truth y_true ytrue label labels target targets true_label true_class actual ground_truth gt y
y_test ytest real class 正解 正解ラベル 正解クラス 正解値 ラベル 真値 実際"""
_PREDICTED = """pred y_pred ypred prediction predictions predicted predicted_label predicted_class y_hat yhat
guess output 予測 予測ラベル 予測クラス 予測結果 予測値 推定"""
WORDS: Final = {"truth": frozenset(_TRUTH.split()), "predicted": frozenset(_PREDICTED.split())}
SCORE: Final = re.compile(
    r"(?i)^(probabilities|probability|proba|prob|p|scores?|logits?|確率|スコア)"
    r"(?:[\s_\-.\[(]+|(?=\d)|(?<=[率ア]))(.+?)[\])]?$"
)
LOGITS: Final = re.compile(r"(?i)^logits?")


def meaning(name: str) -> str:
    """What a heading says: "truth", "predicted" or "score"; "" where it says nothing."""
    word = re.sub(r"[\s\-]+", "_", name.strip().lower())
    for said, words in WORDS.items():
        if word in words:
            return said
    return "score" if SCORE.match(name.strip()) else ""


def is_headed(names: Sequence[str]) -> bool:
    """Whether headings say where the true class is, and what was predicted."""
    meanings = [meaning(name) for name in names]
    return "truth" in meanings and ("predicted" in meanings or meanings.count("score") > 1)


def class_of(name: str) -> str:
    """Of which class the heading of scores tells."""
    return match[2].strip("_ ") if (match := SCORE.match(name)) else name
