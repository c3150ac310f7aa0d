"""The pictures of the manual and their sizes, in CSS pixels.

`make pictures` takes them from the demo (tests/browser/pictures.py) at exactly these
sizes, and sharper. A test keeps list, files and text in step.
"""

PICTURES = {
    "account": (1000, 520),
    "clients": (1160, 470),
    "forecast": (900, 400),
    "home": (1100, 270),
    "keys": (1000, 260),
    "packages": (1100, 440),
    "renew": (448, 466),
    "statement": (1000, 420),
    "tray": (1100, 470),
    "visit": (1000, 300),
}


def file_of(name: str) -> str:
    """Where it is among the static files."""
    return f"manual/{name}.webp"
