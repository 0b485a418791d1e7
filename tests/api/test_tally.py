"""The lines of the tally, and what terraform makes of them."""

import re
from pathlib import Path

from structlog.testing import capture_logs

from api.tally import Tally
from shared import metrics
from tests.factories import wait_until

ALARMS = (Path(__file__).parents[2] / "terraform/alarms.tf").read_text()
FILTERS = ALARMS[ALARMS.index('"aws_cloudwatch_log_metric_filter" "events"') :].partition("\n}\n")[0]


def count(accepted: int, rejected: int) -> None:
    metrics.EVENTS_ACCEPTED.labels("ios").inc(accepted)
    for _ in range(rejected):
        metrics.EVENTS_REJECTED.labels("web", "missing_user").inc()


def test_what_came_while_it_ran_is_in_one_line() -> None:
    count(5, 1)  # of another's time
    with capture_logs() as lines, Tally().kept_logged():
        count(3, 0)
        count(4, 2)

    assert lines == [{"event": "events_counted", "log_level": "info", "accepted": 7, "rejected": 2}]


def test_nothing_is_said_when_nothing_came() -> None:
    with capture_logs() as lines, Tally(every_seconds=0.01).kept_logged():
        count(1, 0)
        wait_until(lambda: len(lines) > 0, "a line is there", 5)

    assert [line["accepted"] for line in lines] == [1]


def test_each_line_has_what_came_since_the_last() -> None:
    with capture_logs() as lines, Tally(every_seconds=0.01).kept_logged():
        count(1, 0)
        wait_until(lambda: len(lines) > 0, "a line is there", 5)
        count(0, 3)

    assert [(line["accepted"], line["rejected"]) for line in lines] == [(1, 0), (0, 3)]


def test_terraform_makes_metrics_of_the_line() -> None:
    """The filter names the line's event and two of its members, which are numbers."""
    (event,) = re.findall(r'pattern\s*= "\{ \$\.event = \\"(\w+)\\" \}"\n\n  metric_transformation', FILTERS)
    fields = re.findall(r'Events\w+ = "\$\.(\w+)"', FILTERS)
    with capture_logs() as lines, Tally().kept_logged():
        count(1, 1)

    assert fields == ["accepted", "rejected"]
    assert [(line["event"], *(type(line[name]) for name in fields)) for line in lines] == [(event, int, int)]
