"""Command lines: the program that is really started, past those that only prepare its surroundings.

Sources: env(1) and the other manuals of GNU coreutils 9, util-linux 2.40 and systemd 256; firejail(1);
toolbox-run(1); the manual of distrobox-enter.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

LAUNCHERS_LIMIT = 8
"""Launchers that start one another; more are a loop."""
WORDS_LIMIT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What a command line comes to."""

    command: tuple[str, ...]
    """The program behind all launchers, and its arguments; empty where there is none."""
    launchers: tuple[str, ...] = ()
    """The programs on the way to it: it starts only where each of them is there."""
    folder: str = ""
    """Where it is started; empty where the command line says nothing of it."""
    elsewhere: bool = False
    """It starts in a container or through a script, so that its being there cannot be told from here."""
    guessed: bool = False
    """A launcher was given an option that is not known here, whose value may be taken for the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Launcher:
    """How a launcher's own words end."""

    verb: str = ""
    """Its first word, without which it starts nothing: `toolbox run`."""
    values: frozenset[str] = frozenset()
    """The options whose value is the next word; a value may be joined to any option by "="."""
    flags: frozenset[str] = frozenset()
    """Options without a value; others too are taken for such, but are a guess."""
    operands: int = 0
    """Words before the program that are no options: the mask of `taskset`."""
    elsewhere: bool = False


