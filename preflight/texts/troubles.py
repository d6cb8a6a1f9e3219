"""What is said of a measurement that broke, and what to do."""

from collections.abc import Mapping

from preflight.model import Kind
from preflight.texts.message import TroubleText, _

TROUBLES: Mapping[str, TroubleText] = {
    # "kind" or, more exact, "kind.source"
    "busy": TroubleText(
        finding=_("another program is using the device"),
        advice=_("Close other programs that may use it, then check again."),
    ),
    "busy.camera": TroubleText(
        finding=_("another program is using the camera"),
        advice=_(
            "Close Zoom, Teams, the browser and other programs that may use the camera, then check again."
        ),
    ),
    "busy.microphone": TroubleText(
        finding=_("another program is using the microphone"),
        advice=_("Close other programs that may use the microphone, then check again."),
    ),
    "no-permission": TroubleText(
        finding=_("this computer does not allow preflight to use the device"),
        advice=_("Allow this in the system's privacy settings, then check again."),
    ),
    "no-permission.camera": TroubleText(
        finding=_("this computer does not allow programs to use the camera"),
        advice=_("Allow access to the camera in the system's privacy settings, then check again."),
    ),
    "no-permission.microphone": TroubleText(
        finding=_("this computer does not allow programs to use the microphone"),
        advice=_("Allow access to the microphone in the system's privacy settings, then check again."),
    ),
    "no-permission.camera.denied": TroubleText(
        finding=_("this Mac does not allow {program} to use the camera"),
        advice=_(
            "In System Settings, under Privacy & Security, Camera, switch on {program}. Then quit {program},"
            " open it again and repeat the check."
        ),
    ),
    "no-permission.microphone.denied": TroubleText(
        finding=_("this Mac does not allow {program} to use the microphone"),
        advice=_(
            "In System Settings, under Privacy & Security, Microphone, switch on {program}. Then quit"
            " {program}, open it again and repeat the check."
        ),
    ),
    **dict.fromkeys(
        ("no-permission.camera.not-asked", "no-permission.microphone.not-asked"),
        TroubleText(
            finding=_("this Mac's question whether the device may be used was not answered"),
            advice=_("Check again and choose “OK” or “Allow” when this Mac asks."),
        ),
    ),
    **dict.fromkeys(
        ("no-permission.camera.undeclared", "no-permission.microphone.undeclared"),
        TroubleText(
            finding=_("the terminal app in use cannot ask this Mac for access to the device"),
            advice=_("Open Apple's own Terminal (under Applications, Utilities) and run the check there."),
        ),
    ),
    "no-library": TroubleText(
        finding=_("a system component that preflight needs is missing"),
        advice=_("Install it; on Debian or Ubuntu type: sudo apt install libgl1 libglib2.0-0 libportaudio2"),
    ),
    "no-library.camera": TroubleText(
        finding=_("a system component needed to read the camera is missing"),
        advice=_(
            "Install it; on Windows N it is the Media Feature Pack, among the optional features in Settings;"
            " on Debian or Ubuntu type: sudo apt install libgl1 libglib2.0-0"
        ),
    ),
    "no-library.microphone": TroubleText(
        finding=_("a system component needed to record sound is missing"),
        advice=_("Install it; on Debian or Ubuntu type: sudo apt install libportaudio2"),
    ),
    "no-data": TroubleText(
        finding=_("the device turns on but sends nothing"),
        advice=_("Unplug the device, plug it in again, and check once more."),
    ),
    "no-data.camera": TroubleText(
        finding=_("the camera turns on but sends no picture"),
        advice=_("Unplug the camera and plug it in again, or restart the computer, then check again."),
    ),
    "no-data.microphone": TroubleText(
        finding=_("the microphone turns on but sends no sound"),
        advice=_("Unplug the microphone and plug it in again, or restart the computer, then check again."),
    ),
    "no-data.power": TroubleText(
        finding=_("this computer does not report whether it is plugged in"),
        advice=_(
            "Plug the charger into the computer and into a wall socket, and leave it plugged in for the whole"
            " session."
        ),
    ),
    "no-signal": TroubleText(
        finding=_("the video input has no picture"),
        advice=_("Switch on the camera that is connected to this input, or choose another camera."),
    ),
    "no-signal.microphone": TroubleText(
        finding=_(
            "the microphone sends nothing at all while nobody speaks: the background noise cannot be measured"
        ),
        advice=_(
            "Switch off noise suppression, do not mute the microphone during the check, and check again."
        ),
    ),
    "lost": TroubleText(
        finding=_("the device was disconnected during the check"),
        advice=_("Check its cable, or plug it into another socket, then check again."),
    ),
    "not-heard": TroubleText(
        finding=_("no voice was heard"),
        advice=_("Check again and read the sentence aloud when you are asked to."),
    ),
    "no-network": TroubleText(
        finding=_("this computer is not connected to the internet"),
        advice=_("Connect to Wi-Fi or plug in the network cable, then check again."),
    ),
    "no-names": TroubleText(
        finding=_("this computer cannot look up internet addresses"),
        advice=_(
            "At home, restart your router; at work, ask your IT department. Switch off a VPN if you use one,"
            " then check again."
        ),
    ),
    "portal": TroubleText(
        finding=_("this network wants you to sign in first"),
        advice=_("Open any page in your browser, sign in to the network, then check again."),
    ),
    "inspected": TroubleText(
        finding=_("something between this computer and the internet is reading secure connections"),
        advice=_("Use your own computer on a home network, or ask whoever looks after this one."),
    ),
    "expired": TroubleText(
        finding=_("a certificate is out of date, or the clock of this computer is wrong"),
        advice=_("Check the date and time of this computer, then check again."),
    ),
    "proxy-login": TroubleText(
        finding=_("the proxy of this network asks for a user name and a password"),
        advice=_("Use another network, or ask whoever looks after this one."),
    ),
    "no-speed-test": TroubleText(
        finding=_("the address given for the test answers, but offers no speed test"),
        advice=_("Check the address after --network, or omit it."),
    ),
    "refused": TroubleText(
        finding=_("the test server refused to serve this computer"),
        advice=_("Wait a few minutes, then check again."),
    ),
    "unreachable": TroubleText(
        finding=_("the test server does not answer"),
        advice=_("Open any page in your browser; if that works, wait a few minutes and check again."),
    ),
    "unreachable.camera": TroubleText(
        finding=_("the camera does not answer at its address"),
        advice=_("Switch the camera on, make sure that its address is right, then check again."),
    ),
    "interrupted": TroubleText(
        finding=_("the connection was interrupted during the measurement"),
        advice=_("Move closer to the router or use a network cable, then check again."),
    ),
    "no-memory": TroubleText(
        finding=_("this computer ran out of memory during the measurement"),
        advice=_("Close other programs, then check again."),
    ),
    "starved": TroubleText(
        finding=_("this computer was too busy with other work for the measurement"),
        advice=_("Close other programs, then check again."),
    ),
    "bad-input": TroubleText(
        finding=_("the file cannot be read: it is damaged or of the wrong kind"),
        advice=_("Give an undamaged file of the right kind."),
    ),
    "bad-input.microphone.other-kind": TroubleText(
        finding=_("this {kind} file contains no sound that can be read"),
        advice=_("Give a sound file, such as WAV, FLAC, MP3 or OGG, or a video with sound."),
    ),
    "bad-input.microphone.no-sound": TroubleText(
        finding=_("the video contains no sound"),
        advice=_("Record the video again with the microphone on, or give a sound file."),
    ),
    "bad-input.microphone.too-short": TroubleText(
        finding=_("the sound is too short"),
        advice=_("Record three seconds of silence, then a sentence read aloud."),
    ),
    "bad-input.microphone.no-decoder": TroubleText(
        finding=_("the sound of this {kind} file can be read only with the additional package “av”"),
        advice=_("Type “{command}”, or give a WAV, FLAC, MP3 or OGG file."),
    ),
    "bad-input.camera.other-kind": TroubleText(
        finding=_("this {kind} file is neither a picture nor a video that can be read"),
        advice=_("Give a picture, such as JPEG, PNG or HEIC, or a video, such as MP4, MOV or WebM."),
    ),
    "bad-input.camera.too-short": TroubleText(
        finding=_("the video is too short"),
        advice=_(
            "Record 10 to 60 seconds: look into the camera, read a sentence aloud, hold up your document."
        ),
    ),
    "bad-input.camera.too-long": TroubleText(
        finding=_("the video is too long"),
        advice=_(
            "Record 10 to 60 seconds: look into the camera, read a sentence aloud, hold up your document."
        ),
    ),
    "bad-input.camera.too-large": TroubleText(
        finding=_("the picture is too large to be read"),
        advice=_("Give it as a JPEG of at most 200 megapixels."),
    ),
    "bad-input.camera.interlaced": TroubleText(
        finding=_("the video is interlaced, as old camcorders record: its frames come in two halves"),
        advice=_("Give a video that a phone or a webcam recorded."),
    ),
    "timeout": TroubleText(
        finding=_("the measurement did not finish in time"),
        advice=_("Check again; if nothing changes, restart the computer."),
    ),
    "timeout.camera": TroubleText(
        finding=_("the camera did not answer in time"),
        advice=_("Unplug the camera and plug it in again, or restart the computer, then check again."),
    ),
    "timeout.microphone": TroubleText(
        finding=_("the microphone did not answer in time"),
        advice=_("Unplug the microphone and plug it in again, or restart the computer, then check again."),
    ),
    "slow": TroubleText(
        finding=_("the file could not be processed in time"),
        advice=_("Close other programs or use a shorter file; --timeout allows more time."),
    ),
    "timeout.network": TroubleText(
        finding=_("the measurement of the connection did not finish in time"),
        advice=_("Check again; if nothing changes, try another network."),
    ),
    "crash": TroubleText(
        finding=_("the measurement failed unexpectedly"),
        advice=_("Check again; if nothing changes, restart the computer."),
    ),
    **dict.fromkeys(
        ("crash.camera", "crash.microphone"),
        TroubleText(
            finding=_("the measurement failed because of the device's driver"),
            advice=_("Check again; if nothing changes, restart the computer or use another device."),
        ),
    ),
    "bug": TroubleText(
        finding=_("preflight ran into an error"),
        advice=_("Make a report with the option -v and send it to the bank's support."),
    ),
}

DETAILED = frozenset({Kind.BAD_INPUT, Kind.NO_LIBRARY})
"""Troubles whose detail helps the person at once; of the others it is for support staff."""
