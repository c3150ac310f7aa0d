"""The pictures of the manual and their sizes, in CSS pixels.

`make pictures` takes them from the demo (tests/browser/pictures.py) at these sizes and
a higher resolution. A test checks that list, files and text agree.
"""

PICTURES = {
    "account": (1000, 520),
    "clients": (1160, 470),
    "forecast": (900, 400),
    "home": (1100, 270),
    "keys": (1000, 260),
    "packages": (1100, 440),
    "renew": (448, 512),
    "statement": (1000, 420),
    "tray": (1100, 470),
    "visit": (1000, 300),
}


def file_of(name: str) -> str:
    """The path of a picture among the static files."""
    return f"manual/{name}.webp"
