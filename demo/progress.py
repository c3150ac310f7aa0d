"""The progress bar of the commands that load."""

BAR = 30


def bar(done: float) -> str:
    """`done`: the part that is done, from 0 to 1."""
    full = round(done * BAR)
    return "█" * full + "·" * (BAR - full)
