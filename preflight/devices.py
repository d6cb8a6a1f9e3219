"""The cameras, microphones and speakers of this computer, as a worker of their own lists them."""

from collections.abc import Mapping
from typing import Any

from preflight import inspection, runner
from preflight.model import Job, Trouble


def list_devices(source: str) -> tuple[list[Mapping[str, Any]], Trouble | None]:
    """Return the devices of a source, as a worker of their own sees them."""
    watcher = _DeviceCollector()
    trouble = runner.run((inspection.plan_device_listing(source),), watcher).outcomes.get(source)
    return watcher.devices, trouble if isinstance(trouble, Trouble) else None


class _DeviceCollector:
    """Collects the devices that a worker lists."""

    def __init__(self) -> None:
        self.devices: list[Mapping[str, Any]] = []

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - a watcher's form
        if event["event"] == "listed":
            self.devices = list(event.get("devices", ()))

    def answer(self, job: Job, prompt: str) -> str:  # noqa: ARG002 - a watcher's form
        return "skip"

    def tick(self) -> None:
        return
