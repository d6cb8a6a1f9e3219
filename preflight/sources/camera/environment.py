"""What OpenCV reads from the environment: set here, before anything imports it."""

import os

MOST_PIXELS = 7680 * 4320
"""Largest picture that is looked at: 8K, 100 MB."""
MOST_PICTURE_PIXELS = 60_000_000
"""Largest picture that is decoded whole, out of a file: 180 MB."""

# OpenCV reads these at import and when it opens something.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PICTURE_PIXELS)
os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "4"  # seconds; its own 10 outlast our patience
os.environ["OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS"] = "0"  # opening takes up to 20 s with them
