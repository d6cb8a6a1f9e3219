"""What is plugged into the Windows computer, what is run there, what a careful person would say: the table.

Adding a scenario is adding a row; `lab/answers.py` says in which words it expects something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.windows.computer import USB, Camera, State

CAMERA = "--only camera --devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scenario."""

    id: str
    """In words."""
    state: State
    run: str = f"{CAMERA} --timeout 100"
    """What follows `preflight run --no-input`."""
    expect: Mapping[str, str]
    device: str = ""
    """What the report must call the device it used."""
    says: str = ""
    """Words that must stand in the report for a person."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """CHECK.FACT to what it must be."""
    streams: str = ""
    """A pattern of what cameras must have been asked for or done, as they wrote it down."""
    never: str = ""
    """As above, what they must not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A microphone that sends no voice, or none at all."""

    id: str
    expect: Mapping[str, str]
    state: State = field(default_factory=State)
    server: bool = True
    """Whether there is anything that records."""
    muted: bool = True


def webcam(*changes: str, name: str = "HD Webcam", path: str = USB) -> Camera:
    """Return a usual webcam of 1080p, whose default is 640x480, with lines of its plan changed or added."""
    return camera(*WEBCAM, changes=changes, name=name, path=path)


def camera(*plan: str, changes: tuple[str, ...] = (), name: str = "HD Webcam", path: str = USB) -> Camera:
    """Return a camera that behaves as told; a change takes the place of the line that begins like it."""
    keys = {change.partition("=")[0] for change in changes} - {"mode", "norun"}
    kept = [line for line in plan if line.partition("=")[0] not in keys]
    return Camera(name=name, plan=(*kept, *changes), path=path)


WEBCAM = (
    "start_ms=300",
    "mode=YUY2 640x480 30",
    "mode=YUY2 640x360 30",
    "mode=YUY2 1280x720 10",
    "mode=YUY2 1920x1080 5",
    "mode=MJPG 1280x720 30",
    "mode=MJPG 1920x1080 30",
    "mode=NV12 640x480 30",
)
NV12 = ("mode=NV12 640x480 30", "mode=NV12 1280x720 30", "mode=NV12 1920x1080 30")
OBS = (
    "start_ms=50",
    "any=1",
    "granularity=0",
    "mode=NV12 1920x1080 30",
    "mode=I420 1920x1080 30",
    "mode=YUY2 1920x1080 30",
)
"""As OBS makes one (obs-studio's libdshowcapture, output-filter.cpp): SetFormat takes anything."""
INFRARED = ("mode=YUY2 640x360 30",)

# The bank's 10 MP are out of a webcam's reach, which is advised, never passed over.
GOOD = {
    "camera": "pass",
    # A computer that does more than this falls behind the camera.
    "camera.video": "pass | warn advised fps | warn unsure fps",
    "camera.still": "warn advised megapixels",
}
FULL_HD = {"video.width": 1920, "video.height": 1080, "still.megapixels": 2.1}
NO_DATA = {"camera": "error no-data"}
LOST = {"camera": "error lost"}
DENIED = {"camera": "error no-permission"}
DENIED_SOUND = {"microphone": "error no-permission"}
ZOOM = r"C:#Users#anna#AppData#Roaming#Zoom#bin#Zoom.exe"
REFUSED = "0x800705AA"
"""ERROR_NO_SYSTEM_RESOURCES, with which Windows' driver answers for a camera that is in use."""

CAMERAS = (
    Row(
        id="a good webcam that begins with 640x480",
        state=State(cameras=(webcam(),)),
        expect=GOOD,
        device="HD Webcam",
        facts=FULL_HD,
        streams=r"stream MJPG 1920x1080 at 30",
    ),
    Row(
        id="a webcam of 4K",
        state=State(cameras=(webcam("mode=MJPG 3840x2160 30"),)),
        expect=GOOD | {"camera.still": "warn advised megapixels"},
        facts={"still.megapixels": 8.3},
    ),
    Row(
        id="a picture larger than the video's, raw and slow",
        state=State(cameras=(webcam("mode=YUY2 2304x1536 2"),)),
        expect=GOOD,
        facts={"still.megapixels": 3.5, "video.width": 1920},
    ),
    Row(
        id="frames as NV12",
        state=State(cameras=(camera(*NV12),)),
        expect=GOOD,
        facts=FULL_HD,
    ),
    Row(
        id="five frames a second",
        state=State(cameras=(webcam("slow_fps=5"),)),
        expect=GOOD | {"camera.video": "fail fps | warn advised fps"},
        facts={"video.width": 1920},
    ),
    Row(
        id="1080p as MJPG is refused",
        state=State(cameras=(webcam("refuse=MJPG 1920x1080"),)),
        expect=GOOD | {"camera.video": "fail fps | warn advised fps"},
        facts={"video.width": 1920},
    ),
    Row(
        id="1080p as MJPG does not start",
        state=State(cameras=(webcam("norun=MJPG 1920x1080"),)),
        expect=GOOD | {"camera.video": "fail fps | warn advised fps"},
        facts=FULL_HD,
        streams=r"(?s)refused to run MJPG 1920x1080.*stream YUY2 1920x1080 at 5",
    ),
    Row(
        id="raw 1080p does not start",
        state=State(cameras=(webcam("norun=YUY2 1920x1080"),)),
        expect=GOOD,
        facts=FULL_HD,
    ),
    Row(
        id="no 1080p starts",
        state=State(cameras=(webcam("norun=YUY2 1920x1080", "norun=MJPG 1920x1080"),)),
        expect={
            "camera": "pass | warn close eyes | fail eyes",
            "camera.video": "fail height",
            "camera.still": "warn advised megapixels",
        },
    ),
    Row(
        id="no mode starts but its first",
        state=State(
            cameras=(
                webcam(
                    "norun=YUY2 1920x1080",
                    "norun=MJPG 1920x1080",
                    "norun=YUY2 1280x720",
                    "norun=MJPG 1280x720",
                ),
            )
        ),
        expect={
            "camera": "pass | warn close eyes | fail eyes | warn close blur",
            "camera.video": "fail height",
            "camera.still": "warn advised megapixels",
        },
        facts={"video.width": 640},
    ),
    Row(
        id="the largest picture does not start",
        state=State(cameras=(webcam("mode=MJPG 3840x2160 30", "norun=MJPG 3840x2160"),)),
        expect=GOOD,
        facts={"video.width": 1920},
    ),
    Row(
        id="every start fails, as of a camera that Zoom has",
        state=State(
            cameras=(webcam(f"run={REFUSED}"),),
            users={"webcam": ZOOM},
        ),
        expect={"camera": "error busy"},
        says="Zoom",
    ),
    Row(
        id="it cannot be bound",
        state=State(cameras=(webcam("bind=0x8007001F"),)),
        expect={"camera": "error busy"},
    ),
    Row(
        id="unplugged during the run",
        state=State(cameras=(webcam("end_s=1.5", "how=lost,unlist"),)),
        expect=LOST,
    ),
    Row(
        id="it ends without a word",
        state=State(cameras=(webcam("end_s=1.5", "how=silent"),)),
        expect=NO_DATA,
    ),
    Row(
        id="it never gives a frame",
        state=State(cameras=(webcam("frames=0"),)),
        expect=NO_DATA,
    ),
    Row(
        id="denied, and it never gives a frame",
        state=State(cameras=(webcam("frames=0"),), consent={"webcam": "Deny"}),
        expect=DENIED,
    ),
    Row(
        id="denied, and it gives black frames",
        state=State(cameras=(webcam("black=1"),), consent={"webcam": "Deny"}),
        expect=DENIED,
    ),
    Row(
        id="denied, and it starts not",
        state=State(cameras=(webcam(f"run={REFUSED}"),), consent={"webcam": "Deny"}),
        expect=DENIED,
    ),
    Row(
        id="black",
        state=State(cameras=(webcam("black=1"),)),
        expect={
            "camera": "skip camera.video",
            "camera.video": "fail black",
            "camera.still": "warn advised megapixels",
        },
    ),
    Row(
        id="frozen after a second",
        state=State(cameras=(webcam("freeze_s=1"),)),
        expect=GOOD | {"camera.video": "fail frozen"},
    ),
    Row(
        id="the first frame comes after 3 s",
        state=State(cameras=(webcam("first_ms=3000"),)),
        expect=GOOD,
    ),
    Row(
        id="the first frame comes after 5 s",
        state=State(cameras=(webcam("first_ms=5000"),)),
        expect=GOOD,
    ),
    Row(
        id="each start takes 4.5 s",
        state=State(cameras=(webcam("setup_ms=4500"),)),
        expect=GOOD,
        facts=FULL_HD,
        # At its opening, with the size, with the coding, and for the largest picture.
        never=r"(?s)(stream .*){5}",
    ),
    Row(
        id="the driver crashes",
        state=State(cameras=(webcam("crash=20"),)),
        expect={"camera": "error crash"},
    ),
    Row(
        id="the driver hangs",
        state=State(cameras=(webcam("setup_ms=600000"),)),
        run=f"{CAMERA} --timeout 15",
        expect={"camera": "error timeout"},
    ),
    Row(
        id="OBS, which takes any size",
        state=State(cameras=(camera(*OBS, name="OBS Virtual Camera", path=""),)),
        expect=GOOD | {"camera.video": "warn advised virtual"},
        device="OBS Virtual Camera",
        facts=FULL_HD,
        never="10000",
    ),
    Row(
        id="a program that poses as a camera stands before a real one",
        state=State(cameras=(camera(*OBS, name="DroidCam Source 3", path=""), webcam())),
        expect=GOOD,
        device="HD Webcam",
    ),
    Row(
        id="a program that poses as a camera alone",
        state=State(cameras=(camera(*OBS, name="DroidCam Source 3", path=""),)),
        expect=GOOD | {"camera.video": "warn advised virtual"},
        facts=FULL_HD,
        never="10000",
    ),
    Row(
        id="an infrared one stands before a real one",
        state=State(cameras=(camera(*INFRARED, name="HP IR Camera"), webcam())),
        expect=GOOD,
        device="HD Webcam",
    ),
    Row(
        id="twins",
        state=State(cameras=(webcam(name="USB Camera"), webcam(name="USB Camera"))),
        expect=GOOD,
        device="USB Camera",
    ),
    Row(
        id="a name in Latvian letters",
        state=State(cameras=(webcam(name="Kamera “Žagariņš”"),)),
        expect=GOOD,
        device="Kamera “Žagariņš”",
    ),
    Row(
        id="a name in Russian letters",
        state=State(cameras=(webcam(name="Камера ноутбука"),)),
        run=f"{CAMERA} --timeout 100 --camera камера",
        expect=GOOD,
        device="Камера ноутбука",
    ),
    Row(
        id="no camera",
        state=State(),
        expect={"camera": "skip camera.video", "camera.video": "fail present"},
    ),
    Row(
        id="no camera that Windows would show",
        state=State(consent={"webcam": "Deny"}),
        expect=DENIED,
    ),
)

MUTED = {"microphone": "skip microphone.signal", "microphone.signal": "fail muted"}
SILENCES = (
    Silence(id="muted, and denied", expect=DENIED_SOUND, state=State(consent={"microphone": "Deny"})),
    Silence(id="muted", expect=MUTED),
    Silence(
        id="muted, and Zoom has it as well",
        expect=MUTED,
        state=State(users={"microphone": ZOOM}),
    ),
    Silence(
        id="none",
        expect={"microphone": "skip microphone.signal", "microphone.signal": "fail present"},
        server=False,
    ),
    Silence(
        id="none that Windows would show",
        expect=DENIED_SOUND,
        state=State(consent={"microphone": "Deny"}),
        server=False,
    ),
)
"""Wine lets several programs record at a time, as Windows does, and knows none that keeps the others out."""
