"""The words: everything a person reads, in English here and in lv and ru under `locale`.

Each check has a title, a question and a word on how it is measured; each demand
that can be missed has what was found, its effect on the session, and one action.
`_` only marks a string for translation; `Words` says it in a language.
"""

import gettext
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path, PurePath
from typing import Self, TypeVar

from preflight import codec
from preflight.errors import UserError
from preflight.model import (
    Check,
    Demand,
    Fact,
    Kind,
    Level,
    Operator,
    Readiness,
    Result,
    SkipReason,
    Trouble,
    Value,
    Verdict,
    WarnReason,
    is_number,
)

LANGUAGES = ("en", "lv", "ru")
_NUMBER = re.compile(r"((?<![\w.,-])\d(?:[\d.,]*\d)?|\{number\}|\{(\w+)\}(?= \{\2:)) (?=[^\W\d_]|[%{])")
"""A number or its placeholder before the unit or the word that it counts."""
_FIGURES = {"s": "s", "seconds": "s", "mb": "MB", "mbit": "Mbit/s"}
"""The units of the policy's parameters by the ends of their names."""


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class About:
    """What a check is about."""

    title: str
    question: str
    how: str
    sure: str = ""
    """How far the answer can be relied on."""
    measured: str = ""
    """What to show when all is well: a template of the check's facts, such as "{width} x {height}"."""


@dataclass(frozen=True, slots=True)
class Miss:
    """What to say of a demand that was not met."""

    finding: str
    effect: str
    advice: str


@dataclass(frozen=True, slots=True)
class Cure:
    """What to say of a measurement that broke."""

    finding: str
    advice: str


CHECKS: Mapping[str, About] = {
    # --- camera ---
    "camera.video": About(
        title=_("Camera: video"),
        question=_("Does the camera send a clear, moving picture at least 1080 lines high?"),
        how=_(
            "Video is recorded for {seconds}. What counts is the size of the frames that actually arrive,"
            " not the size the camera claims. Black, frozen and damaged frames are counted. An enlarged"
            " picture is recognised by the traces that enlarging leaves in it."
        ),
        sure=_(
            "The size is counted, so it is certain. In tests, hardly any genuine picture was mistaken for an"
            " enlarged one; some enlarged pictures go unnoticed."
        ),
        measured=_("{width:#} × {height}"),
    ),
    "camera.still": About(
        title=_("Camera: photo"),
        question=_("How large a photo can the camera take?"),
        how=_(
            "The camera is asked for its largest picture; what counts is the size of the picture that"
            " arrives."
        ),
        sure=_("Certain: it is the size of the picture that arrived."),
        measured=_("{megapixels}"),
    ),
    "camera.colour": About(
        title=_("Camera: colour"),
        question=_("Is it a colour camera?"),
        how=_(
            "Colour is what remains of a picture once an even tint over grey is discounted; the average of"
            " several frames is used."
        ),
        sure=_("In tests with coloured and grey scenes, every result was right."),
        measured=_("in colour"),
    ),
    "camera.face": About(
        title=_("Face in view"),
        question=_("Is your face fully visible and large enough?"),
        how=_(
            "A face detector looks for faces in eight frames. It finds where a face is, not whose face it is,"
            " and nothing is kept."
        ),
        sure=_(
            "A face that looks into the camera is almost always found. Occasionally something else is"
            " mistaken for a face."
        ),
        measured=_("in view, {eyes} between the eyes"),
    ),
    "camera.lighting": About(
        title=_("Light on your face"),
        question=_("Is there enough light on your face to recognise it?"),
        how=_(
            "Measured on the face: the brightness of its darker half, how grainy the picture is, light from"
            " one side or from behind, and areas that are pure white."
        ),
        sure=_(
            "In tests, normal office light never failed and near darkness always did. A result close to the"
            " limit gives a warning."
        ),
        measured=_("enough light"),
    ),
    "camera.focus": About(
        title=_("Face in focus"),
        question=_("Is your face in focus?"),
        how=_(
            "Measured on the face: how wide its sharpest edges are in each direction, and how much fine"
            " detail there is compared with coarse detail. The best of eight frames counts, because heads"
            " move."
        ),
        sure=_(
            "In tests, sharp faces never failed. Strong blur is always noticed; movement and slight blur"
            " usually are."
        ),
        measured=_("in focus"),
    ),
    "camera.document": About(
        title=_("Document in view"),
        question=_("Can your document be read?"),
        how=_(
            "The program looks for the lines with << signs at the foot of the document: how large and sharp"
            " they are, whether they catch reflections, and whether the whole page is in view. The best of"
            " eight frames counts. Nothing is read and nothing is kept."
        ),
        sure=_(
            "In tests, about nine in ten documents that passed could be read. This check only advises; it"
            " never fails on its own."
        ),
        measured=_("sharp and whole, {dpi}"),
    ),
    # --- microphone ---
    "microphone.signal": About(
        title=_("Microphone"),
        question=_("Does the microphone work?"),
        how=_(
            "A few seconds of sound are recorded to see whether there is any sound at all, how loud your"
            " voice is, whether its peaks are cut off, and whether the high tones come through."
        ),
        sure=_(
            "It is certain whether the microphone is muted. The loudness of a voice is measured to within"
            " about 1 dB."
        ),
        measured=_("voice at {speech_level}"),
    ),
    "microphone.noise": About(
        title=_("Background noise"),
        question=_("Is your voice clear, without background noise?"),
        how=_(
            "A silence of {quiet_s} is compared with {voice_s} of reading aloud; sounds are weighted"
            " the way the ear hears them."
        ),
        sure=_(
            "In tests the error was 0.5 dB with a steady noise and 2 dB with somebody talking; 9 times out of"
            " 10 it was no more than the figure after ±. A noise that stops during the silence can be missed,"
            " and a recording without a full second of silence can fail wrongly."
        ),
        measured=_("voice {ratio} (±{doubt}) above the background"),
    ),
    # --- speaker ---
    "speaker.output": About(
        title=_("Sound output"),
        question=_("Can this computer play the bank employee's voice?"),
        how=_(
            "The system is asked which loudspeaker or headset it uses, whether it is muted, and how loud it"
            " is. No sound is played."
        ),
        sure=_("As reliable as what the system says; not every system knows the volume."),
        measured=_("volume {volume}"),
    ),
    "speaker.heard": About(
        title=_("Hearing the employee"),
        question=_("Can you hear the bank employee?"),
        how=_(
            "A few short tones are played, and you say how many you heard. Meanwhile the microphone listens"
            " for them: if it hears them, they came from a loudspeaker, otherwise from a headset."
        ),
        sure=_("Certain for the loudspeaker or headset that was used, at the volume of that moment."),
        measured=_("tones heard"),
    ),
    # --- network ---
    "network.download": About(
        title=_("Download"),
        question=_("Is the connection fast enough to see and hear the bank employee?"),
        how=_(
            "Data is received over four connections at up to three times the rate needed. The test stops as"
            " soon as it is clear whether the connection is fast enough, usually after one to five seconds,"
            " and never uses more than {most_mb}."
        ),
        sure=_(
            "In tests with connections of known speed, every result was right. A speed too close to the limit"
            " gives a warning. The result is valid only for the time of the test."
        ),
        measured="{rate}",
    ),
    "network.upload": About(
        title=_("Upload"),
        question=_("Is the connection fast enough to be seen and heard by the bank employee?"),
        how=_(
            "Data is sent over four connections at up to three times the rate needed. The test stops as soon"
            " as it is clear whether the connection is fast enough, usually after one to five seconds, and"
            " never uses more than {most_mb}."
        ),
        sure=_(
            "In tests with connections of known speed, every result was right. A speed too close to the limit"
            " gives a warning. The result is valid only for the time of the test."
        ),
        measured="{rate}",
    ),
    "network.stability": About(
        title=_("Stable connection"),
        question=_("Will picture and sound stay smooth for the whole session?"),
        how=_(
            "For a few seconds the connection carries as much data as a session does, in both directions. At"
            " the same time, fifty short requests a second go to a call server and its answers are timed. If"
            " no such server can be reached, short HTTPS requests are used instead; these cannot show losses."
        ),
        sure=_("Delays are measured to within a few milliseconds. Later disturbances cannot be foreseen."),
        measured=_("delay {round_trip}, jitter {jitter}"),
    ),
    "network.reach": About(
        title=_("Client Cabinet and Zoom"),
        question=_("Can this computer reach the Client Cabinet and Zoom?"),
        how=_(
            "A secure connection is opened to each and its certificate is checked; no page is loaded. A short"
            " UDP request shows whether calls can take their usual route."
        ),
        sure=_(
            "It is certain that they answered at the time of the test. If UDP works, this does not prove that"
            " every route Zoom uses is open."
        ),
        measured=_("both answer"),
    ),
    # --- power ---
    "power.battery": About(
        title=_("Battery"),
        question=_("Will the computer run for the whole session?"),
        how=_(
            "It is enough for the computer to be plugged in. If it is not, the energy left in the battery is"
            " divided by the power the computer uses while the camera is on, or by what a laptop usually uses"
            " in a call, whichever is more. The last part of the charge, at which computers go to sleep, is"
            " not counted."
        ),
        sure=_(
            "It is certain whether the computer is plugged in. The minutes are a cautious estimate: too short"
            " rather than too long."
        ),
        measured=_("lasts {minutes}"),
    ),
    # --- software ---
    "software.zoom": About(
        title=_("Zoom"),
        question=_("Is Zoom installed, is it new enough, and does it open the bank's link?"),
        how=_(
            "The system is asked which programs are installed and which one opens Zoom links; a program"
            " counts only if its file exists. Its version is compared with the oldest version that Zoom"
            " accepts."
        ),
        sure=_("Certain for installed programs. A program that was only unpacked may not be found."),
        measured="{version}",
    ),
    "software.browser": About(
        title=_("Web browser"),
        question=_("Is there a web browser that opens the bank's pages?"),
        how=_("The system is asked which programs open web pages and which one it uses to open links."),
        sure=_("Certain for installed programs. A program that was only unpacked may not be found."),
        measured="{name}",
    ),
    "software.system": About(
        title=_("Computer"),
        question=_("Is the computer powerful enough, and not too busy, for a twenty-minute video call?"),
        how=_(
            "The system is asked about its processor, its memory and when it goes to sleep. Its load is"
            " measured before anything else starts."
        ),
        sure=_(
            "Certain, because the system itself reports it. How busy the computer is applies only to the time"
            " of the test."
        ),
        measured=_("{memory} of memory, {load} in use"),
    ),
}

