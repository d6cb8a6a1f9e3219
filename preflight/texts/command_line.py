"""The help of the command line, and what Typer adds to it."""

from collections.abc import Mapping

from preflight.texts.message import _

TYPER_MESSAGES = (
    # What the library of the command line says in help of its own accord.
    _("Usage:"),
    _("Arguments"),
    _("Options"),
    _("Commands"),
    _("required"),
    _("Show this message and exit."),
    _("Install completion for the current shell."),
    _("Show completion for the current shell, to copy it or customize the installation."),
)

TYPER_NOTES: Mapping[str, str] = {
    # What it adds to the help of an option, by how that begins.
    "default: ": _("default: {value}"),
    "env var: ": _("environment variable: {value}"),
    "x>=": _("at least {value}"),
}

PLACEHOLDERS = (
    # What stands for a value in help.
    _("ARGS"),
    _("COMMAND"),
    _("OPTIONS"),
    _("CODE"),
    _("DEVICE"),
    _("DIR"),
    _("FILE"),
    _("NAME"),
    _("REPORT"),
)

HELP: Mapping[str, str] = {
    "preflight": _("Is this computer ready for a video session with the bank?"),
    "run": _("Check this computer and say what to do (preflight does this without a command, too)."),
    "checks": _("List the checks, or explain one: what, why, how, how reliable."),
    "check-id": _("The id of a check, for example camera.lighting."),
    "devices": _("List the cameras, microphones and sound outputs of this computer."),
    "live": _("Show the picture and the sound level while you adjust lamp, seat and microphone."),
    "policy": _("Show the bank's requirements, or check a policy of your own."),
    "policy-show": _("Show a policy: every requirement with its reason and source."),
    "policy-check": _("Check whether a policy file is valid."),
    "show": _("Show a saved report again, in any format and language."),
    "live-source": _("camera, microphone or speaker; camera and microphone if omitted."),
    "rehearse": _("Watch the connection and the battery for as long as a session takes."),
    "minutes": _("For how many minutes."),
    "rehearse-camera": _("Keep the camera on meanwhile, so that the battery drains as in a session."),
    "report": _("A report that was saved as JSON."),
    "report-or-code": _("A report that was saved as JSON, or the code that a client reads out to you."),
    "judge-again": _("Judge the report again by this policy."),
    "compare": _("Show what changed between two saved reports."),
    "summary": _("Sum up many saved reports."),
    "many-reports": _("Reports saved as JSON or NDJSON, or folders of them."),
    "only": _("Do only these checks; an ID is a source (camera) or a check (camera.lighting)."),
    "skip": _("Skip these checks."),
    "policy-shown": _("The policy: a name or a TOML file."),
    "policy-file": _("The policy's TOML file."),
    "policy-option": _("The policy to judge by: a name or a TOML file."),
    "lang": _("The language: English, Latvian or Russian."),
    "no-input": _("Ask no questions and wait for no input."),
    "plain": _("Lines without symbols or moving parts, for screen readers."),
    "strict": _("Treat warnings as failures; with a list, only those."),
    "timeout": _("Give each source at most this many seconds."),
    "camera": _("The camera (number, name, path, address), or a picture or video file."),
    "face-model": _("A YuNet face model (ONNX file) that finds the face."),
    "document": _("A camera or picture file that shows the identity document."),
    "clip": _("A video of 10 to 60 seconds that a phone recorded: it is checked in place of this computer."),
    "photo": _("A photo that the same phone took, for its megapixels."),
    "speaker": _("The loudspeaker or headset (number or name), or a file with a recorded answer."),
    "microphone": _("The microphone (number or name), or a sound file."),
    "silence": _("How many seconds at the start of the sound file are silent."),
    "network-server": _("The server to test the connection against."),
    "network": _("The server to test the connection against, or a file with a recorded test."),
    "full": _("Run speedtest.net's complete test (takes longer, uses a lot of data)."),
    "power": _("A file with recorded battery readings."),
    "software": _("A file with recorded programs and system readings."),
    "record": _("Keep the raw readings of network, power and software in this folder."),
    "format": _("What to print: text, or a format for programs."),
    "output": _(
        "Also write a report to this file; its extension sets the format (.txt .json .xml .html .md .ndjson)."
    ),
    "overview-output": _("Also write it to this file; its extension sets the format (.txt .json .html .md)."),
    "devices-option": _(
        "Also include the names of camera and microphone in files (they can contain a person's name)."
    ),
    "quiet": _("Print nothing but the report."),
    "verbose": _("Show every measured value."),
}
