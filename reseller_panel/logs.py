"""Logs: one line per record, to stderr, from where whoever runs it takes them."""

from typing import Any


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING, with records from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Replaces Django's own handlers, which write only while DEBUG is on.
            "django": {"handlers": [], "level": level, "propagate": True},
        },
    }
