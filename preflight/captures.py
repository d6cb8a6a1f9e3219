"""What a source hands to its checks: plain data, shapes and units written down.

Captures compare by identity (`eq=False`), so that a measure shared by several
checks can be cached per capture with `functools.lru_cache`.
"""

# --- camera ---

# --- microphone ---

# --- network ---

# --- power ---

# --- software ---
