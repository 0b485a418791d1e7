"""Bills, worked out by hand beside each test. A month is 730 hours, 2,628,000 seconds."""

from dataclasses import replace

import pytest

from ops import alternatives, usage
from ops.bill import bill, events_per_month, s3_storage
from ops.prices import PRICES
from ops.workload import Account, Sizes, Traffic, Tuning, Workload

WORKLOAD = Workload(
    Traffic(864_000, event_bytes=300, events_per_user_day=10, events_per_post=10, session_seconds=1_040),
    Tuning(linger_seconds=0.01, flush_seconds=60),
    account=Account(athena_user_days=1_000_000),
)
"""10 events a second, one POST of 10 a second, 86,400 users a day, each written once."""
BILL = bill(WORKLOAD)


def test_s3_requests() -> None:
    """One object a second: 2.628 M PUT at $5 a million, and as many GET at $0.40 where more than one worker writes."""
    shared = bill(replace(WORKLOAD, tuning=Tuning(workers=2)))

    assert BILL["S3 requests"] == pytest.approx(2.628 * 5)
    assert shared["S3 requests"] == pytest.approx(2.628 * 5.40)


def test_sqs() -> None:
    """2 tasks, 0.5 POSTs/s each, and 2.5 ms for company: 2 / 2.0025 = 0.999 messages/s, sent once, deleted by ten, and
    received by ten or at the ends of 2 pollers' pauses, of 3.015 s with the call: 2 / 3.015 = 0.663/s.
    """
    assert BILL["SQS"] == pytest.approx((2 / 2.0025 * 1.2 + 2 / 3.015) * 2.628 * 0.40, rel=1e-4)


def test_s3_storage() -> None:
    """86,400 user-days a day, 365 days, 213 + 10 x 360 / 8.5 = 636.5 bytes each; nothing is rewritten."""
    assert BILL["S3 storage"] == pytest.approx(86_400 * 365 * 636.53 / 2**30 * 0.023, rel=1e-3)


def test_versions_that_rewrites_leave_are_paid_for_a_week() -> None:
    """With two writes a user-day, one version of 5 rows (424.8 bytes) stays for 7 days."""
    twice = replace(usage.use(WORKLOAD), writes_per_user_day=2)

    more = s3_storage(WORKLOAD, twice) - BILL["S3 storage"]

    assert more == pytest.approx(86_400 * 7 * 424.76 / 2**30 * 0.023, rel=1e-3)


def test_fargate() -> None:
    """A task of 1 vCPU and 2 GB on ARM: (0.03238 + 2 x 0.00356) x 730 = $28.835; two of the API, one worker."""
    assert BILL["Fargate API"] == pytest.approx(57.67)
    assert BILL["Fargate workers"] == pytest.approx(28.835)


def test_ledger() -> None:
    """2 tasks write each 30 s: 2/30 PUT a second. 86,400 user-days, read twice: 2 GET a second, 64 at a time, of 0.1 s
    each, by half a vCPU and 2 GB: (0.5 x 0.03238 + 2 x 0.00356) x 730 = $17.02 if it ran all month.
    """
    assert BILL["Ledger"] == pytest.approx(2.628 * (5 * 2 / 30 + 0.40 * 2) + 17.0163 * 2 * 0.1 / 64, rel=1e-4)


def test_load_balancer() -> None:
    """(0.0225 + 2 x 0.005) x 730 and 1/25 LCU for one connection a second; its bytes would ask for 0.017."""
    assert BILL["Load balancer"] == pytest.approx(0.0325 * 730 + 730 * 0.008 / 25)


def test_endpoints_and_nat() -> None:
    """5 endpoints in 2 zones at $0.01, or 2 gateways at $0.045 with an address each; messages go both ways."""
    gb = 2 * 2 / 2.0025 * (400 + 2.0025 / 2 * 10 * 360 / 6.9) * 2_628_000 / 2**30
    nat = bill(replace(WORKLOAD, account=Account(network="nat")))

    assert BILL["Endpoints or NAT"] == pytest.approx(73 + gb * 0.01)
    assert nat["Endpoints or NAT"] == pytest.approx(2 * 730 * 0.05 + gb * 0.045)