def _options(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FOLDER_OPTIONS = _options("-C --chdir --working-directory")
"""Options that say where the program is started."""
_SPLIT_OPTIONS = _options("--split-string -S -iS -vS")
"""Options of `env` that hold a command line as one word."""
_CONTAINER_OPTIONS = _options("-n --name -a --additional-flags -c --container -d --distro -r --release")
_LAUNCHERS: Mapping[str, _Launcher] = {
    "env": _Launcher(
        values=_options("-u --unset -C --chdir -a --argv0"),
        flags=_options("- -i --ignore-environment -v --debug"),
    ),
    "firejail": _Launcher(),
    "systemd-run": _Launcher(
        values=_options(
            "-u --unit -p --property -E --setenv --slice --description --uid --gid --nice --working-directory"
            " -H --host -M --machine -C --capsule --service-type --on-active --on-calendar"
        ),
        flags=_options("--user --system --scope --same-dir -d --collect -G --quiet -q --no-block --pty -t"),
    ),
    "nice": _Launcher(values=_options("-n --adjustment")),
    "ionice": _Launcher(values=_options("-c --class -n --classdata"), flags=_options("-t --ignore")),
    "taskset": _Launcher(operands=1, flags=_options("-c --cpu-list")),
    "chrt": _Launcher(operands=1, flags=_options("-b -f -i -o -r")),
    "timeout": _Launcher(operands=1, values=_options("-s --signal -k --kill-after")),
    "stdbuf": _Launcher(values=_options("-i -o -e --input --output --error")),
    "setsid": _Launcher(flags=_options("-c -f -w --fork")),
    "nohup": _Launcher(),
    "exec": _Launcher(values=_options("-a")),
    "prime-run": _Launcher(),
    "gamemoderun": _Launcher(),
    "mangohud": _Launcher(flags=_options("--dlsym")),
    "optirun": _Launcher(values=_options("-b --bridge -c --vgl-compress")),
    "primusrun": _Launcher(),
    "switcherooctl": _Launcher(verb="launch", values=_options("-g --gpu")),
    "dbus-launch": _Launcher(flags=_options("--exit-with-session")),
    "dbus-run-session": _Launcher(),
    "xvfb-run": _Launcher(values=_options("-s --server-args -n --server-num"), flags=_options("-a")),
    "sudo": _Launcher(values=_options("-u --user -g --group -h --host"), flags=_options("-E -H -n")),
    "flatpak-spawn": _Launcher(flags=_options("--host")),
    "toolbox": _Launcher(verb="run", values=_CONTAINER_OPTIONS, elsewhere=True),
    "distrobox": _Launcher(verb="enter", values=_CONTAINER_OPTIONS, elsewhere=True),
    "distrobox-enter": _Launcher(values=_CONTAINER_OPTIONS, elsewhere=True),
}
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash"))
_STARTING_ELSEWHERE = _options(
    "apptainer bwrap chroot docker gio gtk-launch guix incus kioclient lxc machinectl nix nix-shell pkexec"
    " podman proot schroot singularity ssh systemd-nspawn"
)
"""Start what lies in another root, on another computer or in another desktop entry."""
_PACKAGED = frozenset(("flatpak", "snap"))
"""Their programs are looked up by the package's name."""
_OPERATORS = frozenset((";", "&", "&&", "||"))
_PREPARE = frozenset(("cd", "export", "set", "sleep", "test", "true", "umask", "unset", "[", ":"))
"""Commands of a script that start nothing."""


def resolve_command(command: Sequence[str], found: Callable[[str], bool]) -> Launch:
    """Return the program that a command line starts in the end.

    `found` tells whether a program of that name or path can be started here; by it launchers that nobody
    has heard of are known, which have a program where others have an argument.
    """
    launch = Launch(command=tuple(command[:WORDS_LIMIT]))
    for _ in range(LAUNCHERS_LIMIT):
        further = _unwrap_launcher(launch, found)
        if further is None:
            return launch
        launch = further
        if launch.elsewhere:
            return launch
    return replace(launch, elsewhere=True)


def _unwrap_launcher(launch: Launch, found: Callable[[str], bool]) -> Launch | None:
    """Return what one launcher starts; None where the program is no launcher."""
    words = list(launch.command)
    while words and _is_assignment(words[0]):
        words.pop(0)
    if not words:
        return replace(launch, command=()) if launch.command else None
    name = PurePosixPath(words[0]).name
    passed = replace(launch, launchers=(*launch.launchers, words[0]))
    if name in _PACKAGED:
        return None
    if name in _SHELLS:
        return _unwrap_shell(passed, words)
    if name in _LAUNCHERS:
        return _skip_launcher(passed, words, _LAUNCHERS[name])
    rest = words[words.index("--") + 1 :] if "--" in words else []
    if name in _STARTING_ELSEWHERE:
        return replace(passed, command=tuple(rest or words), elsewhere=True)
    start = _program_index(words, found)
    return replace(passed, command=tuple(words[start:])) if start else None


def _program_index(words: Sequence[str], found: Callable[[str], bool]) -> int:
    """Return the place of the program among the arguments of another launcher; 0 if there is none."""
    if len(words) > 1 and not words[1].startswith("-") and found(words[1]):
        return 1
    for place, word in enumerate(words[1:], start=1):
        if (word.startswith("/") or words[place - 1] == "--") and found(word):
            return place
    return 0


def _skip_launcher(launch: Launch, words: Sequence[str], launcher: _Launcher) -> Launch:
    rest = list(words[1:])
    if launcher.verb and _take_first(rest) != launcher.verb:
        return replace(launch, command=tuple(words), elsewhere=True)
    options, launch = _take_options(launch, rest, launcher)
    if launcher.elsewhere:
        if not options & {"-n", "--name"} and "--" in rest:
            # The container's name may stand without its option.
            rest = rest[rest.index("--") + 1 :]
        return replace(launch, command=resolve_command(rest, lambda _: False).command, elsewhere=True)
    rest = rest[launcher.operands :]
    return replace(launch, command=tuple(rest), elsewhere=launch.elsewhere or not rest)


def _take_options(launch: Launch, rest: list[str], launcher: _Launcher) -> tuple[set[str], Launch]:
    """Take a launcher's options and variables from `rest`; return their names, and what they say."""
    names: set[str] = set()
    while rest and (rest[0].startswith("-") or _is_assignment(rest[0])):
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        if word == "--":
            break
        names.add(option)
        if option in launcher.values and not equals:
            value = _take_first(rest)
        if option in _FOLDER_OPTIONS and option in launcher.values:
            launch = replace(launch, folder=value)
        elif launcher is _LAUNCHERS["env"] and (option in _SPLIT_OPTIONS or word.startswith("-S")):
            text = (value if option.startswith("--") else word.partition("S")[2]) or _take_first(rest)
            rest[:0] = _split_words(text)
            launch = replace(launch, elsewhere=launch.elsewhere or "$" in text)
        elif not equals and option not in launcher.values | launcher.flags:
            # A value may be joined to a short option too: -uNAME.
            launch = replace(launch, guessed=launch.guessed or word[:2] not in launcher.values)
    return names, launch


def _unwrap_shell(launch: Launch, words: Sequence[str]) -> Launch:
    """Return what a shell starts: the one command of a `-c`, or a script by its path."""
    option = next((i for i, word in enumerate(words) if i and word.startswith("-") and "c" in word), 0)
    if not option or option + 1 >= len(words):
        return replace(launch, command=tuple(words), elsewhere=True)
    commands, understood = _parse_script(words[option + 1])
    folder = launch.folder
    started = []
    for command in commands:
        if command[0] == "cd" and len(command) > 1:
            folder = command[1]
        elif command[0] not in _PREPARE:
            started.append(command)
    if not understood or len(started) != 1:
        return replace(launch, command=tuple(words), elsewhere=True)
    return replace(launch, command=tuple(started[0]), folder=folder)


def _parse_script(script: str) -> tuple[list[list[str]], bool]:
    """Return the simple commands of a script, and whether it holds nothing else."""
    reader = shlex.shlex(script, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    commands: list[list[str]] = [[]]
    try:
        for word in reader:
            if word in _OPERATORS:
                commands.append([])
            elif not _is_assignment(word) or commands[-1]:
                commands[-1].append(word)
    except ValueError:
        return [], False
    commands = [command for command in commands if command]
    plain = not any(mark in command[0] for command in commands for mark in "$`(){}<>|!*")
    return commands, plain and not any(mark in word for each in commands for word in each for mark in "|`(")


def flatpak_id(words: Sequence[str]) -> str:
    """Return the id of the flatpak that a command starts, or nothing."""
    if "run" not in words or PurePosixPath(words[0]).name != "flatpak":
        return ""
    after = words[words.index("run") + 1 :]
    name = next((word for word in after if not word.startswith("-")), "")
    return name if re.fullmatch(r"[\w.-]{3,100}", name) and name.strip(".") else ""


def snap_name(words: Sequence[str]) -> str:
    """Return the name of the snap that a command starts, or nothing."""
    program = words[0] if words else ""
    if PurePosixPath(program).name == "snap" and words[1:2] == ("run",):
        program = "/snap/bin/" + next((word for word in words[2:] if not word.startswith("-")), "")
    match = re.fullmatch(r"/(?:var/lib/snapd/)?snap/bin/([a-z0-9-]{1,60})(?:\.[\w-]{1,60})?", program)
    return match[1] if match else ""


def _split_words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _take_first(words: list[str]) -> str:
    return words.pop(0) if words else ""


def _is_assignment(word: str) -> bool:
    return word.partition("=")[0].isidentifier() and "=" in word
