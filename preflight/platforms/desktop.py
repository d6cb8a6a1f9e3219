"""Desktop entries: which programs a Linux desktop knows, and which of them opens a kind of link.

Sources: freedesktop.org's Desktop Entry Specification 1.5, MIME Applications
Associations 1.0 and Base Directory Specification 0.8.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from preflight.platforms import files

ENTRY_GROUP = "Desktop Entry"
DEPTH = 4
"""Folders below `applications` that are looked into: KDE's and Wine's entries lie one or two deep."""
EXPORTS = (
    "~/.local/share/flatpak/exports/share",
    "/var/lib/flatpak/exports/share",
    "/var/lib/snapd/desktop",
)
"""Where flatpak and snap put their entries; XDG_DATA_DIRS names them in a login session only."""
_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_FIELD_CODES = frozenset("fFuUdDnNickvm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One desktop entry that is not hidden."""

    id: str
    path: str
    name: str
    command: tuple[str, ...]
    """`Exec` without its field codes; empty when it is missing or malformed."""
    try_exec: str
    types: frozenset[str]
    """The MIME types it claims, "x-scheme-handler/https" among them."""
    terminal: bool


def parse_key_file(text: str) -> dict[str, dict[str, str]]:
    """Return the keys of each group of a file in the key file format; the first of each name counts."""
    read: dict[str, dict[str, str]] = {}
    group: dict[str, str] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            group = read.setdefault(line[1:-1], {})
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            group.setdefault(key.strip(), value.strip())
    return read


def parse_entry(text: str) -> dict[str, str] | None:
    """Return the keys of a desktop entry for an application; None if it is none."""
    keys = parse_key_file(text).get(ENTRY_GROUP)
    return keys if keys is not None and keys.get("Type") == "Application" else None


def unescape(value: str) -> str:
    r"""Return a value of type string with \s \n \t \r and \\ replaced."""
    parts = iter(value)
    return "".join(
        _ESCAPES.get(after, "\\" + after) if part == "\\" and (after := next(parts, "")) else part
        for part in parts
    )


def parse_command(value: str) -> tuple[str, ...]:
    """Return the words of an `Exec` key without its field codes; nothing if a quote is left open."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    characters = iter(unescape(value))
    for character in characters:
        if quoted and character == "\\":
            word = (word or "") + next(characters, "")
        elif character == '"':
            quoted, word = not quoted, word or ""
        elif character in " \t\n" and not quoted:
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + character
    if quoted:
        return ()
    words += [word] if word is not None else []
    return tuple(_without_field_codes(word) for word in words if not _is_field_code(word))


def _is_field_code(word: str) -> bool:
    return len(word) == 2 and word[0] == "%" and word[1] in _FIELD_CODES  # noqa: PLR2004 - "%" and its letter


def _without_field_codes(word: str) -> str:
    parts = word.split("%%")
    for code in _FIELD_CODES:
        parts = [part.replace(f"%{code}", "") for part in parts]
    return "%".join(parts)


@dataclass(frozen=True, slots=True)
class Desktop:
    """The entries and associations below a root folder, for one person's environment."""

    root: Path
    environ: Mapping[str, str]
    home: str

    def data_folders(self) -> tuple[str, ...]:
        """Return the folders of shared data, the most important first."""
        own = self.environ.get("XDG_DATA_HOME") or f"{self.home}/.local/share"
        shared = self.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        exports = (folder.replace("~", self.home, 1) for folder in EXPORTS)
        return _absolute_folders(own, *shared.split(":"), *exports)

    def configuration_folders(self) -> tuple[str, ...]:
        """Return the folders of configuration, the most important first."""
        own = self.environ.get("XDG_CONFIG_HOME") or f"{self.home}/.config"
        shared = self.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        return _absolute_folders(own, *shared.split(":"))

    def entries(self) -> dict[str, Entry]:
        """Return every entry by its id: the first of an id counts, even where it says it is hidden."""
        found: dict[str, Entry | None] = {}
        for folder in self.data_folders():
            for path in self._entry_files(f"{folder}/applications", DEPTH):
                name = path.removeprefix(f"{folder}/applications/").replace("/", "-")
                if name not in found:
                    found[name] = self._read_entry(name, path)
        return {name: entry for name, entry in found.items() if entry is not None}

    def default_entry(self, kind: str, known: Mapping[str, Entry]) -> Entry | None:
        """Return the entry, of those given, that opens a MIME type.

        The first that is usable of what mimeapps.list names, else of those that claim the type.
        """
        lists = [
            parse_key_file(files.read_text(self._path_below_root(path))) for path in self._association_files()
        ]
        for file in lists:
            for name in _split_list(file.get("Default Applications", {}).get(kind, "")):
                if name in known:
                    return known[name]
        removed: set[str] = set()
        for file in lists:
            for name in _split_list(file.get("Added Associations", {}).get(kind, "")):
                if name in known and name not in removed:
                    return known[name]
            removed.update(_split_list(file.get("Removed Associations", {}).get(kind, "")))
        claims = (entry for entry in known.values() if kind in entry.types and entry.id not in removed)
        return next(claims, None)

    def _association_files(self) -> Iterator[str]:
        desktops = self.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")[:8]
        names = [*(f"{name}-mimeapps.list" for name in desktops if name.isidentifier()), "mimeapps.list"]
        for folder in (
            *self.configuration_folders(),
            *(f"{folder}/applications" for folder in self.data_folders()),
        ):
            for name in names:
                yield f"{folder}/{name}"

    def _path_below_root(self, path: str) -> Path:
        return files.path_inside(self.root, path)

    def _entry_files(self, folder: str, depth: int) -> Iterator[str]:
        for name in files.list_folder(self._path_below_root(folder)):
            if name.endswith(".desktop"):
                yield f"{folder}/{name}"
            elif depth and "." not in name and self._path_below_root(f"{folder}/{name}").is_dir():
                yield from self._entry_files(f"{folder}/{name}", depth - 1)

    def _read_entry(self, name: str, path: str) -> Entry | None:
        keys = parse_entry(files.read_text(self._path_below_root(path)))
        if keys is None or keys.get("Hidden", "").lower() == "true":
            return None
        return Entry(
            id=name,
            path=path,
            name=unescape(keys.get("Name", ""))[:200],
            command=parse_command(keys.get("Exec", "")),
            try_exec=unescape(keys.get("TryExec", "")),
            types=frozenset(_split_list(keys.get("MimeType", ""))),
            terminal=keys.get("Terminal", "").lower() == "true",
        )


def _absolute_folders(*paths: str) -> tuple[str, ...]:
    """Return the absolute ones, each once; the specification bids to ignore the others."""
    return tuple(dict.fromkeys(path.rstrip("/") or "/" for path in paths if path.startswith("/")))


def _split_list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";")[:1000] if part.strip())
