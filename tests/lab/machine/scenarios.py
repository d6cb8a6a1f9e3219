"""What is plugged into the machine, what is run, and what a careful person would say of it: the table.

Adding a scenario is adding a row; `lab/answers.py` says in which words it expects something. Longer than
500 lines because it is one table.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scenario."""

    id: str
    """In words."""
    prepare: str = ""
    """Bash, run as root before; programs it leaves in the background stay for the run."""
    run: str
    """What follows `preflight run --no-input`."""
    user: str = "member"
    """`member` of the groups video and audio, as a desktop's user is; `stranger` of none."""
    within: str = ""
    """A program that starts preflight: it stands before it on the command line."""
    expect: Mapping[str, str]
    device: str = ""
    """What the report must call the device it used."""
    says: str = ""
    """Words that must stand in the report for a person."""
    limit_s: float = 60
    """Until the report is there, under plain emulation."""
    on_demand: bool = False
    """Shown elsewhere too, on files or by a row much like it: left out unless everything is asked for."""


HD = ("MJPG:1920x1080@30", "MJPG:1280x720@30", "YUYV:640x480@30")


def webcam(*modes: str, picture: str = "good", more: str = "") -> str:
    """Plug a USB webcam in."""
    listed = " ".join(f"--mode {mode}" for mode in modes or HD)
    scene = picture if picture.startswith("/") else f"/media/lab/{picture}.bmp"
    return f"camera {listed} --picture {scene} {more}"


def vivid(kind: int, *controls: str) -> str:
    """Make the kernel's virtual video device: kind 0 is a webcam, 3 an HDMI input."""
    load = f"modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types={kind:#x} && udevadm settle"
    return " && ".join((load, *(f"v4l2-ctl -d0 -c {control}" for control in controls)))


def loopback(name: str, feeding: str) -> str:
    """Make a device of v4l2loopback and feed it."""
    load = (
        f"modprobe v4l2loopback devices=1 video_nr=0 exclusive_caps=1 card_label='{name}' && udevadm settle"
    )
    return f"{load} && feed /dev/video0 --picture /media/lab/good.bmp {feeding} && sleep 1"


def while_watched(command: str) -> str:
    """Run a command twice a second while somebody has /dev/video0 open."""
    watched = "ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q '/dev/video0$'"
    return f"(while sleep 0.5; do if {watched}; then {command}; fi; done) >/dev/null 2>&1 &"


def speaker(sound: str) -> str:
    """Make a sound card whose microphone hears a file."""
    play = f"aplay -q -D plughw:0,1,0 --buffer-time=2000000 /media/lab/{sound}.wav"
    return f"{LOOP}; ({play} >/dev/null 2>&1 &); sleep 2"


_PLAY = "aplay -q -t raw -f S16_LE -c1 -r48000 -D plughw:0,1,0 --buffer-time=1000000"
_HEARD = "tail -c +45 /media/lab/$([ -e /home/scene/voice ] && echo voice || echo room).wav"
LOOP = "modprobe snd-aloop pcm_substreams=1 && udevadm settle"


ROOM = (
    f"{LOOP}; install -d -m 777 /home/scene && ln -sfn /media/lab/dark.bmp /home/scene/now && "
    f"(while {_HEARD}; do :; done 2>/dev/null | {_PLAY} >/dev/null 2>&1 &) && sleep 2"
)
"""A dark and quiet room: a person turns on the lamp, or speaks."""
LAMP = "!ln -sfn /media/lab/good.bmp /home/scene/now"
SPEAK = "!touch /home/scene/voice"


def battery(**values: str) -> str:
    """Load the kernel's test_power and set its parameters."""
    folder = "/sys/module/test_power/parameters"
    return " && ".join(
        ("modprobe test_power", *(f"echo {value} > {folder}/{name}" for name, value in values.items()))
    )


