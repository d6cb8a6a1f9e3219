"""A question to the person while the device goes on."""

import threading
from collections.abc import Callable

from preflight.model import Link


def answered(link: Link, prompt: str, meanwhile: Callable[[], None]) -> str:
    """Return what the person answers; until then, `meanwhile` is called again and again."""
    answers: list[str] = []
    threading.Thread(target=lambda: answers.append(link.ask(prompt)), daemon=True).start()
    while not answers:
        meanwhile()
    return answers[0]
