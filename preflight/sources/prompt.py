"""A question to the person while the device goes on."""

import threading
from collections.abc import Callable

from preflight.model import Link


def ask_in_background(link: Link, prompt: str) -> Callable[[], str]:
    """Ask the person something and go on; returns what gives their answer, an empty text until then."""
    answers: list[str] = []
    threading.Thread(target=lambda: answers.append(link.ask(prompt)), daemon=True).start()
    return lambda: answers[0] if answers else ""


def ask_meanwhile(link: Link, prompt: str, meanwhile: Callable[[], None]) -> str:
    """Return what the person answers; until then, `meanwhile` is called again and again."""
    answers: list[str] = []
    threading.Thread(target=lambda: answers.append(link.ask(prompt)), daemon=True).start()
    while not answers:
        meanwhile()
    return answers[0]