def line(down: float, up: float) -> str:
    """Put the network lab's server behind the kernel's own netem; Mbit/s towards the client and from it."""
    return (
        "ip netns add home && ip link add lab0 type veth peer name lab1 netns home && "
        "ip addr add 10.9.0.1/24 dev lab0 && ip link set lab0 up && "
        "ip -n home addr add 10.9.0.2/24 dev lab1 && ip -n home link set lab1 up && "
        "ip -n home link set lo up && ip -n home route add default via 10.9.0.1 && "
        f"tc qdisc add dev lab0 root netem delay 10ms rate {down:g}mbit && "
        f"tc -n home qdisc add dev lab1 root netem delay 10ms rate {up:g}mbit && "
        "(sleep infinity | python3 /usr/local/bin/server --host 10.9.0.1 --http 8080 >/dev/null 2>&1 &) && "
        "until (echo > /dev/tcp/10.9.0.1/8080) 2>/dev/null; do sleep 0.2; done"
    )


def hidden(mount: str) -> str:
    """Hide a part of the system from preflight alone; needs root."""
    return f"unshare -m bash -c '{mount} && exec \"$@\"' -"


# The bank's 10 MP are out of a webcam's reach, which is advised, never passed over.
GOOD = {
    "camera": "pass",
    # Emulated, preflight falls behind the camera (unsure), and the camera itself behind its rate (advised).
    "camera.video": "pass | warn unsure fps | warn advised fps",
    "camera.still": "warn advised megapixels",
}
# The same scene in fewer pixels has its face in fewer: 27 between the eyes.
NOT_FULL_HD = GOOD | {"camera.video": "fail height", "camera.face": "fail eyes"}
NO_CAMERA = {"camera": "skip camera.video", "camera.video": "fail present"}
NO_MICROPHONE = {"microphone.signal": "fail present", "microphone.noise": "skip microphone.signal"}
# Emulated beside other work, the guest's clock wakes late: nothing may be claimed of the line.
STARVED = "error starved"
# Emulated, the sound card's clock falls behind, which is what a lossy one does too.
HEARD = "pass | warn advised lost"
# Emulated, a 1080p JPEG takes 0.2 s to decode, and the pictures as many times longer to look at.
CAMERA = "--only camera --devices --timeout 120"
# Which modes a camera has does not depend on who is before it, and a face is looked for half a minute here.
MODES = "--only camera.video,camera.still --devices --timeout 120"
MICROPHONE = "--only microphone --devices"
POWER = "--only power"
LINE = "--only network.download,network.upload --network http://10.9.0.1:8080"
LONG_S = 150

