"""JSON lines on standard error: one static event name, then fields. Never a payload, never a key."""

import logging
import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

QUIET_SECONDS = 60
Logger = structlog.stdlib.BoundLogger
_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


class OncePerMinute(logging.Filter):
    """Lets the first warning of each name through, then one a minute that says how many were left out.

    So an outage is one line a minute. What is INFO or ERROR is about one thing, and always logged.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        fields = record.msg if isinstance(record.msg, dict) else {}
        name = str(fields.get("event", record.name))
        with self._lock:
            now = self._clock()
            if now - self._last.get(name, -math.inf) < QUIET_SECONDS:
                self._left_out[name] += 1
                return False
            self._last[name] = now
            if left_out := self._left_out.pop(name, 0):
                fields["left_out"] = left_out
            return True


def configure(service: str, level: str) -> None:
    """Send this project's and its libraries' logs the same way. Call once, at the start."""
    named = [_named(service), *_SHARED]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(OncePerMinute())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*named, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=False, default=str),
            ],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for chatty in ("boto3", "botocore", "urllib3", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    sys.excepthook = _log_crash
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *named,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _log_crash(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    get().critical("crashed", exc_info=(kind, error, traceback))


def _named(service: str) -> Processor:
    def add_service(_logger: Any, _method: str, fields: EventDict) -> EventDict:
        return {"service": service, **fields}

    return add_service


def get() -> Logger:
    logger: Logger = structlog.stdlib.get_logger()
    return logger
