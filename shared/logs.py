"""JSON lines on standard error: one static event name, then fields. Never a payload, never a key."""

import logging
import sys
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

Logger = structlog.stdlib.BoundLogger
_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure(service: str, level: str) -> None:
    """Send this project's and its libraries' logs the same way. Call once, at the start."""
    named = [_named(service), *_SHARED]
    handler = logging.StreamHandler(sys.stderr)
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
