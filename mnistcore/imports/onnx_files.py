"""Owns reading what an ONNX file says of itself, without running or building anything: inputs, outputs, operators.

The file is a protocol buffer, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the numbers of its fields stand
here under their names. Refused are weights in other files, and operators that ONNX itself does not define.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mnistcore.errors import InputError, printable, shortened

MOST_NODES: Final = 100_000
MOST_FIELDS: Final = 2_000_000  # of all messages: each takes a little of time and memory, and two bytes of a file
_MOST_DEPTH = 20  # of graphs in nodes of graphs
_STANDARD = ("", "ai.onnx", "ai.onnx.ml")
_LONGEST = 60

# Message -> field -> number. A tensor's own numbers are passed over.
_MODEL = {"producer": 2, "graph": 7, "opsets": 8, "functions": 25}
_OPSET = {"domain": 1, "version": 2}
_GRAPH = {"nodes": 1, "initializers": 5, "inputs": 11, "outputs": 12, "sparse": 15}
_FUNCTION = {"name": 1, "nodes": 7, "domain": 10}
_NODE = {"operator": 4, "attributes": 5, "domain": 7}
_ATTRIBUTE = {"tensor": 5, "graph": 6, "tensors": 10, "graphs": 11, "sparse": 22, "sparses": 23}
_SPARSE = {"values": 1, "indices": 2}
_TENSOR = {"name": 8, "external": 13, "location": 14}
_VALUE = {"name": 1, "type": 2}
_EXTERNAL = 1  # a tensor's location

Field = int | memoryview  # a number, or the bytes of a message or text
Dimensions = tuple[int | None, ...]  # None: any


@dataclass(frozen=True)
class OnnxFacts:
    """What an ONNX file says of itself.

    Attributes:
        producer: what has written it.
        opset: version of ONNX's own operators.
        inputs: name -> shape, None for a side that may have any length; without the weights.
        outputs: likewise.
        operators: the kinds of its nodes, sorted.
    """

    producer: str
    opset: int
    inputs: dict[str, Dimensions]
    outputs: dict[str, Dimensions]
    operators: tuple[str, ...]


@dataclass
class _Seen:
    """What was found in the nodes so far."""

    count: int = 0
    fields: int = 0
    operators: set[str] = field(default_factory=set)
    own: set[tuple[str, str]] = field(default_factory=set)  # functions that the file itself defines


def facts(data: bytes) -> OnnxFacts:
    """What the bytes of an ONNX file say.

    Raises:
        InputError: they are none, keep weights elsewhere, or need operators of somebody's own.
    """
    try:
        return _facts(memoryview(data))
    except (IndexError, ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"file: expected an ONNX file, got bytes that cannot be read as that: {error}") from error


def _facts(data: memoryview) -> OnnxFacts:
    seen = _Seen()
    model = _parts(data, seen)
    graph = _message(model, _MODEL["graph"])
    if graph is None:
        raise InputError("file: expected an ONNX file with a network in it, got none")
    functions = [_parts(_bytes(each), seen) for each in model.get(_MODEL["functions"], [])]
    seen.own = {(_text(each, _FUNCTION["domain"]), _text(each, _FUNCTION["name"])) for each in functions}
    for function in functions:
        _check_nodes(function, _FUNCTION["nodes"], seen, depth=0)
    parts = _parts(graph, seen)
    _check_graph(parts, seen, depth=0)
    weights = {_text(_parts(_bytes(each), seen), _TENSOR["name"]) for each in parts.get(_GRAPH["initializers"], [])}
    opsets = [_parts(_bytes(each), seen) for each in model.get(_MODEL["opsets"], [])]
    versions = [_number(each, _OPSET["version"]) for each in opsets if _text(each, _OPSET["domain"]) in _STANDARD[:2]]
    inputs = _values(parts, _GRAPH["inputs"], seen)
    return OnnxFacts(
        producer=_text(model, _MODEL["producer"]),
        opset=max(versions, default=0),
        inputs={name: shape for name, shape in inputs.items() if name not in weights},
        outputs=_values(parts, _GRAPH["outputs"], seen),
        operators=tuple(sorted(seen.operators)),
    )


# ---------------------------------------------------------------- what is refused


def _check_graph(graph: dict[int, list[Field]], seen: _Seen, *, depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise InputError(f"file: expected at most {_MOST_DEPTH} graphs in each other, got more")
    for tensor in graph.get(_GRAPH["initializers"], []):
        _check_tensor(_bytes(tensor), seen)
    for sparse in graph.get(_GRAPH["sparse"], []):
        _check_sparse(_bytes(sparse), seen)
    _check_nodes(graph, _GRAPH["nodes"], seen, depth=depth)


def _check_nodes(parts: dict[int, list[Field]], number: int, seen: _Seen, *, depth: int) -> None:
    for each in parts.get(number, []):
        node = _parts(_bytes(each), seen)
        domain, operator = _text(node, _NODE["domain"]), _text(node, _NODE["operator"])
        if domain not in _STANDARD and (domain, operator) not in seen.own:
            raise InputError(
                f"file: expected only operators of ONNX itself, got {operator or 'one without a name'} of {domain}, "
                "which would need somebody's own code"
            )
        seen.count += 1
        seen.operators.add(operator)
        if seen.count > MOST_NODES:
            raise InputError(f"file: expected at most {MOST_NODES:,} operators, got more")
        for attribute in node.get(_NODE["attributes"], []):
            _check_attribute(_parts(_bytes(attribute), seen), seen, depth=depth)


def _check_attribute(attribute: dict[int, list[Field]], seen: _Seen, *, depth: int) -> None:
    for name in ("tensor", "tensors"):
        for each in attribute.get(_ATTRIBUTE[name], []):
            _check_tensor(_bytes(each), seen)
    for name in ("sparse", "sparses"):
        for each in attribute.get(_ATTRIBUTE[name], []):
            _check_sparse(_bytes(each), seen)
    for name in ("graph", "graphs"):
        for each in attribute.get(_ATTRIBUTE[name], []):
            _check_graph(_parts(_bytes(each), seen), seen, depth=depth + 1)


def _check_sparse(data: memoryview, seen: _Seen) -> None:
    sparse = _parts(data, seen)
    for name in ("values", "indices"):
        for each in sparse.get(_SPARSE[name], []):
            _check_tensor(_bytes(each), seen)


def _check_tensor(data: memoryview, seen: _Seen) -> None:
    tensor = _parts(data, seen)
    if tensor.get(_TENSOR["external"]) or _number(tensor, _TENSOR["location"]) == _EXTERNAL:
        raise InputError(
            f"file: expected all weights in the file, got {_text(tensor, _TENSOR['name']) or 'one'} in another: "
            "torch.onnx.export(..., external_data=False) writes one file"
        )


# ---------------------------------------------------------------- the protocol buffer


def _parts(data: memoryview, seen: _Seen) -> dict[int, list[Field]]:
    """The fields of a message, by their numbers."""
    found: dict[int, list[Field]] = {}
    for number, value in _fields(data):
        seen.fields += 1
        if seen.fields > MOST_FIELDS:
            raise InputError(f"file: expected at most {MOST_FIELDS:,} fields, got more")
        found.setdefault(number, []).append(value)
    return found


def _fields(data: memoryview) -> Iterator[tuple[int, Field]]:
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, form = key >> 3, key & 7
        if form == 0:
            value, place = _varint(data, place)
            yield number, value
            continue
        if form == 2:
            length, place = _varint(data, place)
        elif form in (1, 5):
            length = 8 if form == 1 else 4
        else:
            raise ValueError(f"field {number} has the unknown form {form}")
        if place + length > len(data) or number == 0:
            raise ValueError("it ends too early")
        yield number, data[place : place + length]
        place += length


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number is too long")


def _bytes(value: Field) -> memoryview:
    if isinstance(value, int):
        raise TypeError("expected a message, got a number")
    return value


def _message(parts: dict[int, list[Field]], number: int) -> memoryview | None:
    found = parts.get(number)
    return _bytes(found[-1]) if found else None


def _number(parts: dict[int, list[Field]], number: int) -> int:
    found = parts.get(number, [0])[-1]
    if not isinstance(found, int):
        raise TypeError("expected a number, got a message")
    return found


def _text(parts: dict[int, list[Field]], number: int) -> str:
    found = _message(parts, number)
    return (
        "" if found is None else printable(shortened(bytes(found[: 4 * _LONGEST]).decode(errors="replace"), _LONGEST))
    )


def _values(graph: dict[int, list[Field]], number: int, seen: _Seen) -> dict[str, Dimensions]:
    """Inputs or outputs: name -> shape, as TypeProto.Tensor.TensorShapeProto.Dimension has it."""
    found: dict[str, Dimensions] = {}
    for each in graph.get(number, []):
        value = _parts(_bytes(each), seen)
        tensor = _message(_parts(_message(value, _VALUE["type"]) or memoryview(b""), seen), 1)
        shape = _message(_parts(tensor or memoryview(b""), seen), 2)
        sides = [_parts(_bytes(side), seen) for side in _parts(shape or memoryview(b""), seen).get(1, [])]
        found[_text(value, _VALUE["name"])] = tuple(_number(side, 1) if 1 in side else None for side in sides)
    return found