CAMERAS = (
    Row(
        id="1080p camera and a good face",
        prepare=webcam(),
        run=CAMERA,
        expect=GOOD,
        device="Lab Webcam",
        limit_s=LONG_S,
    ),
    Row(
        id="720p camera",
        prepare=webcam("MJPG:1280x720@30", "MJPG:640x480@30", "YUYV:640x480@30"),
        run=CAMERA,
        expect=NOT_FULL_HD,
        limit_s=LONG_S,
    ),
    Row(
        id="1080p in MJPG only",
        prepare=webcam("YUYV:1280x720@10", "YUYV:640x480@30", "MJPG:1920x1080@30"),
        run=MODES,
        expect=GOOD,
        limit_s=LONG_S,
        on_demand=True,
    ),
    Row(
        id="1080p at 5 frames a second only",
        prepare=webcam("MJPG:1280x720@30", "MJPG:1920x1080@5"),
        run=MODES,
        expect=GOOD | {"camera.video": "warn advised fps"},
        limit_s=LONG_S,
    ),
    Row(
        id="640x480 by default though 1080p exists",
        prepare=webcam(
            "YUYV:640x480@30", "YUYV:1280x720@10", "YUYV:1920x1080@5", "MJPG:640x480@30", "MJPG:1920x1080@30"
        ),
        run=MODES,
        expect=GOOD,
        limit_s=LONG_S,
    ),
    Row(
        id="4K camera",
        prepare=webcam("MJPG:3840x2160@15", *HD),
        run=CAMERA,
        expect=GOOD,
        limit_s=LONG_S,
    ),
    Row(
        id="grey camera",
        prepare=webcam("GREY:1920x1080@10", "GREY:640x480@30"),
        run=CAMERA,
        expect=GOOD | {"camera.colour": "fail chroma"},
        limit_s=LONG_S,
    ),
    Row(
        id="dark face",
        prepare=webcam(picture="dark"),
        run=CAMERA,
        expect=GOOD
        | {
            "camera.video": "pass | warn",
            "camera.colour": "pass | warn unsure chroma | skip camera.lighting",
            "camera.face": "pass | skip camera.lighting",
            "camera.lighting": "fail",
            "camera.focus": "pass | warn | skip camera.lighting",
        },
        limit_s=LONG_S,
    ),
    Row(
        id="face against the light",
        prepare=webcam(picture="backlit"),
        run=CAMERA,
        expect=GOOD
        | {
            "camera.face": "pass | skip camera.lighting",
            "camera.lighting": "fail",
            "camera.focus": "pass | warn | skip camera.lighting",
        },
        limit_s=LONG_S,
        on_demand=True,
    ),
    Row(
        id="blurred picture",
        prepare=webcam(picture="blurred"),
        run=CAMERA,
        expect=GOOD | {"camera.video": "warn advised softness", "camera.focus": "fail"},
        limit_s=LONG_S,
        on_demand=True,
    ),
    Row(
        id="nobody in the picture",
        prepare=webcam(picture="nobody"),
        run=CAMERA,
        expect=GOOD
        | {"camera.face": "fail", "camera.lighting": "skip camera.face", "camera.focus": "skip camera.face"},
        limit_s=LONG_S,
    ),
    Row(
        id="closed shutter",
        prepare=webcam(picture="shutter"),
        run=CAMERA,
        expect=GOOD
        | {
            "camera": "skip camera.video | skip camera.lighting",
            "camera.video": "fail black",
            "camera.still": "warn advised megapixels | skip camera.video",
        },
        limit_s=LONG_S,
    ),
    Row(
        id="two cameras, each with a metadata node: the first",
        prepare=f"{webcam()} && {webcam('MJPG:1280x720@30', more='--name Desk')}",
        run=MODES,
        expect=GOOD,
        device="Lab Webcam",
        limit_s=LONG_S,
        on_demand=True,
    ),
    Row(
        id="two cameras, each with a metadata node: the second by name",
        prepare=f"{webcam()} && {webcam('MJPG:1280x720@30', more='--name Desk')}",
        run=f"{MODES} --camera Desk",
        expect=GOOD | {"camera.video": "fail height"},
        device="Desk",
        limit_s=LONG_S,
    ),
    Row(
        id="metadata node asked for as the camera",
        prepare=webcam(),
        run=f"{CAMERA} --camera /dev/video1",
        expect={"camera": "error bad-input"},
    ),
    Row(
        id="virtual camera",
        prepare=loopback("OBS Virtual Camera", "--size 1920x1080"),
        run=MODES,
        expect=GOOD | {"camera.video": "warn advised virtual"},
        device="OBS Virtual Camera",
        limit_s=LONG_S,
    ),
    Row(id="no camera", run=CAMERA, expect=NO_CAMERA, says="No camera was found"),
    Row(
        id="camera in use",
        prepare=f"{webcam()}; (v4l2-ctl -d0 --stream-mmap --stream-count=100000 >/dev/null 2>&1 &); sleep 3",
        run=CAMERA,
        expect={"camera": "error busy"},
        device="Lab Webcam",
        says="another program is using the camera",
    ),
    Row(
        id="camera without permission",
        prepare=webcam(),
        run=CAMERA,
        user="stranger",
        expect={"camera": "error no-permission"},
        device="Lab Webcam",
        says="does not allow programs to use the camera",
    ),
    Row(
        id="camera that never sends a frame",
        prepare=vivid(0, "percentage_of_dropped_buffers=100"),
        run=CAMERA,
        expect={"camera": "error no-data"},
        says="sends no picture",
    ),
    Row(
        id="camera that freezes",
        prepare=webcam(more="--freeze-after 4"),
        run=CAMERA,
        expect={"camera": "error no-data"},
        says="sends no picture",
    ),
    Row(
        id="program behind a virtual camera dies",
        prepare=loopback("OBS Virtual Camera", "--size 1280x720 --leave-after 2"),
        run=CAMERA,
        expect={"camera": "error no-data | error lost"},
    ),
    Row(
        id="camera unplugged while it is looked at",
        prepare=webcam(more="--unplug-after 12"),
        run=CAMERA,
        expect={"camera": "error lost"},
        device="Lab Webcam",
        says="disconnected during the check",
    ),
    Row(
        id="half of each picture missing",
        prepare=webcam(more="--half"),
        run=CAMERA,
        expect={"camera": "skip | pass | warn | fail", "camera.video": "fail corrupted"},
        limit_s=LONG_S,
    ),
    Row(
        id="stream that cannot be started",
        prepare=vivid(0, "inject_vidioc_streamon_error=1"),
        run=CAMERA,
        expect={"camera": "error no-data"},
    ),
    Row(
        id="stream that breaks off for good",
        prepare=f"{vivid(0)}; {while_watched('v4l2-ctl -d0 -c inject_fatal_streaming_error=1')}",
        run=CAMERA,
        expect={"camera": "error no-data | error lost"},
    ),
    Row(
        id="HDMI input without a signal",
        prepare=vivid(3, "dv_timings_signal_mode=1"),
        run=CAMERA,
        expect={"camera": "error no-signal"},
        says="the video input has no picture",
    ),
)

