"""Is this computer ready for a video identification session?"""

__version__ = "0.1.0"
