"""What is said around a run, in plain lines and on the live screen."""

from collections.abc import Mapping

from preflight.texts.message import _

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

GUIDE: Mapping[str, str] = {
    # What is said around a run.
    "begin": _("Checking this computer for the video session with the bank. It takes about a minute."),
    "begin.clip": _("Checking the video from a phone or another device. It takes a few seconds."),
    "data": _("Testing the connection uses up to {most} of data."),
    "sit": _("Sit the way you will sit during the session, look at the camera, and keep the room quiet."),
    "enter": _("Press Enter when you are ready."),
    "enter-or-skip": _("Press Enter when you are holding it up, or type s and press Enter to skip this:"),
    "live.title": _("Adjust lamp, seat and microphone until everything is good"),
    "live.title.speaker": _("Adjust the volume and the sound output until you hear the tone"),
    "enter-to-listen": _("Press Enter to hear them, or type s and press Enter to skip this:"),
    "rehearse": _(
        "Watching the connection and the battery for {minutes}; at most {most} of data will be used. You can"
        " go on using the computer. Press Ctrl and C to end it early and to see what was noticed until then."
    ),
    "rehearse.no-camera": _(
        "The camera is not on: {finding}. The battery is measured without it, and will not last as long in"
        " the session."
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
