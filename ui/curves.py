"""Owns the words that stand on a learning curve, wherever it is drawn."""

from ui import figures
from ui.texts import t


def curve_words() -> figures.CurveWords:
    """What stands on a learning curve, in the session's language."""
    return figures.CurveWords(
        train=t("overview.curve.train"),
        validation=t("overview.curve.validation"),
        accuracy=t("overview.curve.accuracy"),
        loss=t("overview.curve.loss"),
        epoch=t("overview.curve.epoch"),
        shown=t("overview.curve.shown"),
    )
