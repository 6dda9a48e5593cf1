"""Owns small ONNX files for tests, written byte by byte as the protocol buffer has it: no library makes them."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

_TYPES = {"float32": 1, "int64": 7, "bool": 9, "float64": 11}


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def message(field: int, data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def tensor(name: str, array: np.ndarray) -> bytes:
    dims = b"".join(number(1, side) for side in array.shape)
    return dims + number(2, _TYPES[str(array.dtype)]) + message(8, name) + message(9, array.tobytes())


def external(name: str) -> bytes:
    """A tensor whose numbers are said to be in another file."""
    entry = message(1, "location") + message(2, "../../../etc/passwd")
    return number(1, 10) + number(2, 1) + message(8, name) + message(13, entry) + number(14, 1)


def value(name: str, sides: Sequence[int | str] | None, dtype: str = "float32") -> bytes:
    shape = b"".join(message(1, number(1, side) if isinstance(side, int) else message(2, side)) for side in sides or ())
    kind = number(1, _TYPES[dtype]) + (b"" if sides is None else message(2, shape))
    return message(1, name) + message(2, message(1, kind))


def attribute(name: str, what: Any) -> bytes:
    if isinstance(what, int):
        return message(1, name) + number(3, what) + number(20, 2)
    if isinstance(what, float):
        return message(1, name) + varint(2 << 3 | 5) + struct.pack("<f", what) + number(20, 1)
    return message(1, name) + message(6, what) + number(20, 5)  # a graph


def node(operator: str, inputs: Iterable[str], outputs: Iterable[str], domain: str = "", **attributes: Any) -> bytes:
    out = b"".join(message(1, each) for each in inputs) + b"".join(message(2, each) for each in outputs)
    out += message(4, operator) + b"".join(message(5, attribute(name, what)) for name, what in attributes.items())
    return out + (message(7, domain) if domain else b"")


def graph(
    nodes: Iterable[bytes], inputs: Iterable[bytes], outputs: Iterable[bytes], weights: Iterable[bytes] = ()
) -> bytes:
    out = b"".join(message(1, each) for each in nodes) + message(2, "toy")
    out += b"".join(message(5, each) for each in weights) + b"".join(message(11, each) for each in inputs)
    return out + b"".join(message(12, each) for each in outputs)


def model(whole: bytes, *, functions: Iterable[bytes] = (), domains: Mapping[str, int] | None = None) -> bytes:
    opsets = {"": 17} | dict(domains or {})
    out = number(1, 8) + message(2, "toys") + message(7, whole)
    for domain, version in opsets.items():
        out += message(8, (message(1, domain) if domain else b"") + number(2, version))
    return out + b"".join(message(25, each) for each in functions)


def classifier(
    weights: np.ndarray, *, sides: Sequence[int | str], last: str = "Identity", dtype: str = "float32"
) -> bytes:
    """Rows of pixels times weights (D, C), then an operator: of images of any arrangement."""
    first = [node("Flatten", ["x"], ["rows"], axis=1)]
    nodes = [*first, node("MatMul", ["rows", "w"], ["sums"]), node(last, ["sums"], ["y"])]
    out = ("N", weights.shape[1])
    return model(
        graph(nodes, [value("x", sides, dtype)], [value("y", out, dtype)], [tensor("w", weights.astype(dtype))])
    )


def looping(turns: int) -> bytes:
    """Images go round a loop, and nothing ends it before so many turns."""
    body = graph(
        [node("Identity", ["go"], ["on"]), node("Add", ["v", "v"], ["v2"])],
        [value("i", (), "int64"), value("go", (), "bool"), value("v", None)],
        [value("on", (), "bool"), value("v2", None)],
    )
    nodes = [node("Flatten", ["x"], ["rows"], axis=1), node("Loop", ["turns", "yes", "rows"], ["y"], body=body)]
    weights = [tensor("turns", np.array(turns)), tensor("yes", np.array(True))]
    return model(graph(nodes, [value("x", ("N", 1, 28, 28))], [value("y", ("N", 784))], weights))
