"""A registry as `reg export` writes it down, in place of the one of a running Windows."""

import re
from collections.abc import Iterator, Mapping

HIVES = {"HKEY_CURRENT_USER": "HKCU", "HKEY_LOCAL_MACHINE": "HKLM"}
_LINE = re.compile(r'(?:@|"((?:[^"\\]|\\.)*)")=(.*)', re.DOTALL)
_QWORD, _EXPANDED = "b", "2"


class Export:
    """The keys and values of one export, names in any case."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, dict[str, str | int]] = {}
        self._names: dict[str, dict[str, str]] = {}
        key = ""
        for line in _lines(text):
            if line.startswith("[") and line.endswith("]"):
                hive, _, path = line[1:-1].partition("\\")
                key = f"{HIVES[hive]}\\{path}" if hive in HIVES else ""
                self._add(key)
            elif key and (match := _LINE.fullmatch(line)):
                value = _value(match[2])
                if value is not None:
                    self._values[key.lower()][_unescaped(match[1] or "")] = value

    def values(self, key: str, /) -> Mapping[str, str | int]:
        return self._values.get(key.lower(), {})

    def keys(self, key: str, /) -> tuple[str, ...]:
        return tuple(self._names.get(key.lower(), {}).values())

    def _add(self, key: str) -> None:
        self._values.setdefault(key.lower(), {})
        while "\\" in key:
            key, _, name = key.rpartition("\\")
            self._names.setdefault(key.lower(), {}).setdefault(name.lower(), name)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines with those joined that end in a backslash, without comments."""
    whole = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.endswith("\\") and not line.startswith("["):
            whole += line[:-1]
            continue
        if not line.startswith(";"):
            yield whole + line
        whole = ""


def _value(written: str) -> str | int | None:
    if len(written) > 1 and written[0] == written[-1] == '"':
        return _unescaped(written[1:-1])
    kind, _, digits = written.partition(":")
    try:
        if kind == "dword":
            return int(digits, 16)
        data = bytes(int(byte, 16) for byte in digits.split(",") if byte)
    except ValueError:
        return None
    if kind == f"hex({_QWORD})":
        return int.from_bytes(data, "little")
    if kind == f"hex({_EXPANDED})":
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return None


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
