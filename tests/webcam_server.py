"""A network camera made of pictures: motion JPEG over HTTP, as many webcam servers speak it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
FPS = 30
_VARIANTS = 8


class Webcam:
    """What the camera sees; it can change while somebody watches."""

    def __init__(self, picture: Picture) -> None:
        self.frames = _noisy_frames(picture)
        self.address = ""

    def see(self, picture: Picture) -> None:
        self.frames = _noisy_frames(picture)


@contextmanager
def serve_webcam(picture: Picture) -> Iterator[Webcam]:
    """Serve a picture with a sensor's noise, BGR, at 30 frames a second; `address` is where."""
    shown = Webcam(picture)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            due = time.monotonic()
            for number in range(FPS * 120):
                jpeg = shown.frames[number % _VARIANTS]
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                except OSError:
                    return
                due += 1 / FPS
                time.sleep(max(0.0, due - time.monotonic()))

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shown.address = f"http://127.0.0.1:{server.server_port}/video.mjpg"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()


def _noisy_frames(picture: Picture, sigma: float = 1.5) -> list[bytes]:
    generator = np.random.default_rng(1)
    jpegs = []
    for _ in range(_VARIANTS):
        noise = generator.normal(0, sigma, picture.shape[:2]).astype(np.float32)[..., None]
        frame = np.clip(picture + noise, 0, 255).astype(np.uint8)
        jpegs.append(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    return jpegs
