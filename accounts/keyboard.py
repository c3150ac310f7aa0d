"""Whether one letter alone does something, kept for each person (WCAG 2.1.4).

Keys with Ctrl, arrows, Enter and Esc always work. Which letters there are is
clients/actions.py and the templates.
"""

from accounts.models import User


def use_letters(user: User, *, on: bool) -> None:
    """Switch the letters of this person on or off; twice changes nothing."""
    User.objects.filter(pk=user.pk).update(uses_letters=on)
    user.uses_letters = on
