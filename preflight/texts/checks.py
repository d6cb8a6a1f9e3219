"""What each check is called, asks and measures, and the names of its facts."""

from collections.abc import Mapping

from preflight.texts.message import CheckText, _

CHECKS: Mapping[str, CheckText] = {
    # --- camera ---
    "camera.video": CheckText(
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
    "camera.still": CheckText(
        title=_("Camera: photo"),
        question=_("How large a photo can the camera take?"),
        how=_(
            "The camera is asked for its largest picture; what counts is the size of the picture that"
            " arrives."
        ),
        sure=_("Certain: it is the size of the picture that arrived."),
        measured=_("{megapixels}"),
    ),
    "camera.colour": CheckText(
        title=_("Camera: colour"),
        question=_("Is it a colour camera?"),
        how=_(
            "Colour is what remains of a picture once an even tint over grey is discounted; the average of"
            " several frames is used."
        ),
        sure=_("In tests with coloured and grey scenes, every result was right."),
        measured=_("in colour"),
    ),
    "camera.face": CheckText(
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
    "camera.lighting": CheckText(
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
    "camera.focus": CheckText(
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
    "camera.document": CheckText(
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
    "microphone.signal": CheckText(
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
    "microphone.noise": CheckText(
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
    "speaker.output": CheckText(
        title=_("Sound output"),
        question=_("Can this computer play the bank employee's voice?"),
        how=_(
            "The system is asked which loudspeaker or headset it uses, whether it is muted, and how loud it"
            " is. No sound is played."
        ),
        sure=_("As reliable as what the system says; not every system knows the volume."),
        measured=_("volume {volume}"),
    ),
    "speaker.heard": CheckText(
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
    "network.download": CheckText(
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
    "network.upload": CheckText(
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
    "network.stability": CheckText(
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
    "network.reach": CheckText(
        title=_("Client Cabinet and Zoom"),
        question=_("Can this computer reach the Client Cabinet and Zoom?"),
        how=_(
            "A secure connection is opened to each and its certificate is checked; no page is loaded. A short"
            " UDP request shows whether calls can take their usual route. The system is asked whether the"
            " connection uses a cable, Wi-Fi, a mobile network or a VPN; no name or address of it is kept."
        ),
        sure=_(
            "It is certain that they answered at the time of the test. If UDP works, this does not prove that"
            " every route Zoom uses is open."
        ),
        measured=_("both answer"),
    ),
    # --- power ---
    "power.battery": CheckText(
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
    "software.zoom": CheckText(
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
    "software.browser": CheckText(
        title=_("Web browser"),
        question=_("Is there a web browser that opens the bank's pages?"),
        how=_("The system is asked which programs open web pages and which one it uses to open links."),
        sure=_("Certain for installed programs. A program that was only unpacked may not be found."),
        measured="{name}",
    ),
    "software.system": CheckText(
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

MEASURED: Mapping[str, str] = {
    # What to show when all is well for a cause, in place of the check's own template: "check.cause".
    "speaker.heard.headset": _("tones heard, probably on a headset"),
    "speaker.heard.loudspeaker": _("tones heard, on a loudspeaker"),
    "power.battery.plugged": _("plugged in"),
    "power.battery.weak-charger": _("lasts {minutes}, but its charger is too weak"),
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
    "wireless": _("over Wi-Fi"),
    "mobile": _("over a mobile network"),
    "tunnel": _("through a VPN"),
    "metered": _("data paid for by volume"),
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
    "held_back": _("known settings that hold it back"),
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
    "hindered": _("something in the way that the system tells of"),
    "saver": _("energy saver on"),
    "restart": _("waiting for a restart"),
    "remote": _("used from another computer"),
    "software.system.virtual": _("virtual machine"),
}
