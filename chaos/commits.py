"""Parses what PostgreSQL sends, to find the message that confirms a commit.

Implements only the part of the protocol that this needs: after the startup a message is
one letter, its length and content; CommandComplete (`C`) names the finished command.
The connection must use neither TLS nor GSS (see stage.py), which add other bytes.
"""


class CommitFinder:
    """Follows one connection. `feed` returns whether these bytes confirm a commit that
    moved folios."""

    def __init__(self) -> None:
        self._rest = b""
        self._inserted = self._updated = False

    def feed(self, data: bytes) -> bool:
        buffer = self._rest + data
        found = False
        start = 0
        while len(buffer) - start >= 5:
            end = start + 1 + int.from_bytes(buffer[start + 1 : start + 5])
            if end > len(buffer):
                break
            if buffer[start : start + 1] == b"C":
                found |= self._completes(buffer[start + 5 : end].rstrip(b"\0"))
            start = end
        self._rest = buffer[start:]
        return found

    def _completes(self, tag: bytes) -> bool:
        """A movement of folios inserts an entry and updates its account."""
        word, _, counts = tag.partition(b" ")
        done = not counts.endswith(b" 0") and counts != b"0"
        if word == b"INSERT":
            self._inserted |= done
        elif word == b"UPDATE":
            self._updated |= done
        elif word in (b"BEGIN", b"COMMIT", b"ROLLBACK"):
            moved = self._inserted and self._updated
            self._inserted = self._updated = False
            return word == b"COMMIT" and moved
        return False
