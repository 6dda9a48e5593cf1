"""Owns the JSON documents of `import`; other people's scripts read it, as those of `documents`."""

from mnistcore.console.documents import Document


class ImportFacts(Document):
    """What was recognised in a file of predictions and, where it was kept, the run."""

    rows: int
    truth: str  # columns
    predicted: str  # "" where the scores say it
    scores: list[str]
    are_logits: bool
    assumed: list[str]
    run_id: str | None = None
    accuracy: float | None = None


class MatrixFacts(Document):
    """What was recognised in a confusion matrix that came alone and, where it was kept, the run."""

    classes: list[str]
    images: int
    truth: str  # "rows" or "columns"; "" where it was not said
    assumed: list[str]
    run_id: str | None = None
    accuracy: float | None = None
