"""The options of the command line: checked, and turned into what an inspection is asked for."""

import contextlib
import errno
import math
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from preflight import inspection, policy, storage
from preflight.devices import list_devices
from preflight.errors import UsageError, system_reason
from preflight.model import WarnReason
from preflight.platforms.console import is_terminal

PROVIDERS = ("auto", "cloudflare", "speedtest")
CLIP_SOURCES = ("camera", "microphone")
"""What a video that another device recorded can tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `run`, as they were given; `live` and `show` know some of them."""

    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    policy: str = policy.DEFAULT
    no_input: bool = False
    plain: bool = False
    strict: str = ""
    timeout: float | None = None
    camera: str | None = None
    face_model: str | None = None
    document: str | None = None
    clip: str | None = None
    photo: str | None = None
    microphone: str | None = None
    speaker: str | None = None
    silence: float | None = None
    network: str = PROVIDERS[0]
    full: bool = False
    power: str | None = None
    software: str | None = None
    record: str | None = None
    form: str = "text"
    output: Sequence[str] = ()
    devices: bool = False
    quiet: bool = False
    verbose: bool = False


def read_choices(options: Options) -> inspection.Choices:
    """Return what the options ask of an inspection; raises `UsageError` for one that makes no sense."""
    if options.silence is not None and not math.isfinite(options.silence):
        raise UsageError("value-wrong", option="--silence")
    if options.clip is not None:
        return _read_clip_choices(options, options.clip)
    if options.photo is not None:
        raise UsageError("photo-alone")
    files = _readable_files(power=options.power, software=options.software, face_model=options.face_model)
    face_model = files.pop("face_model", None)
    provider = options.network if options.network in PROVIDERS[1:] else None
    parameters: Mapping[str, dict[str, object | None]] = {
        "camera": {"face_model": face_model},
        "microphone": {"silence_s": options.silence},
        "network": {"full": options.full or None, "provider": provider},
    }
    return inspection.Choices(
        only=_split_lists(options.only),
        skip=_split_lists(options.skip),
        guided=_is_person_present(options),
        strict=read_strict(options.strict),
        timeout_s=options.timeout,
        targets={
            **files,
            **_device_target("camera", options.camera),
            **_device_target("microphone", options.microphone),
            **_device_target("speaker", options.speaker),
            **_device_target("camera", options.document, use="document"),
            **_network_target(options.network),
        },
        parameters={
            source: {name: value for name, value in given.items() if value is not None}
            for source, given in parameters.items()
        },
        record=_make_record_folder(options.record),
    )


def _read_clip_choices(options: Options, clip: str) -> inspection.Choices:
    """Return what is asked of a video that another device recorded: all that it can show."""
    others = {"--camera": options.camera, "--document": options.document}
    if given := [name for name, value in others.items() if value is not None]:
        raise UsageError("clip-with", option=given[0])
    named = _readable_files(clip=clip, photo=options.photo, face_model=options.face_model)
    named.pop("clip")
    parameters: Mapping[str, object] = {"clip": True, **named}
    silence = {} if options.silence is None else {"silence_s": options.silence}
    return inspection.Choices(
        only=_split_lists(options.only) or CLIP_SOURCES,
        skip=(*_split_lists(options.skip), *(() if options.photo else ("camera.still",))),
        strict=read_strict(options.strict),
        timeout_s=options.timeout,
        # Its sound may come in a file of its own, where what decodes films is not installed.
        targets=dict.fromkeys((*CLIP_SOURCES, "document"), clip)
        | _device_target("microphone", options.microphone),
        parameters={"camera": parameters, "microphone": silence},
    )


def _is_person_present(options: Options) -> bool:
    """Tell whether somebody sits there who can be asked."""
    unasked = options.no_input or options.quiet or bool(os.environ.get("CI"))
    return not unasked and is_terminal(sys.stdin) and is_terminal(sys.stderr)


def _split_lists(values: Sequence[str]) -> tuple[str, ...]:
    """Return the words of repeated options and of lists with commas in them."""
    return tuple(each.strip() for value in values for each in value.split(",") if each.strip())


def read_strict(value: str) -> frozenset[WarnReason]:
    """Return the reasons that `--strict` names; raises `UsageError` for an unknown one."""
    for word in _split_lists([value]):
        if word not in tuple(WarnReason):
            raise UsageError("strict-unknown", word=word, known=", ".join(WarnReason))
    return frozenset(WarnReason(word) for word in _split_lists([value]))


def _readable_files(**paths: str | None) -> dict[str, str]:
    """Return the files that were named, each seen to be readable; raises `UsageError`."""
    named = {name: path for name, path in paths.items() if path is not None}
    for path in named.values():
        _check_readable(path)
    return named


def _check_readable(path: str) -> None:
    try:
        # Opening a pipe would wait for somebody to write to it.
        mode = Path(path).stat().st_mode
        with Path(path).open("rb") if stat.S_ISREG(mode) else contextlib.nullcontext():
            pass
    except OSError as error:
        raise UsageError("file-unreadable", path=path, reason=system_reason(error)) from None
    if not stat.S_ISREG(mode):
        no_file = os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "Not a regular file"
        raise UsageError("file-unreadable", path=path, reason=no_file)


def _device_target(source: str, target: str | None, use: str = "") -> dict[str, str]:
    """Return the camera or microphone that was named, seen to exist; raises `UsageError`.

    Where the devices cannot be listed the run itself will say why.
    """
    if target is None:
        return {}
    if target.startswith("file:"):
        from urllib.request import url2pathname  # noqa: PLC0415 - few name a file so, and it takes 50 ms

        target = url2pathname(target.removeprefix("file:"))
        _check_readable(target)
        return {use or source: target}
    # A name too long for a file is none.
    there = os.path.exists(target)  # noqa: PTH110 - see above
    if "://" in target or (there and Path(target).is_char_device()):
        return {use or source: target}
    if there or _is_path_only(target) or Path(target).suffix[1:].isalpha():
        _check_readable(target)
        return {use or source: target}
    listed, trouble = list_devices(source)
    names = [str(device["name"]) for device in listed]
    known = target in names or target in [str(device["index"]) for device in listed]
    fitting = [name for name in names if target.lower() in name.lower()]
    if trouble is None and not known and len(fitting) != 1:
        key = "device-several" if fitting else "device-unknown" if names else f"no-{source}"
        raise UsageError(key, device=target, known="; ".join(fitting or names))
    return {use or source: target}


def _is_path_only(target: str) -> bool:
    """Tell whether a text can only be a path; Windows has two signs between folders."""
    return any(sign in target for sign in (os.sep, os.altsep) if sign)


def _network_target(target: str) -> dict[str, str]:
    if target in PROVIDERS:
        return {}
    if not target.startswith(("http://", "https://")):
        named = _is_path_only(target) or Path(target).suffix.lower() == ".json"
        # A name too long for a file is none.
        if not named and not os.path.exists(target):  # noqa: PTH110 - see above
            raise UsageError("network-unknown", target=target, known=", ".join(PROVIDERS))
        _check_readable(target)
    return {"network": target}


def _make_record_folder(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
        storage.check_folder_writable(Path(path))
    except OSError as error:
        raise UsageError("folder-unmakeable", path=path, reason=system_reason(error)) from None
    return str(Path(path).resolve())
