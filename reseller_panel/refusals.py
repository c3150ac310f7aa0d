"""The exception of a refused business rule; the refusals of every app derive from it.

A leaf: it imports no app and knows no HTTP. A view shows the message; the API turns it
into a Problem (api/serializers.py).
"""


class Refused(Exception):
    """Something that the rules do not allow; nothing was done.

    `code` is for programs (api.md), the message for people: it says why and what to do.
    """

    code = "refused"
    field = ""  # the form field to blame, if it is one

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
