"""Reads along in what PostgreSQL answers, to find the word that a commit was done.

Knows of the protocol only what that needs: after the start every message is one letter
and its length; CommandComplete (`C`) says what was done. The connection must be without
TLS and without GSS (see stage.py), whose answers are no messages.
"""


class CommitFinder:
    """Follows one connection. `feed` says whether a commit of folios is answered in
    these bytes."""

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