def test_what_is_there_without_events() -> None:
    """WAF $5 + $1 + 2.628 M requests at $0.60 a million; 3 GB of images; one secret; 45 metrics, 30 alarms."""
    assert BILL["WAF"] == pytest.approx(6 + 2.628 * 0.60)
    assert BILL["ECR"] == pytest.approx(0.30)
    assert BILL["Secrets"] == pytest.approx(0.40)
    assert BILL["CloudWatch"] == pytest.approx(13.50 + 3 + 400 / 60 * 2_628_000 / 2**30 * 0.50)


def test_athena() -> None:
    """A million user-days of 636.5 bytes at $5 a TB, and a GET each at $0.40 a million."""
    assert BILL["Athena"] == pytest.approx(636.53e6 / 2**40 * 5 + 0.40, rel=1e-3)


def test_answers_leave_for_the_internet() -> None:
    assert BILL["Internet out"] == pytest.approx(2_628_000 * 600 / 2**30 * 0.09)


def test_a_month_is_730_hours_of_events() -> None:
    assert events_per_month(WORKLOAD) == pytest.approx(10 * 2_628_000)


def test_firehose_rounds_each_record_up_to_5_kb() -> None:
    """10 records/s of 5,120 bytes; or 0.999 of 10.01 rows x 360 bytes, which is 3,604, rounded up as well."""
    bills = alternatives.bills(WORKLOAD)

    assert bills["Firehose, a record an event"]["Firehose"] == pytest.approx(51_200 * 2_628_000 / 2**30 * 0.029)
    packed = 2 / 2.0025 * 5_120 * 2_628_000 / 2**30 * 0.029
    assert bills["Firehose, packed records"]["Firehose"] == pytest.approx(packed, rel=1e-4)


def test_kinesis() -> None:
    """One record/s of 3,600 bytes: 4 KiB in at $0.08 a GB and out at $0.04, $29.20 for the stream; or one shard."""
    bills = alternatives.bills(WORKLOAD)

    assert bills["Kinesis on demand"]["Kinesis"] == pytest.approx(29.20 + 4_096 * 2_628_000 / 2**30 * 0.12)
    assert bills["Kinesis shards"]["Kinesis"] == pytest.approx(0.015 * 730 + 2.628 * 0.014)


def test_shards_are_for_the_busiest_hour() -> None:
    """1,157 POSTs/s of 360 bytes, twice that at the peak: 2,315 records/s are 3 shards of 1,000."""
    charged = alternatives.bills(Workload(Traffic(1e8)))["Kinesis shards"]["Kinesis"]

    assert charged == pytest.approx(3 * 0.015 * 730 + 1e8 / 86_400 * 2.628 * 0.014)


def test_a_stream_keyed_by_user_saves_the_writes_that_sharing_a_queue_costs() -> None:
    bills = alternatives.bills(Workload(Traffic(1e8)))

    assert bills["Kinesis on demand"]["S3 requests"] < bills["Touchlake"]["S3 requests"]


def test_a_longer_window_a_longer_linger_and_larger_posts_cost_less() -> None:
    def total(tuning: Tuning, events_per_post: float = 1) -> float:
        return sum(bill(Workload(Traffic(1e7, events_per_post=events_per_post), tuning)).values())

    assert total(Tuning(flush_seconds=900)) < total(Tuning(flush_seconds=300)) < total(Tuning(flush_seconds=60))
    assert total(Tuning(linger_seconds=0.1)) < total(Tuning(linger_seconds=0.01))
    assert total(Tuning(), events_per_post=10) < total(Tuning(), events_per_post=2)


@pytest.mark.parametrize("name", PRICES)
def test_a_price_says_where_and_when_it_was_read(name: str) -> None:
    price = PRICES[name]

    assert price.usd > 0
    assert price.per > 0
    assert price.unit
    assert price.official.startswith("https://aws.amazon.com/")
    assert price.looked_up.year >= 2026
    assert price.source
    assert not price.primary or price.source.startswith("https://aws.amazon.com/")


def test_better_compression_only_saves() -> None:
    loose = bill(replace(WORKLOAD, sizes=Sizes(packing=3, gzip=4)))

    assert loose["S3 storage"] > BILL["S3 storage"]
    assert loose["Endpoints or NAT"] > BILL["Endpoints or NAT"]
