"""After a change of SECRET_KEY (docs/deployment.md): second factors under the new."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor


class Command(BaseCommand):
    help = "Encrypts every second factor anew, with the SECRET_KEY of today."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = second_factor.reencrypt_all()
        except InvalidToken as error:
            raise CommandError(
                "A second factor was written under a key that is neither SECRET_KEY "
                "nor one of SECRET_KEY_FALLBACKS. Nothing was changed."
            ) from error
        self.stdout.write(f"Second factors encrypted anew: {done}.")