MICROPHONES = (
    Row(id="no sound card", run=MICROPHONE, expect=NO_MICROPHONE, says="No microphone was found"),
    Row(
        id="microphone in use",
        prepare=f"{LOOP}; for device in 0 1; do (arecord -q -D hw:0,$device -f S16_LE -c2 -r48000 /dev/null "
        ">/dev/null 2>&1 &); done; sleep 1",
        run=MICROPHONE,
        expect={"microphone": "error busy"},
        says="another program is using the microphone",
    ),
    Row(
        id="microphone without permission",
        prepare=LOOP,
        run=MICROPHONE,
        user="stranger",
        expect={"microphone": "error no-permission"},
        says="does not allow programs to use the microphone",
    ),
    Row(
        id="muted microphone: zeros of snd-dummy",
        prepare="modprobe snd-dummy && udevadm settle",
        run=MICROPHONE,
        expect={"microphone.signal": "fail muted", "microphone.noise": "skip microphone.signal"},
        on_demand=True,
    ),
    Row(
        id="muted microphone: zeros of an HDA codec",
        prepare="modprobe -a snd-hda-intel snd-hda-codec-generic && sleep 2 && arecord -l | grep -q card",
        run=MICROPHONE,
        expect={"microphone.signal": "fail muted", "microphone.noise": "skip microphone.signal"},
    ),
    Row(
        id="voice in a quiet room",
        prepare=speaker("quiet"),
        run=MICROPHONE,
        expect={"microphone.signal": HEARD, "microphone.noise": "pass"},
    ),
    Row(
        id="voice in noise at 3 dB",
        prepare=speaker("noisy"),
        run=MICROPHONE,
        expect={"microphone.signal": HEARD, "microphone.noise": "fail ratio"},
    ),
    Row(
        id="PortAudio is not installed",
        prepare=LOOP,
        within=hidden("mount --bind /dev/null /usr/lib/*/libportaudio.so.2"),
        user="root",
        run=MICROPHONE,
        expect={"microphone": "error no-library"},
        says="libportaudio2",
    ),
)

