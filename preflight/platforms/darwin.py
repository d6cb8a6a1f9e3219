"""The calls into macOS itself: what the person answered when asked for camera and microphone."""

import ctypes
import sys

from preflight.platforms.system import Device

assert sys.platform == "darwin"  # noqa: S101 - the form by which a type checker leaves out a module

FRAMEWORK = "/System/Library/Frameworks/AVFoundation.framework/AVFoundation"
_MEDIA = {Device.CAMERA: b"vide", Device.MICROPHONE: b"soun"}
"""AVMediaTypeVideo and AVMediaTypeAudio."""


def cameras() -> tuple[tuple[str, str], ...] | None:
    """Return identifier and name of each camera in the order of OpenCV's cap_avfoundation_mac.mm.

    That is of the devices for video and for video with sound together, sorted by their identifiers.
    """
    try:
        import AVFoundation  # noqa: PLC0415 - it takes long, and only a worker for the camera needs it
    except ImportError:
        return None
    capture = AVFoundation.AVCaptureDevice
    media = (AVFoundation.AVMediaTypeVideo, AVFoundation.AVMediaTypeMuxed)
    found = [device for each in media for device in capture.devicesWithMediaType_(each)]
    return tuple(sorted((str(device.uniqueID()), str(device.localizedName())) for device in found))


def authorization(device: Device) -> int | None:
    """Return AVCaptureDevice's authorizationStatusForMediaType:; None if it cannot be asked.

    The answer is that given to the program which macOS holds responsible: the terminal, say.
    """
    try:
        ctypes.CDLL(FRAMEWORK)
        objc = ctypes.CDLL("/usr/lib/libobjc.A.dylib")
    except OSError:
        return None
    objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
    objc.objc_getClass.argtypes = objc.sel_registerName.argtypes = (ctypes.c_char_p,)
    send = ctypes.cast(objc.objc_msgSend, ctypes.c_void_p).value
    if send is None:
        return None
    pointer = ctypes.c_void_p
    text = ctypes.CFUNCTYPE(pointer, pointer, pointer, ctypes.c_char_p)(send)
    ask = ctypes.CFUNCTYPE(ctypes.c_long, pointer, pointer, pointer)(send)
    string, camera = objc.objc_getClass(b"NSString"), objc.objc_getClass(b"AVCaptureDevice")
    if not string or not camera:
        return None
    media = text(string, objc.sel_registerName(b"stringWithUTF8String:"), _MEDIA[device])
    return int(ask(camera, objc.sel_registerName(b"authorizationStatusForMediaType:"), media))
