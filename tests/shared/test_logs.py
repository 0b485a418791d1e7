import logging
from typing import Any

from shared.logs import OncePerMinute


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(event: str, level: int = logging.WARNING) -> logging.LogRecord:
    message: Any = {"event": event}
    return logging.LogRecord("touchlake", level, "", 0, message, None, None)


def test_a_warning_that_repeats_is_logged_once_a_minute_with_how_many_were_left_out() -> None:
    clock = Clock()
    once = OncePerMinute(clock)
    passed: list[tuple[float, Any]] = []
    for clock.now in (0, 0.1, 30, 59, 60, 61, 200):
        line: Any = record("send_failed")
        if once.filter(line):
            passed.append((clock.now, line.msg.get("left_out")))

    assert passed == [(0, None), (60, 3), (200, 1)]


def test_other_names_and_other_levels_pass() -> None:
    once = OncePerMinute(Clock())

    assert once.filter(record("send_failed"))
    assert once.filter(record("receive_failed"))
    assert all(once.filter(record("object_quarantined", logging.ERROR)) for _ in range(3))
    assert all(once.filter(record("window_flushed", logging.INFO)) for _ in range(3))
