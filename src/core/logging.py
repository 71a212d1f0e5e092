"""Logs as events with fields; one line each, secrets blanked."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEY = re.compile(r"password|passwd|secret|token|api_?key|authorization|auth_string", re.IGNORECASE)
#: A password may itself hold an `@`, and stand in the query.
_URL_PASSWORD = re.compile(
    r"(?P<head>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://[^:/@\s]*:)[^/\s]+(?=@)|(?P<key>[?&](?:ssl)?password=)[^&\s]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return `text` with the password of every address in it replaced by `***`."""
    return _URL_PASSWORD.sub(r"\g<head>\g<key>***", text)


def _blank_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = redact(value)
    return event


class _RedactingFilter(logging.Filter):
    """Blanks passwords in the records of libraries that log through the standard library."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        return True


def configure_logging(level: str = "INFO") -> None:
    """Send structlog events and standard library records to standard error, one redacted line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_RedactingFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # It tells of every request that Prefect's engine makes.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    use_structlog()


def use_structlog() -> None:
    """Render structlog events through the standard library's loggers, as `key=value` lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            _blank_secrets,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a structured logger: `log.info("fire_sent", entry=…, due_at=…)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
