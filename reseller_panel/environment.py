"""What a process is told from outside: read with `env`, and refused in words."""

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()

# A developer's machine. Without it this is production.
DEBUG: bool = env.bool("DEBUG", False)


def needed_in_production(name: str, what: str) -> None:
    """Stop with a sentence that says what to set, instead of guessing."""
    if not DEBUG and not env.str(name, "").strip():
        raise ImproperlyConfigured(
            f"{name} is not set. Set it to {what}. "
            "(On a developer's machine set DEBUG=1 instead.)"
        )


def host_names() -> list[str]:
    """ALLOWED_HOSTS, which in production must not accept any name."""
    names: list[str] = env.list("ALLOWED_HOSTS", [])
    if not DEBUG and any(_is_any_host(pattern) for pattern in names):
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS accepts any host name, and links in e-mails are made with "
            "the name that a request brings. Set it to the host names served."
        )
    return names


def _is_any_host(pattern: str) -> bool:
    """`*`, and a wildcard of everything under a top-level domain (`.mx`)."""
    return "*" in pattern or (pattern.startswith(".") and "." not in pattern[1:])


def mail_parts() -> dict[str, object]:
    """EMAIL_URL as Django's settings: console:// prints e-mails;
    submission://user:password@host:587 sends them with TLS."""
    default = "console://" if DEBUG else "smtp://localhost:25"
    parts: dict[str, object] = env.dj_email_url("EMAIL_URL", default)
    if "EMAIL_BACKEND" not in parts:
        raise ImproperlyConfigured(
            "EMAIL_URL is of no known kind. Set it to "
            "submission://user:password@host:587, or to console:// to print e-mails."
        )
    return parts
