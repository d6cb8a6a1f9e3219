"""What the command line says of what it cannot do."""

from collections.abc import Mapping

from preflight.texts.message import _

ERRORS: Mapping[str, str] = {
    # What a person is told when something cannot be done; keyed by errors.UserError.key.
    "argument-missing": _("{argument} is missing."),
    "code-format": _("A code can only be shown as text: it contains no measured values."),
    "code-newer": _("The code {code} was made by a newer preflight. Update preflight to read it."),
    "code-wrong": _(
        "{code} is not a valid code: a character is wrong, missing or in the wrong place. Ask for the code"
        " again, character by character."
    ),
    "check-unknown": _("There is no check {check}. Did you mean {nearest}?"),
    "command-unknown": _("There is no command {command}. Did you mean {nearest}?"),
    "argument-extra": _("{words}: not expected here."),
    "clip-with": _("A video given with --clip is camera and document in one: leave out {option}."),
    "device-several": _(
        "{device} matches more than one device: {known}. Type more of the name, or the number."
    ),
    "device-unknown": _("There is no device {device} on this computer. It has: {known}."),
    "did-you-mean": _("Did you mean {nearest}?"),
    "file-unreadable": _("{path} cannot be read: {reason}."),
    "folder-missing": _("The report could not be written to {path}: there is no folder {folder}."),
    "folder-unmakeable": _("{path} cannot be the folder for the readings: {reason}."),
    "format-unknown": _("There is no format {form}. Available: {known}."),
    "language-unknown": _("The language {lang} is not available. Available: {known}."),
    "network-unknown": _(
        "The connection cannot be tested against {target}. Give {known}, an address with https:// or a file."
    ),
    "no-camera": _("Camera {device} was not found: this computer has no camera."),
    "no-microphone": _("Microphone {device} was not found: this computer has no microphone."),
    "nothing-left": _("No checks are left. Skip fewer of them."),
    "no-speaker": _("Sound output {device} was not found: this computer has no loudspeaker or headset."),
    "option-unknown": _("There is no option {option}."),
    "option-flag": _("{option} takes no value."),
    "option-value": _("{option} needs a value after it: {wanted}."),
    "no-memory": _("This computer ran out of memory. Close other programs, then try again."),
    "output-name": _(
        "Windows does not allow a file named {name}. Choose another name, without {signs} and with at most"
        " 255 letters."
    ),
    "output-folder": _("{path} is a folder; a report needs the name of a file."),
    "output-format": _("{path}: the file name of a report must end in one of {known}."),
    "output-unwritable": _("The report could not be written to {path}: {reason}."),
    "photo-alone": _("A photo can only be checked together with a video: add --clip and the video's file."),
    "policy-circle": _("The policy {policy} extends itself."),
    "policy-comfortable": _(
        "Policy {policy}: {key}: `comfortable` goes with a number in at_least or at_most and lies beyond it."
    ),
    "policy-empty": _("The policy {policy} contains no requirements."),
    "policy-huge": _("The policy file {policy} is too large."),
    "policy-key": _("Policy {policy}: {key} is not known. Did you mean {nearest}?"),
    "policy-limit": _("Policy {policy}: {key} is larger than any policy needs it to be."),
    "policy-line": _("Policy {policy}, line {line}: {reason}."),
    "policy-operators": _("Policy {policy}: {key} can ask for one thing only, not for {found}."),
    "policy-remote": _(
        "Policy {policy}: {key} is on another computer."
        " Copy that file to this computer and give its path here."
    ),
    "policy-syntax": _("The policy {policy} cannot be read: {reason}."),
    "policy-type": _("Policy {policy}: {key} must be of the type: {wanted}."),
    "policy-unit": _("Policy {policy}: the unit of {key} is {unit}."),
    "policy-unknown": _("There is no policy {policy}. Available: {known}; you can also give a file."),
    "policy-value": _("Policy {policy}: {key} cannot be {value}, only {wanted}."),
    "report-damaged": _("{path} is damaged, or another program changed it ({place})."),
    "report-foreign": _("{path} is not a report of preflight: {reason}."),
    "report-newer": _(
        "{path} was made by a newer preflight (schema {schema}, this one knows {known}). Update preflight."
    ),
    "report-none": _("There is no report in {path}."),
    "see-help": _("To see what can be asked, type: {command} --help"),
    "source-unknown": _("There is no live view of {source}. Available: {known}."),
    "strict-unknown": _("--strict does not accept {word}. Available: {known}."),
    "unprinted": _("Not everything could be printed. Perhaps the disk is full."),
    "usage": _("The command was not understood."),
    "value-between": _("{option} must be a number from {least} to {most}."),
    "value-least": _("{option} must be a number, {least} or more."),
    "value-wrong": _("{option} cannot have this value."),
}

SYSTEM_REASONS = (
    # What a system says of a file, in its own words.
    _("No such file or directory"),
    _("Permission denied"),
    _("Is a directory"),
    _("Not a directory"),
    _("Not a regular file"),
    _("It is a link to another file; name that file itself"),
    _("No program reads from it"),
    _("File too large"),
    _("File name too long"),
    _("No space left on device"),
    _("Read-only file system"),
    _("Invalid argument"),
    _("Input/output error"),
    _("Device or resource busy"),
    _("Too many levels of symbolic links"),
    _("File too large"),
    _("Disk quota exceeded"),
)
