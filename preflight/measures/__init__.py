"""Numpy shared by several checks: pictures, sound, time series."""
