"""Owns what stands on a learning curve: its words wherever it is drawn, and the lines of a checkpoint's run."""

from ui import figures
from ui.checkpoint import Checkpoint
from ui.texts import t


def curve_words() -> figures.CurveWords:
    """What stands on a learning curve, in the session's language."""
    return figures.CurveWords(
        train=t("overview.curve.train"),
        validation=t("overview.curve.validation"),
        test=t("overview.curve.test"),
        accuracy=t("overview.curve.accuracy"),
        loss=t("overview.curve.loss"),
        epoch=t("overview.curve.epoch"),
        shown=t("overview.curve.shown"),
    )


def recorded_lines(checkpoint: Checkpoint) -> list[figures.CurveLine]:
    """Of a run from elsewhere: what its loop has said, and the test images; empty where there is one epoch only.

    Raises:
        StoreError: the history or the predictions cannot be read.
    """
    said, tested = checkpoint.recorded(), checkpoint.epoch_scores()
    if len(tested.epochs) < 2:
        return []
    test = figures.CurveLine("test", tested.epochs, tested.accuracy, tested.loss)
    if not said:
        return [test]
    train = figures.CurveLine(
        "train",
        [report.epoch for report in said],
        [report.train_accuracy for report in said],
        [report.train_loss for report in said],
    )
    return [train, test]
