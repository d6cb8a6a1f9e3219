"""ONNX files made by hand: the protocol buffers of onnx.proto3 that a network of one layer needs."""


def one_layer_network() -> bytes:
    """Return a valid network that cuts off what is below zero, with no output of a face detector."""
    node = _field(1, b"picture") + _field(2, b"positive") + _field(4, b"Relu")
    ends = _field(11, _value(b"picture")) + _field(12, _value(b"positive"))
    graph = _field(1, node) + _field(2, b"graph") + ends
    version, operators = _number(1, 7), _field(8, _number(2, 11))
    return version + _field(7, graph) + operators


def _value(name: bytes) -> bytes:
    """Return a ValueInfoProto: float32, one colour picture of 640x640."""
    shape = b"".join(_field(1, _number(1, size)) for size in (1, 3, 640, 640))
    return _field(1, name) + _field(2, _field(1, _number(1, 1) + _field(2, shape)))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
