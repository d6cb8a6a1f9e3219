"""What is said of each demand that was not met: what was found, its effect on the session, and one action.

Longer than 500 lines because it is one table with an entry for each demand and cause, and nothing else.
"""

from collections.abc import Mapping

from preflight.texts.message import MissText, _

MISSES: Mapping[str, MissText] = {
    # "check.fact" or, more exact, "check.fact.cause"
    # --- camera ---
    "camera.video.present": MissText(
        finding=_("no camera was found"),
        effect=_("The bank employee will not be able to see you, and the session cannot take place."),
        advice=_("Connect a camera, or use a phone or tablet for the session."),
    ),
    "camera.video.width": MissText(
        finding=_("the picture is {width} wide and {height} high; it must be at least {bound} wide"),
        effect=_("The bank employee will not be able to read the small print of your document."),
        advice=_("Use a 1080p (Full HD) camera or better, or a phone or tablet."),
    ),
    "camera.video.height": MissText(
        finding=_("the picture is {height} high; it must be at least {bound} high"),
        effect=_("The bank employee will not be able to read the small print of your document."),
        advice=_("Use a 1080p (Full HD) camera or better, or a phone or tablet."),
    ),
    "camera.video.width.clip": MissText(
        finding=_("the video is too small: {width} wide and {height} high; it must be at least {bound} wide"),
        effect=_("The bank employee will not be able to read the small print of your document."),
        advice=_(
            "Record at 1080p (Full HD) with the phone's own camera app, and give the original file:"
            " messengers make videos smaller."
        ),
    ),
    "camera.video.height.clip": MissText(
        finding=_("the video is too small: {height} high; it must be at least {bound} high"),
        effect=_("The bank employee will not be able to read the small print of your document."),
        advice=_(
            "Record at 1080p (Full HD) with the phone's own camera app, and give the original file:"
            " messengers make videos smaller."
        ),
    ),
    "camera.video.black": MissText(
        finding=_("the camera sends an empty picture"),
        effect=_("The bank employee will not be able to see you."),
        advice=_(
            "Open the camera's shutter or take the cover off the lens; on some laptops a key turns the camera"
            " on."
        ),
    ),
    "camera.video.frozen": MissText(
        finding=_("the picture froze for {value}"),
        effect=_("The bank employee will see a still picture instead of you."),
        advice=_("Unplug the camera and plug it in again, or restart the computer."),
    ),
    "camera.video.corrupted": MissText(
        finding=_("{value} of the frames arrive damaged"),
        effect=_("Parts of your face and document will be missing from the picture."),
        advice=_("Plug the camera directly into another USB port, without a hub or extension."),
    ),
    "camera.video.fps": MissText(
        finding=_("the camera sends {value}, {bound} would be better"),
        effect=_("Your movements will look jumpy."),
        advice=_("Add more light and close other programs; in the dark a camera slows down."),
    ),
    "camera.video.fps.still": MissText(
        finding=_("a single picture cannot show how many frames a second the camera sends"),
        effect="",
        advice=_("Check the camera itself, or use a video file."),
    ),
    "camera.video.detail": MissText(
        finding=_("the picture is {width:#} × {height} but looks as if it was enlarged from {value:#} lines"),
        effect=_("It may show less detail than its size suggests, and small print will be hard to read."),
        advice=_("Choose the camera's own 1080p mode, and close other camera programs."),
    ),
    "camera.video.softness": MissText(
        finding=_("the picture is blurred: nothing in it is sharp"),
        effect=_("The small print of your document will be hard to read."),
        advice=_("Wipe the lens with a soft cloth and sit an arm's length away, so that it can focus."),
    ),
    "camera.video.virtual": MissText(
        finding=_("this is a program that pretends to be a camera"),
        effect=_("The bank needs the picture from your real camera."),
        advice=_("Choose your real camera."),
    ),
    "camera.still.megapixels": MissText(
        finding=_("the bank asks for {bound}; this camera's largest picture is {value}"),
        effect=_("Hardly any computer camera reaches that; phones do."),
        advice=_(
            "If the bank insists on it, use a phone or tablet for the session, or ask the bank for another"
            " way to identify yourself."
        ),
    ),
    "camera.still.megapixels.clip": MissText(
        finding=_("the photo is too small: {value}; the bank asks for {bound}"),
        effect=_("The small print of your document will be hard to read."),
        advice=_(
            "Take the photo with the phone's main camera, and give the original file: messengers make"
            " photos smaller."
        ),
    ),
    "camera.colour.chroma": MissText(
        finding=_("the camera sends a picture without colour"),
        effect=_("The bank employee will not be able to check the colours of your document."),
        advice=_("Turn off a black-and-white or night mode, choose the colour camera, or use another one."),
    ),
    "camera.colour.chroma.dark": MissText(
        finding=_("it is too dark to tell whether the camera shows colours"),
        effect="",
        advice=_("Turn on a lamp, then check again."),
    ),
    "camera.face.found": MissText(
        finding=_("no face can be seen in the picture"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Sit in front of the camera and look at it."),
    ),
    "camera.face.found.nobody": MissText(
        finding=_("nobody can be seen in the picture"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Sit in front of the camera, an arm's length away, and look at it."),
    ),
    "camera.face.found.turned": MissText(
        finding=_("your face is turned away from the camera"),
        effect=_("The bank employee will not be able to recognise you from the side."),
        advice=_("Place the camera in front of you and look straight at it."),
    ),
    "camera.face.found.too-small": MissText(
        finding=_("your face is too small in the picture"),
        effect=_("The bank employee will see too little of your face."),
        advice=_("Move closer to the camera, to about an arm's length."),
    ),
    "camera.face.found.sideways": MissText(
        finding=_("the picture lies on its side"),
        effect=_("The bank employee will see you lying on your side."),
        advice=_(
            "Put the camera upright, or turn the picture in the camera's settings; in Zoom use “Rotate 90°”"
            " in the video settings."
        ),
    ),
    "camera.face.found.upside-down": MissText(
        finding=_("the picture is upside down"),
        effect=_("The bank employee will see you upside down."),
        advice=_(
            "Turn the camera the right way up, or turn the picture in the camera's settings; in Zoom press"
            " “Rotate 90°” twice in the video settings."
        ),
    ),
    "camera.face.found.cut": MissText(
        finding=_("half of your face is outside the picture"),
        effect=_("The bank employee will not be able to see your whole face."),
        advice=_("Sit in the middle of the picture and tilt the camera until your whole head is in it."),
    ),
    "camera.face.eyes": MissText(
        finding=_("your face is small in the picture: {value} between the eyes"),
        effect=_("The bank employee will see too little of your face."),
        advice=_("Move closer to the camera, to about an arm's length."),
    ),
    "camera.face.inside": MissText(
        finding=_("your face is cut off by the edge of the picture"),
        effect=_("The bank employee will not be able to see your whole face."),
        advice=_("Sit in the middle of the picture and tilt the camera until your whole head is in it."),
    ),
    "camera.face.others": MissText(
        finding=_("another person is in the picture"),
        effect=_("You must be alone during the session; otherwise the bank employee may end it."),
        advice=_("Ask others to leave the room for the session."),
    ),
    "camera.lighting.visible": MissText(
        finding=_("it is too dark to see whether anyone is there"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Turn on the light in the room, and a lamp in front of you."),
    ),
    "camera.lighting.visible.noise": MissText(
        finding=_("there is so little light that the picture is very grainy"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Turn on the light in the room, and a lamp in front of you."),
    ),
    "camera.lighting.visible.burnt": MissText(
        finding=_("there is so much light that your face is pure white"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Move the lamp further away or turn away from the sun, and give the camera time to adjust."),
    ),
    "camera.lighting.visible.backlight": MissText(
        finding=_("the light comes from behind you, and only a dark shape can be seen"),
        effect=_("The bank employee will not be able to see your face."),
        advice=_("Turn so that the window or lamp is in front of you, or draw the curtain behind you."),
    ),
    "camera.lighting.dark_half": MissText(
        finding=_("there is too little light on your face"),
        effect=_("The bank employee will not be able to recognise your face."),
        advice=_("Turn on a lamp in front of you, or sit facing a window."),
    ),
    "camera.lighting.dark_half.dark": MissText(
        finding=_(
            "there is too little light on your face: {light_factor} {light_factor:time|times} as much"
            " is needed"
        ),
        effect=_("The bank employee will not be able to recognise your face."),
        advice=_("Turn on a lamp in front of you, or sit facing a window."),
    ),
    "camera.lighting.dark_half.both": MissText(
        finding=_("there is too little light on your face, and the picture is very grainy"),
        effect=_("The bank employee will not be able to recognise your face."),
        advice=_("Turn on a strong lamp in front of you."),
    ),
    "camera.lighting.dark_half.backlight": MissText(
        finding=_("the light comes from behind you, and too little falls on your face"),
        effect=_("Your face will look like a dark shape against a bright background."),
        advice=_("Turn so that the window or lamp is in front of you, or draw the curtain behind you."),
    ),
    "camera.lighting.dark_half.one-sided": MissText(
        finding=_("the light comes from one side, and half of your face lies in shadow"),
        effect=_("The bank employee will not be able to see half of your face."),
        advice=_("Put a lamp in front of you, or turn towards the light."),
    ),
    "camera.lighting.noise": MissText(
        finding=_("there is so little light that the picture is very grainy"),
        effect=_("The details by which your face is recognised are lost in the grainy picture."),
        advice=_("Add more light in the room, and turn on a lamp in front of you."),
    ),
    "camera.lighting.overexposed": MissText(
        finding=_("the light on your face is so strong that {value} of it is pure white"),
        effect=_("The features of your face are washed out."),
        advice=_("Move the lamp further away, or turn away from the sun."),
    ),
    "camera.lighting.side": MissText(
        finding=_("one half of your face has {value} {value:time|times} as much light as the other"),
        effect=_("One half of your face is hard to see."),
        advice=_("Put a lamp in front of you, or turn towards the light."),
    ),
    "camera.focus.visible": MissText(
        finding=_("the picture is so blurred that nobody can be made out"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Wipe the lens with a soft cloth, and turn its focus ring if it has one."),
    ),
    "camera.focus.visible.motion": MissText(
        finding=_("the picture is so blurred by movement that nobody can be made out"),
        effect=_("The bank employee will not be able to recognise you."),
        advice=_("Put the camera on something firm, sit still, and add more light."),
    ),
    "camera.focus.blur": MissText(
        finding=_("your face is out of focus"),
        effect=_("The bank employee will not be able to recognise your face for certain."),
        advice=_(
            "Wipe the lens with a soft cloth, sit an arm's length away, and wait until the camera"
            " has focused."
        ),
    ),
    "camera.focus.blur.motion": MissText(
        finding=_("your face is blurred by movement"),
        effect=_("The bank employee will not be able to recognise your face for certain."),
        advice=_("Put the camera on something firm, sit still, and add more light."),
    ),
    "camera.document.found": MissText(
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
    "camera.document.found.cut": MissText(
        finding=_("part of your document is outside the picture: its lines with << signs are cut off"),
        effect=_("The bank employee must see the whole page."),
        advice=_("Hold the document in the middle of the picture, a little further away."),
    ),
    "camera.document.found.glare": MissText(
        finding=_("a reflection covers part of the lines with << signs on your document"),
        effect=_("The bank employee will not be able to read what is under the reflection."),
        advice=_("Tilt the document a little, or move the lamp, until the reflection is gone."),
    ),
    "camera.document.dpi": MissText(
        finding=_("your document is too small in the picture: {value}; at least {bound} is needed"),
        effect=_("The bank employee will not be able to read your document."),
        advice=_("Hold the document closer, until it almost fills the picture."),
    ),
    "camera.document.sharpness": MissText(
        finding=_("the text of your document is blurred"),
        effect=_("The bank employee will not be able to read your document."),
        advice=_("Hold the document still and flat, where the camera sees it sharply, and add more light."),
    ),
    "camera.document.glare": MissText(
        finding=_("a reflection covers {value} of the text at the foot of your document"),
        effect=_("The bank employee will not be able to read what is under the reflection."),
        advice=_("Tilt the document a little, or move the lamp, until the reflection is gone."),
    ),
    "camera.document.whole": MissText(
        finding=_("part of your document is outside the picture"),
        effect=_("The bank employee must see the whole page."),
        advice=_("Hold the document in the middle of the picture, a little further away."),
    ),
    # --- microphone ---
    "microphone.signal.present": MissText(
        finding=_("no microphone was found"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_("Plug in a microphone or a headset, then check again."),
    ),
    "microphone.signal.present.monitor": MissText(
        finding=_("no microphone was found, the computer would record its own loudspeaker"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_("Plug in a microphone, or choose yours in the sound settings of this computer."),
    ),
    "microphone.signal.muted": MissText(
        finding=_("the microphone is switched off or blocked"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_(
            "Switch the microphone on: look for a key with a crossed-out microphone, a switch on the headset"
            " cable, and the microphone setting under privacy in the system settings."
        ),
    ),
    "microphone.signal.interrupted": MissText(
        finding=_("the microphone sent nothing at all for {value} in the middle of the recording"),
        effect=_("The bank employee will miss words."),
        advice=_(
            "Unplug the microphone and plug it in again, or charge a wireless one and stay close to the"
            " computer, then check again."
        ),
    ),
    "microphone.signal.clipping": MissText(
        finding=_("your voice is too loud, and the sound is distorted"),
        effect=_("Your voice will sound harsh and distorted, and words will be lost."),
        advice=_("Turn the input level of the microphone down, or move away from it."),
    ),
    "microphone.signal.speech_level": MissText(
        finding=_("your voice is very quiet: {value}"),
        effect=_("The bank employee may have trouble hearing you."),
        advice=_("Turn the input level of the microphone up, or move closer to it."),
    ),
    "microphone.signal.treble": MissText(
        finding=_("the high tones of your voice are missing, as on a telephone"),
        effect=_("Similar words will be hard to tell apart."),
        advice=_(
            "Choose the computer's own microphone instead of the Bluetooth headset, or connect a headset by"
            " cable."
        ),
    ),
    "microphone.signal.lost": MissText(
        finding=_("parts of the recording are missing ({value})"),
        effect=_("There will be gaps in your voice."),
        advice=_("Close other programs, and connect the microphone directly to the computer."),
    ),
    "microphone.noise.voice": MissText(
        finding=_("your voice could not be heard above the background"),
        effect=_("The bank employee will not be able to understand you."),
        advice=_(
            "Check that the right microphone is chosen, come closer to it, and check again in a quiet room,"
            " reading the sentence aloud."
        ),
    ),
    "microphone.noise.ratio": MissText(
        finding=_("the background is too loud: the difference between your voice and it is only {value}"),
        effect=_("The bank employee will have trouble understanding you."),
        advice=_("Go to a quieter room, or use a headset with its microphone close to your mouth."),
    ),
    "microphone.noise.ratio.hum": MissText(
        finding=_(
            "there is a steady hum in the background: the difference between your voice and it is only"
            " {value}"
        ),
        effect=_("The bank employee will have trouble understanding you."),
        advice=_("Switch off fans and machines nearby, or use a headset on another socket."),
    ),
    "microphone.noise.ratio.hiss": MissText(
        finding=_(
            "there is a steady noise in the background: the difference between your voice and it is only"
            " {value}"
        ),
        effect=_("The bank employee will have trouble understanding you."),
        advice=_("Close the window, switch off what hums or hisses, and move closer to the microphone."),
    ),
    "microphone.noise.ratio.talking": MissText(
        finding=_(
            "it sounds as if somebody is talking in the background: the difference between your voice and"
            " that is only {value}"
        ),
        effect=_("The bank employee will have trouble understanding you; the call must also be private."),
        advice=_("Go to a room where nobody is talking, and switch off the television and radio."),
    ),
    "microphone.noise.ratio.intermittent": MissText(
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
    "microphone.noise.ratio.hidden": MissText(
        finding=_(
            "there seems to be a noise behind your voice that is not heard while you are silent: it began"
            " later, or a program hides it"
        ),
        effect=_("It is not known how well the bank employee will understand you."),
        advice=_(
            "Keep it quiet around you, and switch off the noise suppression of the computer or the headset."
        ),
    ),
    "microphone.noise.ratio.silenced": MissText(
        finding=_(
            "a program or the headset removes all sound while you are silent: the background behind your"
            " voice cannot be measured"
        ),
        effect=_("It is not known how well the bank employee will understand you."),
        advice=_("Switch off the noise suppression of the computer or the headset: Zoom's own is enough."),
    ),
    "microphone.noise.ratio.one-phase": MissText(
        finding=_(
            "your voice cannot be told apart from the background: there was too little silence around it"
        ),
        effect=_("It is not known how well the bank employee will understand you."),
        advice=_("Check again: stay silent for two seconds, then read a sentence aloud."),
    ),
    # --- speaker ---
    "speaker.output.present": MissText(
        finding=_("no loudspeaker or headset was found"),
        effect=_("You will not hear the bank employee."),
        advice=_("Plug in a headset or a loudspeaker, then check again."),
    ),
    "speaker.output.muted": MissText(
        finding=_("the sound of this computer is muted"),
        effect=_("You will not hear the bank employee."),
        advice=_("Turn the sound on with the loudspeaker key or the loudspeaker symbol on the screen."),
    ),
    "speaker.output.volume": MissText(
        finding=_("the volume is at {value}"),
        effect=_("You will hardly hear the bank employee."),
        advice=_("Turn the volume up with the loudspeaker keys or the loudspeaker symbol on the screen."),
    ),
    "speaker.heard.heard": MissText(
        finding=_("the tones were not heard well enough to be counted"),
        effect=_("You will not understand the bank employee."),
        advice=_("Turn the volume up, then check again."),
    ),
    "speaker.heard.heard.absent": MissText(
        finding=_("no loudspeaker or headset was found"),
        effect=_("You will not hear the bank employee."),
        advice=_("Plug in a headset or a loudspeaker, then check again."),
    ),
    "speaker.heard.heard.silent": MissText(
        finding=_("you heard none of the tones that were played"),
        effect=_("You will not hear the bank employee."),
        advice=_(
            "Turn the volume up. If you still hear nothing, choose your loudspeaker or headset in the sound"
            " settings of this computer."
        ),
    ),
    # --- network ---
    "network.download.rate": MissText(
        finding=_("your download speed is {value}; at least {bound} is needed"),
        effect=_("The picture and voice of the bank employee may freeze."),
        advice=_("Sit closer to the router or use a cable, and pause other downloads and video streaming."),
    ),
    "network.upload.rate": MissText(
        finding=_("your upload speed is {value}; at least {bound} is needed"),
        effect=_("The bank employee will not be able to see your face and your document clearly."),
        advice=_("Sit closer to the router or use a cable, and pause backups and other uploads."),
    ),
    "network.stability.round_trip": MissText(
        finding=_("answers take {value} to arrive"),
        effect=_("You and the bank employee will talk over each other."),
        advice=_("Switch off a VPN if you use one, and sit closer to the router or use a cable."),
    ),
    "network.stability.jitter": MissText(
        finding=_("the connection's delay varies by {value}"),
        effect=_("Your voice will sound choppy."),
        advice=_(
            "Sit closer to the router or use a cable, and pause downloads and video streaming on other"
            " devices at home."
        ),
    ),
    "network.stability.loss": MissText(
        finding=_("{value} of the data sent is lost"),
        effect=_("Your voice will break up and the picture will freeze."),
        advice=_("Sit closer to the router or use a cable."),
    ),
    "network.stability.loss.untold": MissText(
        finding=_("it cannot be determined how much data is lost: no call server answered"),
        effect="",
        advice=_("Switch off a VPN if you use one, or use a home network or a phone's hotspot."),
    ),
    "network.stability.gap.asleep": MissText(
        finding=_("the computer went to sleep: {asleep}"),
        effect=_("A session is interrupted when the computer goes to sleep."),
        advice=_("Keep the lid open, and turn off sleep in the power settings of this computer."),
    ),
    "network.stability.gap": MissText(
        finding=_("the connection drops out for {value} at a time"),
        effect=_("Parts of what you say will be missing."),
        advice=_("Sit closer to the router or use a cable, and take other devices off the Wi-Fi."),
    ),
    "network.reach.cabinet": MissText(
        finding=_("the Client Cabinet does not answer"),
        effect=_("The session begins in the Client Cabinet."),
        advice=_(
            "Open https://online.bluorbank.lv in your browser; if it does not open, try another network."
        ),
    ),
    "network.reach.cabinet.inspected": MissText(
        finding=_("something between this computer and the Client Cabinet is reading secure connections"),
        effect=_("Other people could read what you enter in the Client Cabinet."),
        advice=_("Use your own computer on a home network."),
    ),
    "network.reach.cabinet.expired": MissText(
        finding=_("a certificate is out of date, or the clock of this computer is wrong"),
        effect=_("Your browser will not open the Client Cabinet."),
        advice=_("Set the date and time of this computer, then check again."),
    ),
    "network.reach.zoom": MissText(
        finding=_("Zoom does not answer"),
        effect=_("The session takes place in Zoom."),
        advice=_("Open https://zoom.us in your browser; if it does not open, try another network."),
    ),
    "network.reach.zoom.inspected": MissText(
        finding=_("something between this computer and Zoom is reading secure connections"),
        effect=_("Zoom may refuse to start the session."),
        advice=_("Use your own computer on a home network."),
    ),
    "network.reach.zoom.expired": MissText(
        finding=_("a certificate is out of date, or the clock of this computer is wrong"),
        effect=_("Zoom will not let you into the session."),
        advice=_("Set the date and time of this computer, then check again."),
    ),
    "network.reach.udp": MissText(
        finding=_("this network does not let calls take their usual route (UDP)"),
        effect=_("Zoom will use a slower route, on which picture and voice may stutter."),
        advice=_("Switch off a VPN if you use one, or use a home network or a phone's hotspot."),
    ),
    # --- power ---
    "power.battery.minutes": MissText(
        finding=_("the battery lasts {value} in a video call"),
        effect=_("The session could be cut off and would have to start again from the beginning."),
        advice=_(
            "Plug the charger into the computer and into a wall socket, and leave it plugged in for the whole"
            " session."
        ),
    ),
    "power.battery.minutes.untold": MissText(
        finding=_("it cannot be determined how long the battery will last"),
        effect=_("The session could be cut off if the battery runs out."),
        advice=_(
            "Plug the charger into the computer and into a wall socket, and leave it plugged in for the whole"
            " session."
        ),
    ),
    "power.battery.minutes.weak-charger": MissText(
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
    "software.zoom.installed": MissText(
        finding=_("Zoom is not installed"),
        effect=_("The session takes place in Zoom."),
        advice=_(
            "Download Zoom from https://zoom.us/download and install it, or ask the bank whether you may join"
            " in the browser."
        ),
    ),
    "software.zoom.installed.untold": MissText(
        finding=_("it is not certain whether Zoom is installed: another program starts it"),
        effect=_("The session takes place in Zoom."),
        advice=_("Open Zoom before the session to make sure that it starts."),
    ),
    "software.zoom.recent": MissText(
        finding=_("the installed Zoom is too old: {version}, at least {minimum} is needed"),
        effect=_("Zoom will not let you into the session with it."),
        advice=_("Update Zoom from https://zoom.us/download, or join in the browser if Zoom offers this."),
    ),
    "software.zoom.recent.old": MissText(
        finding=_("the installed version of Zoom is old and may no longer be accepted: {version}"),
        effect=_("A version that is too old is not let into the session."),
        advice=_("Update Zoom before the session from https://zoom.us/download."),
    ),
    "software.zoom.recent.untold": MissText(
        finding=_("it is not certain which version of Zoom is installed"),
        effect=_("A version that is too old is not let into the session."),
        advice=_("Open Zoom, choose “Check for updates” in its menu, and install what it offers."),
    ),
    "software.zoom.handler": MissText(
        finding=_("the bank's link will not open in Zoom"),
        effect=_("You will have to type the session number into Zoom yourself."),
        advice=_("Reinstall Zoom from https://zoom.us/download, or join in the browser."),
    ),
    "software.zoom.handler.untold": MissText(
        finding=_("it is not certain whether the bank's link opens in Zoom: another program opens it first"),
        effect=_("You may have to type the session number into Zoom yourself."),
        advice=_(
            "Open https://zoom.us/test in your browser before the session to make sure that Zoom starts."
        ),
    ),
    "software.zoom.held_back": MissText(
        finding=_("Zoom is held back by its settings"),
        effect=_("The bank employee will see and hear you less well."),
        advice=_("Look through Zoom's settings for video and sound before the session."),
    ),
    "software.zoom.held_back.camera": MissText(
        finding=_("Zoom was installed as a snap that is not allowed to use the camera"),
        effect=_("The bank employee will not be able to see you."),
        advice=_("Type sudo snap connect zoom-client:camera in a terminal, then start Zoom again."),
    ),
    "software.zoom.held_back.microphone": MissText(
        finding=_("Zoom was installed as a snap that is not allowed to use the microphone"),
        effect=_("The bank employee will not be able to hear you."),
        advice=_("Type sudo snap connect zoom-client:audio-record in a terminal, then start Zoom again."),
    ),
    "software.zoom.held_back.hd": MissText(
        finding=_("in Zoom's settings, HD video is switched off"),
        effect=_("The bank employee will see less detail of your face and your document."),
        advice=_("Switch on HD in Zoom's settings, under Video."),
    ),
    "software.browser.installed": MissText(
        finding=_("no web browser was found"),
        effect=_("The session begins in the Client Cabinet, which needs a web browser."),
        advice=_("Install a web browser: Chrome, Edge, Firefox or Safari."),
    ),
    "software.browser.default": MissText(
        finding=_("this computer has no browser set for opening links"),
        effect=_("A link in the bank's e-mail will not open."),
        advice=_("In the system settings, under default programs, choose your web browser for web links."),
    ),
    "software.browser.installed.untold": MissText(
        finding=_("it is not certain whether a web browser is installed: another program starts it"),
        effect=_("The session begins in the Client Cabinet, which needs a web browser."),
        advice=_("Open your web browser before the session to make sure that it starts."),
    ),
    "software.browser.default.untold": MissText(
        finding=_("it is not certain which browser opens links: another program starts it"),
        effect=_("A link in the bank's e-mail will not open."),
        advice=_("Click any link in an e-mail before the session to make sure that your web browser opens."),
    ),
    "software.system.supported": MissText(
        finding=_("the Zoom app does not run on this system: {system}"),
        effect=_("You will not be able to join the session with the Zoom app."),
        advice=_("Use a newer computer, a tablet or a phone, or join in the browser."),
    ),
    "software.system.supported.untold": MissText(
        finding=_("it is not certain whether the Zoom app runs on this system"),
        effect=_("You may have to join the session another way."),
        advice=_("Open Zoom before the session, and update the system if Zoom asks for it."),
    ),
    "software.system.processors": MissText(
        finding=_("the computer's processor is too weak for a video call"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session, or use a more powerful computer."),
    ),
    "software.system.memory": MissText(
        finding=_("the computer has only {value} of memory"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session, or use a more powerful computer."),
    ),
    "software.system.load": MissText(
        finding=_("the computer is busy with other work ({value})"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session and wait until updates have finished."),
    ),
    "software.system.sleep": MissText(
        finding=_("the computer goes to sleep after {value} without use"),
        effect=_("The session could be cut off while you are only watching and talking."),
        advice=_("In the system's power settings, set the computer to go to sleep after 30 minutes or more."),
    ),
    "software.system.sleep.display": MissText(
        finding=_("this Mac goes to sleep once its display is off: after {value} without use"),
        effect=_("The session could be cut off while you are only watching and talking."),
        advice=_(
            "In System Settings, under Lock Screen, set “Turn display off when inactive” to 30 minutes or"
            " more."
        ),
    ),
    "software.system.hindered": MissText(
        finding=_("something on this computer may disturb the session"),
        effect=_("Picture and sound may stutter."),
        advice=_("Close all other programs before the session, or use a more powerful computer."),
    ),
    "software.system.hindered.remote": MissText(
        finding=_("this computer is being used from another one"),
        effect=_("The session needs the camera and the microphone of the computer in front of you."),
        advice=_("Run the check on the computer in front of you, and use that one for the session."),
    ),
    "software.system.hindered.restart": MissText(
        finding=_("this computer has to be restarted to finish an update"),
        effect=_("A restart in the middle of the session would end it."),
        advice=_("Restart this computer before the session."),
    ),
    "software.system.hindered.saver": MissText(
        finding=_("this computer is saving energy and runs more slowly"),
        effect=_("Picture and sound may stutter."),
        advice=_("Plug the charger in and turn the energy saver off for the session."),
    ),
    "software.system.hindered.virtual": MissText(
        finding=_("this is a virtual machine: a computer inside another one"),
        effect=_("Picture and sound may stutter, and the camera may be missing in it."),
        advice=_("Use the computer itself for the session, not a virtual machine."),
    ),
}
