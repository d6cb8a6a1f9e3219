"""What others may write, broken in any way, and how long is spent on it."""

import copy
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

NOT_RECORDINGS = {
    "empty": b"",
    "text": b"Dear Sir or Madam, " * 1000,
    "noise": bytes(range(256)) * 64,
    "truncated JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb",
    "truncated WAV": b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\x00\x00\x00\x01\x00",
    "broken JSON": b'{"source": "network", "version": 1, "captures": {',
    "other JSON": b'{"hello": [1, 2, 3]}',
    "deep JSON": b"[" * 100_000,
}
"""What no source takes for a recording."""

LINES = st.text(
    alphabet=st.sampled_from('[]=;:#%"\\\n\t $`~/@-0123456789aAfFuUxXsnr{}<>é\x00\x1b\u2028'), max_size=300
)
TEXT = LINES | st.text(max_size=300)
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, 128, 255, 0x80000000, 0xFFFFFFFF, 1 << 64, -1])
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
MARKUP = '"><script>alert(1)</script><meta http-equiv="refresh" content="0;url=//x"><b onclick=x style=y>'
# A window's title, a line of its own, letters drawn from right to left, and letters that nobody sees.
SECRETIVE = "a\x1b]0;owned\x07b\nc\u202etxt.exe\u2066\u200bd\u00ade\ufefff\U000e0041\x9b31m"
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
ACTIVE = (
    "@everyone &#64;here https://evil.example www.evil.example a@evil.example #1 ![x](//evil.example) $`x`$"
)
WORDS = st.sampled_from(
    [
        "",
        "\x00",
        "\x1b]0;",
        "\ud800",
        "<script>",
        "]]>",
        "{value}",
        "%s",
        "../../x",
        "pass",
        "é" * 500,
        MARKUP,
        SECRETIVE,
        ACTIVE,
    ]
)
VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | NUMBERS | st.sampled_from([10**400, 1e308, -1e308, 5e-324]) | WORDS | TEXT
)
NAMES = WORDS | st.text(max_size=10)
JSON = VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(NAMES, VALUES, max_size=3)


class Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "meta" and dict(attrs).get("http-equiv"):
            assert not self.policy
            self.policy = dict(attrs)["content"] or ""


def active_markup(markdown: str) -> str:
    """What of a Markdown text a reader, or whoever shows it, acts on; nothing where it is text alone."""
    page = MarkdownIt("commonmark").enable("table").render(markdown)
    found = re.search("<(?:a|img|code)[ >]", page)
    # What shows it may look for these in what is left.
    found = found or re.search(r"@\w|#\d|https?://|www\.", unescape(re.sub("<[^>]*>", "", page)))
    return found[0] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many examples are drawn at once, and for how many seconds that is done again."""

    examples: int
    seconds: float

    def settings(self, part: int = 1) -> settings:
        """Return how the examples, or a part of them, are drawn: however slow this computer is."""
        return settings(
            max_examples=max(5, self.examples // part),
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )

    def spend(self, fuzz: Callable[[], None]) -> None:
        until = time.monotonic() + self.seconds
        fuzz()
        while time.monotonic() < until:
            fuzz()


SHORT = Effort(examples=15, seconds=0.0)
LONG = Effort(examples=50, seconds=float(os.environ.get("PREFLIGHT_FUZZ_S", "30")))
"""PREFLIGHT_FUZZ_S: seconds for each fuzzer."""
EFFORTS = pytest.mark.parametrize(
    "effort", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.fuzz)]
)


def mutate_bytes(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return some bytes with one piece cut out and another put in its place, or cut off."""
    at = st.integers(0, len(whole))
    put = st.binary(max_size=40) | st.sampled_from([b"\xff\xff\xff\xff", b"\x00" * 8, b"\x7f\xff\xff\xff"])
    replaced = st.builds(
        lambda start, length, piece: whole[:start] + piece + whole[start + length :],
        at,
        st.integers(0, 40),
        put,
    )
    return replaced | at.map(lambda end: whole[:end])


@st.composite
def alter_document(draw: st.DrawFn, document: object) -> Any:
    """Return a JSON document with up to three of its values replaced, taken away or added."""
    changed = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        node: Any = changed
        while isinstance(node, dict | list) and node:
            key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
            if isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 4)):
                node = node[key]
                continue
            if draw(st.integers(0, 3)):
                node[key] = draw(JSON)
            else:
                del node[key]
            break
        if isinstance(node, dict) and not draw(st.integers(0, 5)):
            node[draw(NAMES)] = draw(JSON)
    return changed
