"""The only hardware and network input: each source reads a device, or a file in its place."""