MISSES: Mapping[str, Miss] = {
    # "check.fact" or, more exact, "check.fact.cause"
    # --- camera ---
    "camera.video.present": Miss(
        finding=_("no camera was found"),
        effect=_("The bank employee will not be able to see you, and the session cannot take place."),
        advice=_("Connect a camera, or use a phone or tablet for the session."),
    ),
    "camera.video.width": Miss(
        finding=_("the picture is {width} wide and {height} high; it must be at least {bound} wide"),
        effect=_("The bank employee will not be able to read the small print of your document."),
        advice=_("Use a 1080p (Full HD) camera or better, or a phone or tablet."),
    ),
    "camera.video.height": Miss(
        finding=_("the picture is {height} high; it must be at least {bound} high"),
        effect=_("The bank employee will not be able to read the small print of your document."),
        advice=_("Use a 1080p (Full HD) camera or better, or a phone or tablet."),
    ),
    "camera.video.black": Miss(
        finding=_("the camera sends an empty picture"),
        effect=_("The bank employee will not be able to see you."),
        advice=_(
            "Open the camera's shutter or take the cover off the lens; on some laptops a key turns the camera"
            " on."
        ),
    ),
    "camera.video.frozen": Miss(
        finding=_("the picture froze for {value}"),
        effect=_("The bank employee will see a still picture instead of you."),
        advice=_("Unplug the camera and plug it in again, or restart the computer."),
    ),
    "camera.video.corrupted": Miss(
        finding=_("{value} of the frames arrive damaged"),
        effect=_("Parts of your face and document will be missing from the picture."),
        advice=_("Plug the camera directly into another USB port, without a hub or extension."),
    ),
    "camera.video.fps": Miss(
        finding=_("the camera sends {value}, {bound} would be better"),
        effect=_("Your movements will look jumpy."),
        advice=_("Add more light and close other programs; in the dark a camera slows down."),
    ),
    "camera.video.fps.still": Miss(
        finding=_("a single picture cannot show how many frames a second the camera sends"),
        effect="",
        advice=_("Check the camera itself, or use a video file."),
    ),
    "camera.video.detail": Miss(
        finding=_("the picture is {width:#} × {height} but looks as if it was enlarged from {value:#} lines"),
        effect=_("It may show less detail than its size suggests, and small print will be hard to read."),
        advice=_("Choose the camera's own 1080p mode, and close other camera programs."),
    ),
    "camera.video.softness": Miss(
        finding=_("the picture is blurred: nothing in it is sharp"),
        effect=_("The small print of your document will be hard to read."),
        advice=_("Wipe the lens with a soft cloth and sit an arm's length away, so that it can focus."),
    ),
    "camera.video.virtual": Miss(
        finding=_("this is a program that pretends to be a camera"),
        effect=_("The bank needs the picture from your real camera."),
        advice=_("Choose your real camera."),
    ),
    "camera.still.megapixels": Miss(
        finding=_("the bank asks for {bound}; this camera's largest picture is {value}"),
        effect=_("Hardly any computer camera reaches that; phones do."),
        advice=_(
            "If the bank insists on it, use a phone or tablet for the session, or ask the bank for another"
            " way to identify yourself."
        ),
    ),
    "camera.colour.chroma": Miss(
        finding=_("the camera sends a picture without colour"),
        effect=_("The bank employee will not be able to check the colours of your document."),
        advice=_("Turn off a black-and-white or night mode, choose the colour camera, or use another one."),
    ),
    "camera.colour.chroma.dark": Miss(
        finding=_("it is too dark to tell whether the camera shows colours"),
        effect="",
        advice=_("Turn on a lamp, then check again."),
    ),
    "camera.face.found": Miss(
        finding=_("no face can be seen in the picture"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Sit in front of the camera and look at it."),
    ),
    "camera.face.found.nobody": Miss(
        finding=_("nobody can be seen in the picture"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Sit in front of the camera, an arm's length away, and look at it."),
    ),
    "camera.face.found.turned": Miss(
        finding=_("your face is turned away from the camera"),
        effect=_("The bank employee will not be able to recognise you from the side."),
        advice=_("Place the camera in front of you and look straight at it."),
    ),
    "camera.face.found.too-small": Miss(
        finding=_("your face is too small in the picture"),
        effect=_("The bank employee will see too little of your face."),
        advice=_("Move closer to the camera, to about an arm's length."),
    ),
    "camera.face.found.sideways": Miss(
        finding=_("the picture lies on its side"),
        effect=_("The bank employee will see you lying on your side."),
        advice=_(
            "Put the camera upright, or turn the picture in the camera's settings; in Zoom use “Rotate 90°”"
            " in the video settings."
        ),
    ),
    "camera.face.found.upside-down": Miss(
        finding=_("the picture is upside down"),
        effect=_("The bank employee will see you upside down."),
        advice=_(
            "Turn the camera the right way up, or turn the picture in the camera's settings; in Zoom press"
            " “Rotate 90°” twice in the video settings."
        ),
    ),
    "camera.face.found.cut": Miss(
        finding=_("half of your face is outside the picture"),
        effect=_("The bank employee will not be able to see your whole face."),
        advice=_("Sit in the middle of the picture and tilt the camera until your whole head is in it."),
    ),
    "camera.face.eyes": Miss(
        finding=_("your face is small in the picture: {value} between the eyes"),
        effect=_("The bank employee will see too little of your face."),
        advice=_("Move closer to the camera, to about an arm's length."),
    ),
    "camera.face.inside": Miss(
        finding=_("your face is cut off by the edge of the picture"),
        effect=_("The bank employee will not be able to see your whole face."),
        advice=_("Sit in the middle of the picture and tilt the camera until your whole head is in it."),
    ),
    "camera.face.others": Miss(
        finding=_("another person is in the picture"),
        effect=_("You must be alone during the session; otherwise the bank employee may end it."),
        advice=_("Ask others to leave the room for the session."),
    ),
    "camera.lighting.visible": Miss(
        finding=_("it is too dark to see whether anyone is there"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Turn on the light in the room, and a lamp in front of you."),
    ),
    "camera.lighting.visible.noise": Miss(
        finding=_("there is so little light that the picture is very grainy"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Turn on the light in the room, and a lamp in front of you."),
    ),
    "camera.lighting.visible.burnt": Miss(
        finding=_("there is so much light that your face is pure white"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Move the lamp further away or turn away from the sun, and give the camera time to adjust."),
    ),
    "camera.lighting.visible.backlight": Miss(
        finding=_("the light comes from behind you, and only a dark shape can be seen"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Turn so that the window or lamp is in front of you, or draw the curtain behind you."),
    ),
    "camera.lighting.dark_half": Miss(
        finding=_("there is too little light on your face"),
        effect=_("The bank employee will not be able to recognise your face."),
        advice=_("Turn on a lamp in front of you, or sit facing a window."),
    ),
    "camera.lighting.dark_half.dark": Miss(
        finding=_(
            "there is too little light on your face: {light_factor} {light_factor:time|times} as much"
            " is needed"
        ),
        effect=_("The bank employee will not be able to recognise your face."),
        advice=_("Turn on a lamp in front of you, or sit facing a window."),
    ),
    "camera.lighting.dark_half.both": Miss(
        finding=_("there is too little light on your face, and the picture is very grainy"),
        effect=_("The bank employee will not be able to recognise your face."),
        advice=_("Turn on a strong lamp in front of you."),
    ),
    "camera.lighting.dark_half.backlight": Miss(
        finding=_("the light comes from behind you, and too little falls on your face"),
        effect=_("Your face will look like a dark shape against a bright background."),
        advice=_("Turn so that the window or lamp is in front of you, or draw the curtain behind you."),
    ),
    "camera.lighting.dark_half.one-sided": Miss(
        finding=_("the light comes from one side, and half of your face lies in shadow"),
        effect=_("The bank employee will not be able to see half of your face."),
        advice=_("Put a lamp in front of you, or turn towards the light."),
    ),
    "camera.lighting.noise": Miss(
        finding=_("there is so little light that the picture is very grainy"),
        effect=_("The details by which your face is recognised are lost in the grainy picture."),
        advice=_("Add more light in the room, and turn on a lamp in front of you."),
    ),
    "camera.lighting.overexposed": Miss(
        finding=_("the light on your face is so strong that {value} of it is pure white"),
        effect=_("The features of your face are washed out."),
        advice=_("Move the lamp further away, or turn away from the sun."),
    ),
    "camera.lighting.side": Miss(
        finding=_("one half of your face has {value} {value:time|times} as much light as the other"),
        effect=_("One half of your face is hard to see."),
        advice=_("Put a lamp in front of you, or turn towards the light."),
    ),
    "camera.focus.visible": Miss(
        finding=_("the picture is so blurred that nobody can be made out"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Wipe the lens with a soft cloth, and turn its focus ring if it has one."),
    ),
    "camera.focus.visible.motion": Miss(
        finding=_("the picture is so blurred by movement that nobody can be made out"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Put the camera on something firm, sit still, and add more light."),
    ),
    "camera.focus.blur": Miss(
        finding=_("your face is out of focus"),
        effect=_("The bank employee will not be able to recognise your face for certain."),
        advice=_(
            "Wipe the lens with a soft cloth, sit an arm's length away, and wait until the camera"
            " has focused."
        ),
    ),
    "camera.focus.blur.motion": Miss(
        finding=_("your face is blurred by movement"),
        effect=_("The bank employee will not be able to recognise your face for certain."),
        advice=_("Put the camera on something firm, sit still, and add more light."),
    ),
    "camera.document.found": Miss(
        finding=_("no lines with << signs were seen on the document"),
        effect=_(
            "Many cards have these lines on one side only, and some have none. A side without them is not a"
            " fault, but then the program cannot tell how well the document can be seen."
        ),
        advice=_(
            "Show the side with the << lines so that it fills the picture: close, flat and without"
            " reflections."
        ),
    ),
    "camera.document.found.cut": Miss(
        finding=_("part of your document is outside the picture: its lines with << signs are cut off"),
        effect=_("The bank employee must see the whole page."),
        advice=_("Hold the document in the middle of the picture, a little further away."),
    ),
    "camera.document.found.glare": Miss(
        finding=_("a reflection covers part of the lines with << signs on your document"),
        effect=_("The bank employee will not be able to read what is under the reflection."),
        advice=_("Tilt the document a little, or move the lamp, until the reflection is gone."),
    ),
    "camera.document.dpi": Miss(
        finding=_("your document is too small in the picture: {value}; at least {bound} is needed"),
        effect=_("The bank employee will not be able to read your document."),
        advice=_("Hold the document closer, until it almost fills the picture."),
    ),
    "camera.document.sharpness": Miss(
        finding=_("the text of your document is blurred"),
        effect=_("The bank employee will not be able to read your document."),
        advice=_("Hold the document still and flat, where the camera sees it sharply, and add more light."),
    ),
    "camera.document.glare": Miss(
        finding=_("a reflection covers {value} of the text at the foot of your document"),
        effect=_("The bank employee will not be able to read what is under the reflection."),
        advice=_("Tilt the document a little, or move the lamp, until the reflection is gone."),
    ),
    "camera.document.whole": Miss(
        finding=_("part of your document is outside the picture"),
        effect=_("The bank employee must see the whole page."),
        advice=_("Hold the document in the middle of the picture, a little further away."),
    ),
    # --- microphone ---
    "microphone.signal.present": Miss(
        finding=_("no microphone was found"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_("Plug in a microphone or a headset, then check again."),
    ),
    "microphone.signal.present.monitor": Miss(
        finding=_("no microphone was found, the computer would record its own loudspeaker"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_("Plug in a microphone, or choose yours in the sound settings of this computer."),
    ),
    "microphone.signal.muted": Miss(
        finding=_("the microphone is switched off or blocked"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_(
            "Switch the microphone on: look for a key with a crossed-out microphone, a switch on the headset"
            " cable, and the microphone setting under privacy in the system settings."
        ),
    ),
    "microphone.signal.interrupted": Miss(
        finding=_("the microphone sent nothing at all for {value} in the middle of the recording"),
        effect=_("The bank employee will miss words."),
        advice=_(
            "Unplug the microphone and plug it in again, or charge a wireless one and stay close to the"
            " computer, then check again."
        ),
    ),
    "microphone.signal.clipping": Miss(
        finding=_("your voice is too loud, and the sound is distorted"),
        effect=_("Your voice will sound harsh and distorted, and words will be lost."),
        advice=_("Turn the input level of the microphone down, or move away from it."),
    ),
    "microphone.signal.speech_level": Miss(
        finding=_("your voice is very quiet: {value}"),
        effect=_("The bank employee may have trouble hearing you."),
        advice=_("Turn the input level of the microphone up, or move closer to it."),
    ),
    "microphone.signal.treble": Miss(
        finding=_("the high tones of your voice are missing, as on a telephone"),
        effect=_("Similar words will be hard to tell apart."),
        advice=_(
            "Choose the computer's own microphone instead of the Bluetooth headset, or connect a headset by"
            " cable."
        ),
    ),
    "microphone.signal.lost": Miss(
        finding=_("parts of the recording are missing ({value})"),
        effect=_("There will be gaps in your voice."),
        advice=_("Close other programs, and connect the microphone directly to the computer."),
    ),
    "microphone.noise.voice": Miss(
        finding=_("your voice could not be heard above the background"),
        effect=_("The bank employee will not be able to understand you."),
        advice=_(
            "Check that the right microphone is chosen, come closer to it, and check again in a quiet room,"
            " reading the sentence aloud."
        ),
    ),
    "microphone.noise.ratio": Miss(
        finding=_("the background is too loud: the difference between your voice and it is only {value}"),
        effect=_("The bank employee will have trouble understanding you."),
        advice=_("Go to a quieter room, or use a headset with its microphone close to your mouth."),
    ),
    "microphone.noise.ratio.hum": Miss(
        finding=_(
            "there is a steady hum in the background: the difference between your voice and it is only"
            " {value}"
        ),
        effect=_("The bank employee will have trouble understanding you."),
        advice=_("Switch off fans and machines nearby, or use a headset on another socket."),
    ),
    "microphone.noise.ratio.hiss": Miss(
        finding=_(
            "there is a steady noise in the background: the difference between your voice and it is only"
            " {value}"
        ),
        effect=_("The bank employee will have trouble understanding you."),
        advice=_("Close the window, switch off what hums or hisses, and move closer to the microphone."),
    ),
    "microphone.noise.ratio.talking": Miss(
        finding=_(
            "it sounds as if somebody is talking in the background: the difference between your voice and"
            " that is only {value}"
        ),
        effect=_("The bank employee will have trouble understanding you; the call must also be private."),
        advice=_("Go to a room where nobody is talking, and switch off the television and radio."),
    ),
    "microphone.noise.ratio.intermittent": Miss(
        finding=_(
            "there are noises in the background now and then: the difference between your voice and them is"
            " only {value}"
        ),
        effect=_("The bank employee will miss words."),
        advice=_(
            "Close doors and windows, put away anything that knocks, clicks or rings, and keep pets in"
            " another room."
        ),
    ),
    "microphone.noise.ratio.hidden": Miss(
        finding=_(
            "there seems to be a noise behind your voice that is not heard while you are silent: it began"
            " later, or a program hides it"
        ),
        effect=_("It is not known how well the bank employee will understand you."),
        advice=_(
            "Keep it quiet around you, and switch off the noise suppression of the computer or the headset."
        ),
    ),
    "microphone.noise.ratio.silenced": Miss(
        finding=_(
            "a program or the headset removes all sound while you are silent: the background behind your"
            " voice cannot be measured"
        ),
        effect=_("It is not known how well the bank employee will understand you."),
        advice=_("Switch off the noise suppression of the computer or the headset: Zoom's own is enough."),
    ),
    "microphone.noise.ratio.one-phase": Miss(
        finding=_(
            "your voice cannot be told apart from the background: there was too little silence around it"
        ),
        effect=_("It is not known how well the bank employee will understand you."),
        advice=_("Check again: stay silent for two seconds, then read a sentence aloud."),
    ),
    # --- speaker ---
    "speaker.output.present": Miss(
        finding=_("no loudspeaker or headset was found"),
        effect=_("You will not hear the bank employee."),
        advice=_("Plug in a headset or a loudspeaker, then check again."),
    ),
    "speaker.output.muted": Miss(
        finding=_("the sound of this computer is muted"),
        effect=_("You will not hear the bank employee."),
        advice=_("Turn the sound on with the loudspeaker key or the loudspeaker symbol on the screen."),
    ),
    "speaker.output.volume": Miss(
        finding=_("the volume is at {value}"),
        effect=_("You will hardly hear the bank employee."),
        advice=_("Turn the volume up with the loudspeaker keys or the loudspeaker symbol on the screen."),
    ),
    "speaker.heard.heard": Miss(
        finding=_("the tones were not heard well enough to be counted"),
        effect=_("You will not understand the bank employee."),
        advice=_("Turn the volume up, then check again."),
    ),
    "speaker.heard.heard.absent": Miss(
        finding=_("no loudspeaker or headset was found"),
        effect=_("You will not hear the bank employee."),
        advice=_("Plug in a headset or a loudspeaker, then check again."),
    ),
    "speaker.heard.heard.silent": Miss(
        finding=_("you heard none of the tones that were played"),
        effect=_("You will not hear the bank employee."),
        advice=_(
            "Turn the volume up. If you still hear nothing, choose your loudspeaker or headset in the sound"
            " settings of this computer."
        ),
    ),
    # --- network ---
    "network.download.rate": Miss(
        finding=_("your download speed is {value}; at least {bound} is needed"),
        effect=_("The picture and voice of the bank employee may freeze."),
        advice=_("Sit closer to the router or use a cable, and pause other downloads and video streaming."),
    ),
    "network.upload.rate": Miss(
        finding=_("your upload speed is {value}; at least {bound} is needed"),
        effect=_("The bank employee will not be able to see your face and your document clearly."),
        advice=_("Sit closer to the router or use a cable, and pause backups and other uploads."),
    ),
    "network.stability.round_trip": Miss(
        finding=_("answers take {value} to arrive"),
        effect=_("You and the bank employee will talk over each other."),
        advice=_("Switch off a VPN if you use one, and sit closer to the router or use a cable."),
    ),
    "network.stability.jitter": Miss(
        finding=_("the connection's delay varies by {value}"),
        effect=_("Your voice will sound choppy."),
        advice=_(
            "Sit closer to the router or use a cable, and pause downloads and video streaming on other"
            " devices at home."
        ),
    ),
    "network.stability.loss": Miss(
        finding=_("{value} of the data sent is lost"),
        effect=_("Your voice will break up and the picture will freeze."),
        advice=_("Sit closer to the router or use a cable."),
    ),
    "network.stability.loss.untold": Miss(
        finding=_("it cannot be determined how much data is lost: no call server answered"),
        effect="",
        advice=_("Switch off a VPN if you use one, or use a home network or a phone's hotspot."),
    ),
    "network.stability.gap.asleep": Miss(
        finding=_("the computer went to sleep: {asleep}"),
        effect=_("A session is interrupted when the computer goes to sleep."),
        advice=_("Keep the lid open, and turn off sleep in the power settings of this computer."),
    ),
    "network.stability.gap": Miss(
        finding=_("the connection drops out for {value} at a time"),
        effect=_("Parts of what you say will be missing."),
        advice=_("Sit closer to the router or use a cable, and take other devices off the Wi-Fi."),
    ),
    "network.reach.cabinet": Miss(
        finding=_("the Client Cabinet does not answer"),
        effect=_("The session begins in the Client Cabinet."),
        advice=_(
            "Open https://online.bluorbank.lv in your browser; if it does not open, try another network."
        ),
    ),
    "network.reach.cabinet.inspected": Miss(
        finding=_("something between this computer and the Client Cabinet is reading secure connections"),
        effect=_("Other people could read what you enter in the Client Cabinet."),
        advice=_("Use your own computer on a home network."),
    ),
    "network.reach.cabinet.expired": Miss(
        finding=_("a certificate is out of date, or the clock of this computer is wrong"),
        effect=_("Your browser will not open the Client Cabinet."),
        advice=_("Set the date and time of this computer, then check again."),
    ),
    "network.reach.zoom": Miss(
        finding=_("Zoom does not answer"),
        effect=_("The session takes place in Zoom."),
        advice=_("Open https://zoom.us in your browser; if it does not open, try another network."),
    ),
    "network.reach.zoom.inspected": Miss(
        finding=_("something between this computer and Zoom is reading secure connections"),
        effect=_("Zoom may refuse to start the session."),
        advice=_("Use your own computer on a home network."),
    ),
    "network.reach.zoom.expired": Miss(
        finding=_("a certificate is out of date, or the clock of this computer is wrong"),
        effect=_("Zoom will not let you into the session."),
        advice=_("Set the date and time of this computer, then check again."),
    ),
    "network.reach.udp": Miss(
        finding=_("this network does not let calls take their usual route (UDP)"),
        effect=_("Zoom will use a slower route, on which picture and voice may stutter."),
        advice=_("Switch off a VPN if you use one, or use a home network or a phone's hotspot."),
    ),
    # --- power ---
    "power.battery.minutes": Miss(
        finding=_("the battery lasts {value} in a video call"),
        effect=_("The session could be cut off and would have to start again from the beginning."),
        advice=_(
            "Plug the charger into the computer and into a wall socket, and leave it plugged in for the whole"
            " session."
        ),
    ),
    "power.battery.minutes.untold": Miss(
        finding=_("it cannot be determined how long the battery will last"),
        effect=_("The session could be cut off if the battery runs out."),
        advice=_(
            "Plug the charger into the computer and into a wall socket, and leave it plugged in for the whole"
            " session."
        ),
    ),
    "power.battery.minutes.weak-charger": Miss(
        finding=_(
            "this computer says that it is plugged in, but its battery runs down: it lasts {value} in a video"
            " call"
        ),
        effect=_("The session could be cut off and would have to start again from the beginning."),
        advice=_(
            "Use the charger that came with the computer, plugged into a wall socket and not into a screen, a"
            " hub or a power bank."
        ),
    ),
    # --- software ---
    "software.zoom.installed": Miss(
        finding=_("Zoom is not installed"),
        effect=_("The session takes place in Zoom."),
        advice=_(
            "Download Zoom from https://zoom.us/download and install it, or ask the bank whether you may join"
            " in the browser."
        ),
    ),
    "software.zoom.installed.untold": Miss(
        finding=_("it is not certain whether Zoom is installed: another program starts it"),
        effect=_("The session takes place in Zoom."),
        advice=_("Open Zoom before the session to make sure that it starts."),
    ),
    "software.zoom.recent": Miss(
        finding=_("the installed Zoom is too old: {version}, at least {minimum} is needed"),
        effect=_("Zoom will not let you into the session with it."),
        advice=_("Update Zoom from https://zoom.us/download, or join in the browser if Zoom offers this."),
    ),
    "software.zoom.recent.old": Miss(
        finding=_("the installed version of Zoom is old and may no longer be accepted: {version}"),
        effect=_("A version that is too old is not let into the session."),
        advice=_("Update Zoom before the session from https://zoom.us/download."),
    ),
    "software.zoom.recent.untold": Miss(
        finding=_("it is not certain which version of Zoom is installed"),
        effect=_("A version that is too old is not let into the session."),
        advice=_("Open Zoom, choose “Check for updates” in its menu, and install what it offers."),
    ),
    "software.zoom.handler": Miss(
        finding=_("the bank's link will not open in Zoom"),
        effect=_("You will have to type the session number into Zoom yourself."),
        advice=_("Reinstall Zoom from https://zoom.us/download, or join in the browser."),
    ),
    "software.zoom.handler.untold": Miss(
        finding=_("it is not certain whether the bank's link opens in Zoom: another program opens it first"),
        effect=_("You may have to type the session number into Zoom yourself."),
        advice=_(
            "Open https://zoom.us/test in your browser before the session to make sure that Zoom starts."
        ),
    ),
    "software.browser.installed": Miss(
        finding=_("no web browser was found"),
        effect=_("The session begins in the Client Cabinet, which needs a web browser."),
        advice=_("Install a web browser: Chrome, Edge, Firefox or Safari."),
    ),
    "software.browser.default": Miss(
        finding=_("this computer has no browser set for opening links"),
        effect=_("A link in the bank's e-mail will not open."),
        advice=_("In the system settings, under default programs, choose your web browser for web links."),
    ),
    "software.browser.installed.untold": Miss(
        finding=_("it is not certain whether a web browser is installed: another program starts it"),
        effect=_("The session begins in the Client Cabinet, which needs a web browser."),
        advice=_("Open your web browser before the session to make sure that it starts."),
    ),
    "software.browser.default.untold": Miss(
        finding=_("it is not certain which browser opens links: another program starts it"),
        effect=_("A link in the bank's e-mail will not open."),
        advice=_("Click any link in an e-mail before the session to make sure that your web browser opens."),
    ),
    "software.system.supported": Miss(
        finding=_("the Zoom app does not run on this system: {system}"),
        effect=_("You will not be able to join the session with the Zoom app."),
        advice=_("Use a newer computer, a tablet or a phone, or join in the browser."),
    ),
    "software.system.supported.untold": Miss(
        finding=_("it is not certain whether the Zoom app runs on this system"),
        effect=_("You may have to join the session another way."),
        advice=_("Open Zoom before the session, and update the system if Zoom asks for it."),
    ),
    "software.system.processors": Miss(
        finding=_("the computer's processor is too weak for a video call"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session, or use a more powerful computer."),
    ),
    "software.system.memory": Miss(
        finding=_("the computer has only {value} of memory"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session, or use a more powerful computer."),
    ),
    "software.system.load": Miss(
        finding=_("the computer is busy with other work ({value})"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session and wait until updates have finished."),
    ),
    "software.system.sleep": Miss(
        finding=_("the computer goes to sleep after {value} without use"),
        effect=_("The session could be cut off while you are only watching and talking."),
        advice=_("In the system's power settings, set the computer to go to sleep after 30 minutes or more."),
    ),
    "software.system.sleep.display": Miss(
        finding=_("this Mac goes to sleep once its display is off: after {value} without use"),
        effect=_("The session could be cut off while you are only watching and talking."),
        advice=_(
            "In System Settings, under Lock Screen, set “Turn display off when inactive” to 30 minutes or"
            " more."
        ),
    ),
}

MEASURED: Mapping[str, str] = {
    # What to show when all is well for a cause, in place of the check's own template: "check.cause".
    "speaker.heard.headset": _("tones heard, probably on a headset"),
    "speaker.heard.loudspeaker": _("tones heard, on a loudspeaker"),
    "power.battery.plugged": _("plugged in"),
    "power.battery.weak-charger": _("lasts {minutes}, but its charger is too weak"),
}

PHASES: Mapping[str, str] = {
    # What is said while a source works; keyed by the name given to Link.phase or Link.ask.
    # --- camera ---
    "look": _("Look at the camera."),
    "document": _("Hold your document so that it fills the frame."),
    # --- microphone ---
    "quiet": _("Please stay quiet"),
    "quiet-again": _("A sound was heard during the silence. Please stay quiet once more"),
    "voice": _(
        "Please read aloud until the time is up:\n"
        "    Yesterday evening we walked slowly through the old town, bought bread, cheese and seven red"
        " apples, and talked about the long journey home."
    ),
    "listen": _("Checking the microphone"),
    # --- speaker ---
    "tones": _("Now listen: from 2 to 5 short tones will be played. Count them."),
    "playing": _("Listen and count the tones"),
    "count": _("How many tones did you hear?"),
    "play": _("Press Enter to hear a tone."),
    "tones-again": _("Once more: listen and count."),
    # --- network ---
    "network.reach": _("Checking whether the Client Cabinet and Zoom can be reached."),
    "network.download": _("Testing the download speed (at most {most_mb})."),
    "network.upload": _("Testing the upload speed (at most {most_mb})."),
    "network.rehearsal": _(
        "Trying out the amount of data a session uses ({session_mbit} in each direction)."
    ),
    "network.complete": _("Running speedtest.net's complete test (this can take hundreds of MB)."),
}

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
    "policy-circle": _("The policy {policy} extends itself."),
    "policy-comfortable": _(
        "Policy {policy}: {key}: `comfortable` goes with a number in at_least or at_most and lies beyond it."
    ),
    "policy-empty": _("The policy {policy} contains no requirements."),
    "policy-huge": _("The policy file {policy} is too large."),
    "policy-key": _("Policy {policy}: {key} is not known. Did you mean {nearest}?"),
    "policy-limit": _("Policy {policy}: {key} is larger than any policy needs it to be."),
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
    "value-least": _("{option} must be a number, {least} or more."),
    "value-wrong": _("{option} cannot have this value."),
}

REASONS = (
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

TYPERS = (
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
TYPERS_NOTES: Mapping[str, str] = {
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

GUIDE: Mapping[str, str] = {
    # What is said around a run.
    "begin": _("Checking this computer for the video session with the bank. It takes about a minute."),
    "data": _("Testing the connection uses up to {most} of data."),
    "sit": _("Sit the way you will sit during the session, look at the camera, and keep the room quiet."),
    "enter": _("Press Enter when you are ready."),
    "enter-or-skip": _("Press Enter when you are holding it up, or type s and press Enter to skip this:"),
    "live.title": _("Adjust lamp, seat and microphone until everything is good"),
    "enter-to-listen": _("Press Enter to hear them, or type s and press Enter to skip this:"),
    "rehearse": _(
        "Watching the connection and the battery for {minutes}; at most {most} of data will be used. You can"
        " go on using the computer. Press Ctrl and C to end it early and to see what was noticed until then."
    ),
    "rehearse.left": _("Minutes left: {minutes}"),
    "rehearse.seen": _("Watched: {seen} of {minutes}."),
    "type-count": _("Type a number from 1 to 9 and press Enter (0 if you heard nothing):"),
    "live.good.camera": _("The picture and the light are good."),
    "live.good.microphone": _("The sound is good."),
    "live.fine": _("good"),
    "live.starting": _("One moment: camera and microphone are starting."),
    "live.sit": _("Sit as you will during the session and look at the camera. Then press Enter."),
    "live.evaluating": _("One moment: the picture and sound are being evaluated."),
    "meter.light": _("Light"),
    "meter.focus": _("Focus"),
    "meter.sound": _("Microphone"),
    "meter.download": _("Download"),
    "meter.upload": _("Upload"),
    "key.begin": _("Enter: begin"),
    "key.held": _("Enter: I am holding it up"),
    "key.skip": _("s: skip this"),
    "key.listen": _("Enter: play them"),
    "key.count": _("1 to 9: this many"),
    "key.silent": _("0: I hear nothing"),
    "key.play": _("Enter: play a tone"),
    "key.leave": _("q: quit"),
    "key.again": _("r: repeat the checks that failed"),
    "key.save": _("s: save the report"),
    "saved": _("The report has been saved: {path}"),
    "also-needed": _("You also need the following, which no computer can check:"),
    "device.camera": _("Camera:"),
    "device.microphone": _("Microphone:"),
    "device.speaker": _("Sound output:"),
    "level.download": _("download"),
    "level.upload": _("upload"),
    "interrupted": _("Stopped."),
    "close": _("Press Enter to close this window."),
    "bug": _("preflight ran into an error. Please send these lines to the bank's support:"),
    "list.camera": _("Cameras"),
    "list.microphone": _("Microphones"),
    "list.speaker": _("Sound outputs"),
    "none": _("none found"),
    "policy-old": _("Warning: the policy {policy} knows Zoom's releases only up to {day}."),
    "policy-fine": _("The policy {policy} is valid. Requirements in it: {count}."),
}

ALSO_NEEDED = (
    # What the bank asks for and no computer can measure.
    _(
        "You have registered in the Client Cabinet, filled in the questionnaire and uploaded a picture of"
        " your document."
    ),
    _("You have your eight-character password at hand."),
    _(
        "You have your identity document (passport or ID card) at hand, and paper and a pen for your"
        " signature."
    ),
    _("You are sitting in a quiet place where nobody will disturb you."),
    _("Zoom is allowed to use your camera and microphone."),
    _("Only this computer was checked. If you will use a phone, check it separately."),
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
    "rehearse-camera": _("Keep the camera on meanwhile, so that the battery gives what a session takes."),
    "report": _("A report that was saved as JSON."),
    "report-or-code": _("A report that was saved as JSON, or the code that a client reads out to you."),
    "judge-again": _("Judge the report again by this policy."),
    "compare": _("Say what changed between two saved reports."),
    "summary": _("Sum up many saved reports."),
    "many-reports": _("Reports saved as JSON or NDJSON, or folders of them."),
    "only": _("Do only these checks; an ID is a source (camera) or a check (camera.lighting)."),
    "skip": _("Skip these checks."),
    "policy-option": _("The policy to judge by: a name or a TOML file."),
    "lang": _("The language: English, Latvian or Russian."),
    "no-input": _("Ask no questions and wait for no input."),
    "plain": _("Lines without symbols or moving parts, for screen readers."),
    "strict": _("Treat warnings as failures; with a list, only those."),
    "timeout": _("Give each source at most this many seconds."),
    "camera": _("The camera (number, name, path, address), or a picture or video file."),
    "face-model": _("A YuNet face model (ONNX file) to find the face with."),
    "document": _("A camera or picture file that shows the identity document."),
    "speaker": _("The loudspeaker or headset (number or name), or a file with a recorded answer."),
    "microphone": _("The microphone (number or name), or a WAV or FLAC file."),
    "silence": _("How many seconds at the start of the sound file are silent."),
    "network": _("The server to test the connection against, or a file with a recorded test."),
    "full": _("Run speedtest.net's complete test (takes longer, uses much data)."),
    "power": _("A file with recorded battery readings."),
    "software": _("A file with recorded programs and system readings."),
    "record": _("Keep the raw readings of network, power and software in this folder."),
    "format": _("What to print: text, or a format for programs."),
    "output": _(
        "Also write a report to this file; its extension sets the format (.txt .json .xml .html .md .ndjson)."
    ),
    "devices-option": _(
        "Also include the names of camera and microphone in files (they can contain a person's name)."
    ),
    "quiet": _("Print nothing but the report."),
    "verbose": _("Show every measured value."),
}

USUAL_HELP: Mapping[str, str] = {
    # What usually helps where only the verdict of a check is known, as a support code tells it.
    "camera.video": _(
        "Check that a Full HD camera is plugged in, that its shutter is open,"
        " and that no other program is using it."
    ),
    "camera.still": _("Use a phone or tablet if the bank insists on 10 MP."),
    "camera.colour": _("Turn off night vision and black-and-white effects in the camera's own program."),
    "camera.face": _("Sit alone in the middle of the picture, at arm's length, and look into the camera."),
    "camera.lighting": _("Turn on a lamp in front of you, and do not sit with your back to a window."),
    "camera.focus": _("Wipe the lens, sit at arm's length, and sit still."),
    "camera.document": _("Hold the document still and flat, close to the camera and without reflections."),
    "microphone.signal": _(
        "Unmute the microphone, choose the right one in the system's sound settings,"
        " and speak a little louder."
    ),
    "microphone.noise": _("Close the windows, turn off fans and music, or use a headset."),
    "speaker.output": _("Plug in a headset or a loudspeaker, unmute it and turn the volume up."),
    "speaker.heard": _(
        "Turn the volume up, or choose the right loudspeaker or headset in the system's sound settings."
    ),
    "network.download": _(
        "Sit closer to the router or use a cable, and pause other downloads and video streaming."
    ),
    "network.upload": _("Sit closer to the router or use a cable, and pause backups and other uploads."),
    "network.stability": _("Sit closer to the router or use a cable, and switch off a VPN if you use one."),
    "network.reach": _("Try another network, for example a phone's hotspot."),
    "power.battery": _("Plug the charger in."),
    "software.zoom": _("Download Zoom from https://zoom.us/download and install or update it."),
    "software.browser": _("Install a web browser, for example Firefox or Chrome."),
    "software.system": _("Close all other programs, and keep the computer from going to sleep."),
}

SYSTEM: Mapping[str, str] = {
    # What a report says of the computer it was made on.
    "os": _("operating system"),
    "release": _("system release"),
    "machine": _("architecture"),
    "python": "Python",
}

SOURCES: Mapping[str, str] = {
    "camera": _("Camera"),
    "microphone": _("Microphone"),
    "speaker": _("Sound output"),
    "network": _("Internet connection"),
    "power": _("Power"),
    "software": _("Programs and computer"),
}

FACTS: Mapping[str, str] = {
    # What a fact is called beside its value; keyed "check.fact", or "fact" where it is the same everywhere.
    "present": _("device found"),
    "cause": _("cause"),
    # --- camera ---
    "width": _("width"),
    "height": _("height"),
    "black": _("empty frames"),
    "frozen": _("frozen for"),
    "corrupted": _("damaged frames"),
    "fps": _("frames a second"),
    "detail": _("lines of genuine detail"),
    "softness": _("width of the sharpest edges"),
    "virtual": _("a program instead of a camera"),
    "dropped": _("lost frames"),
    "megapixels": _("largest photo"),
    "chroma": _("amount of colour"),
    "camera.face.found": _("face found"),
    "eyes": _("between the eyes"),
    "inside": _("share inside the picture"),
    "others": _("somebody else in view"),
    "second_look": _("second face detector available"),
    "visible": _("bright enough to see anything"),
    "dark_half": _("brightness of the darker half"),
    "camera.lighting.noise": _("graininess"),
    "overexposed": _("pure white"),
    "side": _("lighter half compared with darker half"),
    "behind": _("background compared with face"),
    "light_factor": _("times more light needed"),
    "blur": _("blur"),
    "usual_blur": _("blur of an average frame"),
    "camera.document.found": _("lines with << signs seen"),
    "dpi": _("resolution"),
    "sharpness": _("fine detail of its text"),
    "glare": _("covered by a reflection"),
    "whole": _("fully in view"),
    # --- microphone ---
    "muted": _("muted"),
    "microphone.signal.rate": _("samples a second"),
    "interrupted": _("no sound for"),
    "clipping": _("peaks cut off"),
    "speech_level": _("level of the voice"),
    "treble": _("high tones"),
    "lost": _("sound missing"),
    "voice": _("voice heard"),
    "microphone.noise.ratio": _("voice above background"),
    "doubt": _("possible error"),
    "floor": _("background"),
    "microphone.noise.level": _("sound level"),
    "worst_minute": _("lost in the worst minute"),
    "dropouts": _("dropouts"),
    "asleep": _("asleep for"),
    "busy": _("processor in use"),
    "minutes": _("watched for"),
    # --- speaker ---
    "volume": _("volume"),
    "heard": _("tones counted correctly"),
    "rounds": _("times played"),
    "coupling": _("came back through the microphone"),
    "speaker.heard.delay": _("came back after"),
    # --- network ---
    "rate": _("rate"),
    "uneven": _("unevenness"),
    "seconds": _("duration"),
    "used": _("data used"),
    "provider": _("test server"),
    "complete": _("speedtest.net's complete test"),
    "round_trip": _("delay, round trip"),
    "jitter": _("jitter"),
    "loss": _("loss"),
    "gap": _("longest gap"),
    "method": _("measured by"),
    "network.stability.down": _("received"),
    "network.stability.up": _("sent"),
    "network.reach.cabinet": _("Client Cabinet answers"),
    "network.reach.zoom": _("Zoom answers"),
    "udp": _("UDP works"),
    "cabinet_time": _("Client Cabinet answered in"),
    "zoom_time": _("Zoom answered in"),
    # --- power ---
    "plugged": _("plugged in"),
    "power.battery.minutes": _("battery life"),
    "charge": _("charge"),
    "power.battery.energy": _("usable energy"),
    "draw": _("measured power use"),
    "assumed": _("assumed power use in a call"),
    # --- software ---
    "installed": _("installed"),
    "software.zoom.version": _("version"),
    "released": _("release date"),
    "software.zoom.minimum": _("oldest accepted version"),
    "recent": _("new enough"),
    "handler": _("opens Zoom links"),
    "left_over": _("traces of an uninstalled Zoom"),
    "default": _("opens links"),
    "software.browser.name": _("browser"),
    "software.browser.version": _("version"),
    "supported": _("Zoom runs on this system"),
    "processors": _("processor cores"),
    "processor": _("processor"),
    "memory": _("memory"),
    "load": _("load"),
    "sleep": _("time until sleep"),
    "system": _("system"),
    "saver": _("energy saver on"),
    "restart": _("waiting for a restart"),
    "remote": _("used from another computer"),
    "software.system.virtual": _("virtual machine"),
}

UNITS: Mapping[str, str] = {
    "": "{number}",
    "%": _("{number}%"),
    "Hz": _("{number} Hz"),
    "Mbit/s": _("{number} Mbit/s"),
    "MP": _("{number} MP"),
    "MB": _("{number} MB"),
    "GiB": _("{number} GB"),
    "W": _("{number} W"),
    "Wh": _("{number} Wh"),
    "dB": _("{number} dB"),
    "dBFS": _("{number} dBFS"),
    "dpi": _("{number} dpi"),
    "fps": _("{number} fps"),
    "min": _("{number} min"),
    "s": _("{number} s"),
    "ms": _("{number} ms"),
    "px": _("{number} px"),
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.PASS: _("Pass"),
    Verdict.WARN: _("Warning"),
    Verdict.FAIL: _("Fail"),
    Verdict.ERROR: _("Not measured"),
    Verdict.SKIP: _("Skipped"),
}

SYMBOLS: Mapping[Verdict, str] = {
    # What the eye finds a verdict by, beside its word or its place in a list.
    Verdict.PASS: "✓",
    Verdict.WARN: "!",
    Verdict.FAIL: "✗",
    Verdict.ERROR: "?",
    Verdict.SKIP: "–",
}

READINESS: Mapping[Readiness, str] = {
    Readiness.READY: _("Ready"),
    Readiness.NOT_READY: _("Not ready yet"),
    Readiness.INCOMPLETE: _("Not fully checked"),
}

WHYS: Mapping[WarnReason, str] = {
    WarnReason.CLOSE: _("enough, but with little to spare"),
    WarnReason.UNSURE: _("not certain"),
    WarnReason.ADVISED: _("advised, not required"),
}

LEVELS: Mapping[Level, str] = {
    Level.MUST: _("required"),
    Level.SHOULD: _("advised"),
}

OPERATORS: Mapping[Operator, str] = {
    Operator.AT_LEAST: _("at least {bound}"),
    Operator.AT_MOST: _("at most {bound}"),
    Operator.EQUALS: "{bound}",
}

UNMETS: Mapping[SkipReason, str] = {
    SkipReason.NOT_ASKED: _("not requested this time"),
    SkipReason.DECLINED: _("you chose to skip it"),
    SkipReason.NOT_APPLICABLE: _("does not apply to this computer"),
}

TROUBLES: Mapping[str, Cure] = {
    # "kind" or, more exact, "kind.source"
    "busy": Cure(
        finding=_("another program is using the device"),
        advice=_("Close other programs that may use it, then check again."),
    ),
    "busy.camera": Cure(
        finding=_("another program is using the camera"),
        advice=_(
            "Close Zoom, Teams, the browser and other programs that may use the camera, then check again."
        ),
    ),
    "busy.microphone": Cure(
        finding=_("another program is using the microphone"),
        advice=_("Close other programs that may use the microphone, then check again."),
    ),
    "no-permission": Cure(
        finding=_("this computer does not allow preflight to use the device"),
        advice=_("Allow this in the system's privacy settings, then check again."),
    ),
    "no-permission.camera": Cure(
        finding=_("this computer does not allow programs to use the camera"),
        advice=_("Allow access to the camera in the system's privacy settings, then check again."),
    ),
    "no-permission.microphone": Cure(
        finding=_("this computer does not allow programs to use the microphone"),
        advice=_("Allow access to the microphone in the system's privacy settings, then check again."),
    ),
    "no-permission.camera.denied": Cure(
        finding=_("this Mac does not allow {program} to use the camera"),
        advice=_(
            "In System Settings, under Privacy & Security, Camera, switch on {program}. Then quit {program},"
            " open it again and repeat the check."
        ),
    ),
    "no-permission.microphone.denied": Cure(
        finding=_("this Mac does not allow {program} to use the microphone"),
        advice=_(
            "In System Settings, under Privacy & Security, Microphone, switch on {program}. Then quit"
            " {program}, open it again and repeat the check."
        ),
    ),
    **dict.fromkeys(
        ("no-permission.camera.not-asked", "no-permission.microphone.not-asked"),
        Cure(
            finding=_("this Mac's question whether the device may be used was not answered"),
            advice=_("Check again and choose “OK” or “Allow” when this Mac asks."),
        ),
    ),
    **dict.fromkeys(
        ("no-permission.camera.undeclared", "no-permission.microphone.undeclared"),
        Cure(
            finding=_("the terminal app in use cannot ask this Mac for access to the device"),
            advice=_("Open Apple's own Terminal (under Applications, Utilities) and run the check there."),
        ),
    ),
    "no-library": Cure(
        finding=_("a system component that preflight needs is missing"),
        advice=_("Install it; on Debian or Ubuntu type: sudo apt install libgl1 libglib2.0-0 libportaudio2"),
    ),
    "no-library.camera": Cure(
        finding=_("a system component needed to read the camera is missing"),
        advice=_(
            "Install it; on Windows N it is the Media Feature Pack, among the optional features in Settings;"
            " on Debian or Ubuntu type: sudo apt install libgl1 libglib2.0-0"
        ),
    ),
    "no-library.microphone": Cure(
        finding=_("a system component needed to record sound is missing"),
        advice=_("Install it; on Debian or Ubuntu type: sudo apt install libportaudio2"),
    ),
    "no-data": Cure(
        finding=_("the device turns on but sends nothing"),
        advice=_("Unplug the device, plug it in again, and check once more."),
    ),
    "no-data.camera": Cure(
        finding=_("the camera turns on but sends no picture"),
        advice=_("Unplug the camera and plug it in again, or restart the computer, then check again."),
    ),
    "no-data.microphone": Cure(
        finding=_("the microphone turns on but sends no sound"),
        advice=_("Unplug the microphone and plug it in again, or restart the computer, then check again."),
    ),
    "no-data.power": Cure(
        finding=_("this computer does not report whether it is plugged in"),
        advice=_(
            "Plug the charger into the computer and into a wall socket, and leave it plugged in for the whole"
            " session."
        ),
    ),
    "no-signal": Cure(
        finding=_("the video input has no picture"),
        advice=_("Switch on the camera that is connected to this input, or choose another camera."),
    ),
    "no-signal.microphone": Cure(
        finding=_(
            "the microphone sends nothing at all while nobody speaks: the background noise cannot be measured"
        ),
        advice=_(
            "Switch off noise suppression, do not mute the microphone during the check, and check again."
        ),
    ),
    "lost": Cure(
        finding=_("the device was disconnected during the check"),
        advice=_("Check its cable, or plug it into another socket, then check again."),
    ),
    "not-heard": Cure(
        finding=_("no voice was heard"),
        advice=_("Check again and read the sentence aloud when you are asked to."),
    ),
    "no-network": Cure(
        finding=_("this computer is not connected to the internet"),
        advice=_("Connect to Wi-Fi or plug in the network cable, then check again."),
    ),
    "no-names": Cure(
        finding=_("this computer cannot look up internet addresses"),
        advice=_(
            "At home, restart your router; at work, ask your IT department. Switch off a VPN if you use one,"
            " then check again."
        ),
    ),
    "portal": Cure(
        finding=_("this network wants you to sign in first"),
        advice=_("Open any page in your browser, sign in to the network, then check again."),
    ),
    "inspected": Cure(
        finding=_("something between this computer and the internet is reading secure connections"),
        advice=_("Use your own computer on a home network, or ask whoever looks after this one."),
    ),
    "expired": Cure(
        finding=_("a certificate is out of date, or the clock of this computer is wrong"),
        advice=_("Check the date and time of this computer, then check again."),
    ),
    "proxy-login": Cure(
        finding=_("the proxy of this network asks for a user name and a password"),
        advice=_("Use another network, or ask whoever looks after this one."),
    ),
    "no-speed-test": Cure(
        finding=_("the address given for the test answers, but offers no speed test"),
        advice=_("Check the address after --network, or omit it."),
    ),
    "refused": Cure(
        finding=_("the test server refused to serve this computer"),
        advice=_("Wait a few minutes, then check again."),
    ),
    "unreachable": Cure(
        finding=_("the test server does not answer"),
        advice=_("Open any page in your browser; if that works, wait a few minutes and check again."),
    ),
    "unreachable.camera": Cure(
        finding=_("the camera does not answer at its address"),
        advice=_("Switch the camera on, make sure that its address is right, then check again."),
    ),
    "interrupted": Cure(
        finding=_("the connection was interrupted during the measurement"),
        advice=_("Move closer to the router or use a network cable, then check again."),
    ),
    "no-memory": Cure(
        finding=_("this computer ran out of memory during the measurement"),
        advice=_("Close other programs, then check again."),
    ),
    "starved": Cure(
        finding=_("this computer was too busy with other work for the measurement"),
        advice=_("Close other programs, then check again."),
    ),
    "bad-input": Cure(
        finding=_("the file cannot be read: it is damaged or of the wrong kind"),
        advice=_("Give an undamaged file of the right kind."),
    ),
    "timeout": Cure(
        finding=_("the measurement did not finish in time"),
        advice=_("Check again; if nothing changes, restart the computer."),
    ),
    "timeout.camera": Cure(
        finding=_("the camera did not answer in time"),
        advice=_("Unplug the camera and plug it in again, or restart the computer, then check again."),
    ),
    "timeout.microphone": Cure(
        finding=_("the microphone did not answer in time"),
        advice=_("Unplug the microphone and plug it in again, or restart the computer, then check again."),
    ),
    "slow": Cure(
        finding=_("the file could not be processed in time"),
        advice=_("Close other programs or use a shorter file; --timeout allows more time."),
    ),
    "timeout.network": Cure(
        finding=_("the measurement of the connection did not finish in time"),
        advice=_("Check again; if nothing changes, try another network."),
    ),
    "crash": Cure(
        finding=_("the measurement failed unexpectedly"),
        advice=_("Check again; if nothing changes, restart the computer."),
    ),
    **dict.fromkeys(
        ("crash.camera", "crash.microphone"),
        Cure(
            finding=_("the measurement failed because of the device's driver"),
            advice=_("Check again; if nothing changes, restart the computer or use another device."),
        ),
    ),
    "bug": Cure(
        finding=_("preflight ran into an error"),
        advice=_("Make a report with the option -v and send it to the bank's support."),
    ),
}

DETAILED = frozenset({Kind.BAD_INPUT, Kind.NO_LIBRARY})
"""Troubles whose detail helps the person at once; of the others it is for support staff."""

_MAC_SAYS = re.compile(r"macos says: \w+ ([a-z-]+)(?: to ([\w ]{1,40}))?$")
"""What macOS said of a device, and the program that it said it of."""

_WORDLESS = Miss(
    finding=_("{title}: {value}, needed: {bound}"),
    effect="",
    advice=_("Ask the bank's support what to do, and send this report with your question."),
)


class _Shown(str):
    """A value as it is shown, of which a message can also take a part.

    `{width:#}` is its number without the unit, `{value:time|times}` the word that goes
    with its number, in as many forms as the language has.
    """

    __slots__ = ("lang", "number")
    lang: str
    number: str

    def __new__(cls, text: str, number: str, lang: str) -> Self:
        shown = super().__new__(cls, text)
        shown.number, shown.lang = number, lang
        return shown

    def __format__(self, part: str) -> str:
        if part == "#":
            return self.number
        return part.split("|")[_plural(self.number, self.lang)] if part else str(self)


def _filled_in(value: object) -> object:
    # What is `_Shown` was measured, or read as a report or a policy is.
    return codec.sanitize_text(str(value)) if type(value) is str or isinstance(value, PurePath) else value


class _Values(dict[str, object]):
    """Values of placeholders; one that is missing never breaks a sentence."""

    def __missing__(self, key: str) -> str:
        return _Shown("?", "?", "en")


_Texts = TypeVar("_Texts", About, Miss, Cure)


class Words:
    """The words in one language; English where a translation is missing."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else "en"
        self._gettext = _catalogue(self.lang)

    def say(self, message: str, /, **values: object) -> str:
        """Return a message in this language with its placeholders filled.

        A text or a path that is filled in may come from anywhere: it is made printable.
        """
        words = self._gettext(message) if message else ""
        return (
            words.format_map(_Values({key: _filled_in(each) for key, each in values.items()}))
            if values
            else words
        )

    def told(self, error: UserError) -> str:
        """Return what a person is told of an error."""
        values = {name: self._plain(value) for name, value in error.values.items()}
        if reason := error.values.get("reason"):
            values["reason"] = self._gettext(str(reason))
        return self.say(ERRORS.get(error.key, error.key), **values)

    def title(self, check: str) -> str:
        """Return the name of a check; of one without words, its id."""
        return self.say(CHECKS[check].title) if check in CHECKS else check

    def about(self, check: str, parameters: Mapping[str, object]) -> About:
        """Return what a check is about; `parameters` are the policy's for its source."""
        return self._all(CHECKS.get(check, About(title=check, question="", how="")), self.figures(parameters))

    def usual_help(self, check: str) -> str:
        """Return what usually helps where no more is known than that a check failed."""
        return self.say(USUAL_HELP[check]) if check in USUAL_HELP else ""

    def label(self, check: str, fact: str) -> str:
        """Return what a fact is called."""
        message = FACTS.get(f"{check}.{fact}") or FACTS.get(fact)
        return self.say(message) if message else fact.replace("_", " ")

    def circumstance(self, name: str) -> str:
        """Return what is called so of the computer that a report was made on."""
        return self.say(SYSTEM.get(name, name))

    def number(self, number: float, *, apart_from: Value = None) -> str:
        """Return a number of three significant figures, or more where it would look like `apart_from`."""
        decimals = 0
        if isinstance(number, float) and number and abs(number) < 100:  # noqa: PLR2004 - three figures
            decimals = 2 - math.floor(math.log10(abs(number)))
        shown = _decimals(number, decimals)
        if isinstance(apart_from, int | float) and number != apart_from:
            while decimals < 9 and float(shown) == round(apart_from, decimals):  # noqa: PLR2004 - no noise
                decimals += 1
                shown = _decimals(number, decimals)
        shown = shown.replace("-", "\u2212")
        return shown if self.lang == "en" else shown.replace(".", ",")

    def value(self, value: Value, unit: str = "", *, apart_from: Value = None) -> str:
        """Return a value with its unit: "24.3 Mbit/s", "6.0.2", "yes"."""
        if value is None:
            return self.say(_("unknown"))
        if isinstance(value, bool):
            return self.say(_("yes") if value else _("no"))
        if isinstance(value, tuple):
            return ".".join(map(str, value))
        if isinstance(value, str):
            return value
        number = self.number(value, apart_from=apart_from)
        # The unit of a report that others wrote is not a message.
        return self.say(UNITS[unit], number=number) if unit in UNITS else f"{number}\N{NO-BREAK SPACE}{unit}"

    def fact(self, fact: Fact, *, apart_from: Value = None) -> str:
        """Return a fact with the interval it may lie in: "8 Mbit/s (7.6–8.3)", "at least 24 Mbit/s"."""
        shown = self.value(fact.value, fact.unit, apart_from=apart_from)
        if not is_number(fact.value):
            return shown
        low = None if fact.low is None else self.number(fact.low, apart_from=apart_from)
        high = None if fact.high is None else self.number(fact.high, apart_from=apart_from)
        exactly = self.number(fact.value, apart_from=apart_from)
        if low == high:
            return shown
        if high is None:
            bound = self.say(_("at least {bound}"), bound=shown if low == exactly else low)
            return bound if low == exactly else f"{shown} ({bound})"
        if low is None:
            bound = self.say(_("at most {bound}"), bound=shown if high == exactly else high)
            return bound if high == exactly else f"{shown} ({bound})"
        if fact.low is not None and fact.low < 0:
            return f"{shown} ({self.say(_('{low} to {high}'), low=low, high=high)})"
        return f"{shown} ({low}–{high})"

    def bound(self, demand: Demand, unit: str) -> str:
        """Return what a demand asks for: "at least 8 Mbit/s"."""
        return self.say(OPERATORS[demand.operator], bound=self.value(demand.bound, unit))

    def comfortable(self, demand: Demand, unit: str) -> str:
        """Return the comfortable mark of a demand: "at least 12 Mbit/s"."""
        return self.say(OPERATORS[demand.operator], bound=self.value(demand.comfortable, unit))

    def measured(self, check: Check) -> str:
        """Return the template of a check filled with its facts, or an empty text where one is missing."""
        cause = check.facts.get("cause")
        message = MEASURED.get(f"{check.id}.{cause.value}", "") if cause is not None else ""
        message = message or (CHECKS[check.id].measured if check.id in CHECKS else "")
        known = {
            name: self._shown(fact.value, self.fact(fact))
            for name, fact in check.facts.items()
            if fact.value is not None
        }
        try:
            return self.say(message).format_map(known)
        except KeyError:
            return ""

    def caused(self, check: Check, result: Result) -> str:
        """Return the key of the words for the cause that a check names; empty where there are none."""
        cause = check.facts.get("cause")
        exact = f"{check.id}.{result.fact}.{cause.value}" if cause is not None else ""
        return exact if exact in MISSES else ""

    def miss(self, check: Check, result: Result) -> Miss:
        """Return what was found, its effect and one action, by the cause the check names where it does."""
        key = self.caused(check, result) or f"{check.id}.{result.fact}"
        fact = check.facts.get(result.fact)
        unit = fact.unit if fact else ""
        value = self.value(fact.value, unit, apart_from=result.demand.bound) if fact else ""
        values = {
            name: self._shown(other.value, self.value(other.value, other.unit))
            for name, other in check.facts.items()
        }
        return self._all(
            MISSES.get(key, _WORDLESS),
            {
                **values,
                "title": self.label(check.id, result.fact),
                **({"value": self._shown(fact.value, value)} if fact else {}),
                "bound": self.value(result.demand.bound, unit),
            },
        )

    def trouble(self, trouble: Trouble, source: str) -> Cure:
        """Return what is said of a measurement of a source that broke."""
        said = _MAC_SAYS.search(trouble.detail)
        exact = f"{trouble.kind}.{source}.{said[1]}" if said else ""
        # Whom it was denied to is only said where that is known.
        if exact in TROUBLES and said and (said[2] or said[1] != "denied"):
            return self._all(TROUBLES[exact], {"program": said[2]})
        cure = TROUBLES.get(f"{trouble.kind}.{source}") or TROUBLES[trouble.kind]
        return self._all(cure, {})

    def skip(self, skipped_for: str) -> str:
        """Return why a check was skipped."""
        if skipped_for in tuple(SkipReason):
            return self.say(UNMETS[SkipReason(skipped_for)])
        return self.say(_("first solve “{title}”"), title=self.title(skipped_for))

    def phase(self, source: str, name: str, parameters: Mapping[str, object]) -> str:
        """Return what is said of a phase or a prompt of a source; an empty text where nothing is.

        `parameters` are the policy's for this source.
        """
        return self.say(PHASES.get(f"{source}.{name}", PHASES.get(name, "")), **self.figures(parameters))

    def figures(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """Return the policy's parameters as messages name them, with the units that end their names."""
        return {
            name: self._shown(value, self.value(value, _FIGURES.get(name.rpartition("_")[2], "")))
            for name, value in parameters.items()
            if is_number(value)
        }

    def _shown(self, value: Value, text: str) -> str:
        number = self.number(value) if isinstance(value, int | float) else text
        return _Shown(text, number, self.lang)

    def _plain(self, value: object) -> object:
        return self.value(value) if isinstance(value, bool | int | float | tuple) else value

    def _all(self, texts: _Texts, values: Mapping[str, object]) -> _Texts:
        said = {field.name: self.say(getattr(texts, field.name), **values) for field in fields(texts)}
        return type(texts)(**said)


def language(explicit: str | None, environ: Mapping[str, str], system: Callable[[], str] = str) -> str:
    """Return the language to speak: the one asked for, else the system's, else English.

    `system` tells the user's language on systems that keep it outside the
    environment ("lv-LV", "ru_RU"), and is only asked when the environment says nothing.
    """
    if explicit:
        return explicit
    told = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    if told.partition(".")[0] in ("", "C", "POSIX"):
        told = system()
    code = re.split(r"[-_.@]", told)[0].lower()
    return code if code in LANGUAGES else "en"


def _catalogue(lang: str) -> Callable[[str], str]:
    """Return what finds the words of a message; in them a number stays on one line with what follows it."""
    folder = Path(__file__).parent / "locale"
    find = gettext.translation("preflight", folder, languages=[lang], fallback=True).gettext

    @cache
    def words(message: str) -> str:
        said = _NUMBER.sub("\\1\N{NO-BREAK SPACE}", find(message))
        return said.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")

    return words


def _decimals(number: float, decimals: int) -> str:
    """Return a number with at most so many decimals and no trailing zeros."""
    if isinstance(number, int):
        return str(number)
    number = round(number, decimals) + 0.0  # no minus before a nought
    shown = f"{number:.{max(decimals, 0)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _plural(number: str, lang: str) -> int:
    """Return which form of a word goes with a number as it is shown: 0 one, 1 few or some, 2 many."""
    if not number.isdigit():
        return 1  # a fraction: "2.5 times", "2,5 reizes", "2,5 раза"
    if lang == "en":
        return int(number != "1")
    ones, tens = int(number[-1]), int(number[-2:-1] or 0)
    if tens != 1 and ones == 1:
        return 0
    return 1 if lang == "lv" or (tens != 1 and 1 < ones < 5) else 2  # noqa: PLR2004 - два, три, четыре
