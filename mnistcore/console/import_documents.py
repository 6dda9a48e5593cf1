"""Owns the JSON document of `import`; other people's scripts read it, as those of `documents`."""

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
