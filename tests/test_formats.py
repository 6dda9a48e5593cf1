"""Formats: what a file is, is told by what is in it; what is refused says what to do instead, whatever it is called."""

import io
import pickle
import zipfile
from pathlib import Path

import pytest

from mnistcore.errors import InputError
from mnistcore.imports import columns as columns_of
from mnistcore.imports import formats, tables


def zipped(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, b"anything")
    return target.getvalue()


HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(90)
KINDS = [
    (b"label,prediction\n1,1\n", ".csv", "table"),
    (b"PAR1" + bytes(90), ".PARQUET", "table"),
    (zipped("labels.npy", "probabilities.npy"), ".npz", "table"),
    (zipped("labels.npy", "probabilities.npy"), ".zip", "table"),
    (zipped("mnist_cnn/data.pkl", "mnist_cnn/data/0", "mnist_cnn/version"), ".pt", "checkpoint"),
    (zipped("archive/data.pkl", "archive/data/0"), ".anything", "checkpoint"),
    (bytes.fromhex("80028a0a6cfc9c46f9206aa850192e80024de903"), ".pth", "checkpoint"),
    (b"\x40\0\0\0\0\0\0\0{}", ".safetensors", "checkpoint"),
    (b"\x08\x08\x12\x07pytorch", ".onnx", "onnx"),
    (zipped("mnist-mlp-00000000/run.json"), ".zip", "run"),
]
REFUSED = [
    (b"anything", ".pkl", "pickle"),
    (b"anything", ".joblib", "pickle"),
    (pickle.dumps({"weights": [1.0]}), ".pt", "pickle"),
    (pickle.dumps([1.0], protocol=2), ".csv", "pickle"),
    (HDF5, ".h5", "Keras"),
    (HDF5, ".pt", "HDF5"),
    (b"anything", ".keras", "Keras"),
    (zipped("config.json", "metadata.json", "model.weights.h5"), ".zip", "Keras"),
    (zipped("net/data.pkl", "net/constants.pkl", "net/code/__torch__.py"), ".pt", "TorchScript"),
    (zipped("net/archive_format", "net/models/model.json"), ".pt", "exported programs"),
    (b"anything", ".pt2", "exported programs"),
    (b"anything", ".docx", "no ending|.docx"),
    (b"anything", "", "no ending"),
]


@pytest.mark.parametrize(("data", "suffix", "kind"), KINDS)
def test_a_file_is_told_by_its_content(data: bytes, suffix: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(data)
    assert formats.kind_of(path) == kind == formats.kind_of_bytes(data, suffix)


@pytest.mark.parametrize(("data", "suffix", "told"), REFUSED)
def test_what_is_refused_says_what_to_do_instead(data: bytes, suffix: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as raised:
        formats.kind_of_bytes(data, suffix)
    assert str(raised.value).endswith(formats.INSTEAD)
    assert formats.INSTEAD.count("\n  ") == 2


def test_the_two_lines_make_a_file_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    class Model:
        def predict(self, images: np.ndarray) -> np.ndarray:
            return np.eye(3)[images]

    monkeypatch.chdir(tmp_path)
    lines = [line.strip() for line in formats.INSTEAD.splitlines()[1:]]
    exec("\n".join(lines), {"labels": np.array([0, 1, 2, 1]), "images": np.array([0, 1, 2, 2]), "model": Model()})
    assert formats.kind_of(Path("predictions.npz")) == "table"
    table = tables.read_table(Path("predictions.npz").read_bytes(), ".npz")
    columns = columns_of.guess_columns(table)
    assert (columns.truth, len(columns.scores), columns.are_logits) == ("labels", 3, False)


@pytest.mark.parametrize("text", ["ImageId,Label\n1,2\n2,0\n", "id,prediction\n1,2\n2,0\n"])
def test_a_submission_without_the_truth_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="without the truth") as raised:
        columns_of.guess_columns(tables.read_table(text.encode(), ".csv"))
    assert str(raised.value).endswith(formats.INSTEAD)


def test_a_zip_that_is_none_of_these_is_refused(tmp_path: Path) -> None:
    for data in (zipped("cat/1.png", "dog/2.png"), zipped(), zipped("run.json")[:-20], b"no zip"):
        with pytest.raises(InputError, match="expected (the zip of a run|a whole zip|a zip)"):
            formats.kind_of_bytes(data, ".zip")
    for path in (tmp_path, tmp_path / "nothing.csv"):
        with pytest.raises(InputError, match="can be read"):
            formats.kind_of(path)