POWERS = (
    Row(id="no battery", run=POWER, expect={"power.battery": "skip not-applicable"}),
    Row(
        id="kernel without power supplies",
        within=hidden("mount -t tmpfs none /sys/class"),
        user="root",
        run=POWER,
        expect={"power.battery": "skip not-applicable | error no-data"},
    ),
    Row(
        id="battery of a mouse only",
        prepare="mouse 7",
        run=POWER,
        expect={"power.battery": "skip not-applicable"},
    ),
    Row(
        id="full, plugged in",
        prepare=battery(ac_online="on", battery_status="full", battery_capacity="100"),
        run=POWER,
        expect={"power.battery": "pass"},
    ),
    Row(
        id="held back, plugged in",
        prepare=battery(ac_online="on", battery_status="not-charging", battery_capacity="60"),
        run=POWER,
        expect={"power.battery": "pass"},
        on_demand=True,
    ),
    Row(
        id="80 % left, capacity untold",
        prepare=battery(
            ac_online="off", usb_online="off", battery_status="discharging", battery_capacity="80"
        ),
        run=POWER,
        expect={"power.battery": "pass | warn unsure minutes"},
    ),
    Row(
        id="10 % left, capacity untold",
        prepare=battery(
            ac_online="off", usb_online="off", battery_status="discharging", battery_capacity="10"
        ),
        run=POWER,
        expect={"power.battery": "fail minutes | warn unsure minutes"},
    ),
    Row(
        id="empty bay, unplugged",
        prepare="laptop off",
        run=POWER,
        expect={"power.battery": "skip not-applicable"},
    ),
    Row(
        id="charging at 1 %",
        prepare="laptop on charging,30,0.5,50",
        run=POWER,
        expect={"power.battery": "pass"},
    ),
    Row(
        id="40 Wh at 10 W",
        prepare="laptop off discharging,10,40,50",
        run=POWER,
        expect={"power.battery": "pass"},
    ),
    Row(
        id="5 Wh at 10 W",
        prepare="laptop off discharging,10,5,50",
        run=POWER,
        expect={"power.battery": "fail minutes"},
    ),
    Row(
        id="10 Wh at 40 W",
        prepare="laptop off discharging,40,10,50",
        run=POWER,
        expect={"power.battery": "fail minutes"},
        on_demand=True,
    ),
    Row(
        id="two batteries, one empty",
        prepare="laptop off discharging,0,0,24 discharging,10,22,24",
        run=POWER,
        expect={"power.battery": "pass"},
    ),
    Row(
        id="a charger too weak, 3 Wh at 12 W",
        prepare="laptop on discharging,12,3,50",
        run=POWER,
        expect={"power.battery": "fail minutes"},
        says="charger that came with the computer",
    ),
    Row(
        id="a charger too weak, 40 Wh at 6 W",
        prepare="laptop on discharging,6,40,50",
        run=POWER,
        expect={"power.battery": "pass"},
        says="charger is too weak",
    ),
    Row(
        id="a charger too weak for two batteries",
        prepare="laptop on discharging,12,3,24 discharging,12,3,24",
        run=POWER,
        expect={"power.battery": "fail minutes"},
    ),
    Row(
        id="plugged in, discharging by nothing",
        prepare="laptop on discharging,0,3,50",
        run=POWER,
        expect={"power.battery": "pass"},
        on_demand=True,
    ),
)

LINES = (
    Row(
        id="netem at 5 Mbit/s each way",
        prepare=line(5, 5),
        within="ip netns exec home",
        user="root",
        run=LINE,
        expect={"network": f"fail rate | {STARVED}"},
    ),
    Row(
        id="netem at 30 Mbit/s down, 2 up",
        prepare=line(30, 2),
        within="ip netns exec home",
        user="root",
        run=LINE,
        expect={"network.download": f"pass | {STARVED}", "network.upload": f"fail rate | {STARVED}"},
    ),
)

ALL = os.environ.get("PREFLIGHT_LAB_MACHINE") == "all"
SCENARIOS = tuple(row for row in (*CAMERAS, *MICROPHONES, *POWERS, *LINES) if ALL or not row.on_demand)
