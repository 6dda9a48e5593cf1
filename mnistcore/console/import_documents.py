"""Owns the JSON documents of `import` and `export`; other people's scripts read it, as those of `documents`."""

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


class ArchiveFacts(Document):
    """What the zip of a run says of itself, and whether it was taken in."""

    run_id: str
    accuracy: float | None
    origin: str
    is_new: bool | None  # None where it was only looked at; False where the very same run was there already


class CheckpointFacts(Document):
    """What is in a checkpoint that was only looked at."""

    format: str
    network: str  # one of ours, or the class that was named; "" where it is neither
    matched: str
    tensors: dict[str, list[int]]  # name -> shape
    parameters: int
    classes: int | None
    assumed: list[str]


class OnnxFileFacts(Document):
    """What an ONNX file says of itself."""

    producer: str
    opset: int
    inputs: dict[str, list[int | None]]  # name -> shape; null: any length
    outputs: dict[str, list[int | None]]
    operators: list[str]


class ModelFacts(Document):
    """The run that a model has become."""

    run_id: str
    accuracy: float | None
    model: str
    dataset: str
    assumed: list[str]
    is_new: bool


class ExportedRun(Document):
    """The document of `export`."""

    run_id: str
    file: str
    size_bytes: int
