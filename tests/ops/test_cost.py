import pytest
import typer
from typer.testing import CliRunner

from ops import cost
from ops.__main__ import app
from ops.bill import bill
from ops.workload import Traffic, Workload

WIDE = {"COLUMNS": "200"}


@pytest.mark.parametrize(("text", "number"), [("10M", 1e7), ("250k", 2.5e5), ("1.5B", 1.5e9), ("1_000", 1e3), ("7", 7)])
def test_a_number_may_end_in_a_letter(text: str, number: float) -> None:
    assert cost.count(text) == number


@pytest.mark.parametrize("text", ["", "M", "ten", "-1M", "0", "nan", "inf", "1e999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        cost.count(text)


def test_the_command_prints_what_the_model_says_at_four_scales() -> None:
    printed = CliRunner().invoke(app, ["cost", "--events-per-day", "10M", "--bytes", "300"], env=WIDE)

    assert printed.exit_code == 0
    for events in (1e6, 1e7, 1e8, 1e9):
        assert cost.money(sum(bill(Workload(Traffic(events))).values())) in printed.stdout
    assert all(name in printed.stdout for name in ("Firehose", "Kinesis", "S3 requests", "1B events/day"))


def test_users_decide_how_many_objects_there_are() -> None:
    few = CliRunner().invoke(app, ["cost", "--users-per-day", "100k"], env=WIDE).stdout
    many = CliRunner().invoke(app, ["cost", "--users-per-day", "10M"], env=WIDE).stdout

    assert "10.0 │" not in few
    assert few != many


def test_more_users_than_events_are_refused() -> None:
    assert CliRunner().invoke(app, ["cost", "--users-per-day", "11M"]).exit_code == 2


def test_prices_come_with_their_sources() -> None:
    printed = CliRunner().invoke(app, ["cost", "--prices"], env={"COLUMNS": "400"}).stdout

    assert "sqs_request" in printed
    assert "third-party source, check: https://aws.amazon.com/sqs/pricing/" in printed
