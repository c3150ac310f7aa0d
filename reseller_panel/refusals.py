"""What a rule of the business says no with; every app's refusals are of this one kind.

A leaf: it knows no app and no HTTP. A view shows the message, the API makes a problem
of it (api/serializers.py).
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
