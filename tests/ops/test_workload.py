"""The sizes that the model assumes, against what the code makes of generated events."""

import random
from statistics import mean

import orjson
import pytest

from ops import generator
from ops.bill import object_bytes
from ops.workload import Sizes, Traffic, Tuning, Workload
from shared import events, objects, packing, strict_json
from shared.rows import Row
from shared.settings import ApiSettings, WorkerSettings
from tests.factories import WEB

ROWS = [events.normalise(strict_json.sound(event), WEB) for event in generator.generate(users=200, days=28, seed=1)]
SAMPLE = [row.line for row in ROWS]
ROW_BYTES = mean(map(len, SAMPLE))
WORKLOAD = Workload(Traffic(1e6, event_bytes=ROW_BYTES - 60))


def groups() -> list[list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in ROWS:
        found.setdefault(row.key, []).append(row)
    return list(found.values())


@pytest.mark.parametrize("count", [1, 10, 100, 600])
def test_a_message_weighs_what_the_model_says(count: int) -> None:
    """Rows of many users, as they meet in a message."""
    chance = random.Random(1)
    packed = mean(len(packing.pack(chance.sample(SAMPLE, count))) for _ in range(20))

    assert Sizes().packed_message + count * ROW_BYTES / Sizes().packing == pytest.approx(packed, rel=0.2)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_an_object_weighs_what_the_model_says(count: int) -> None:
    stored = mean(len(objects.encode(group[:count])) for group in groups() if len(group) >= count)

    assert object_bytes(WORKLOAD, count) == pytest.approx(stored, rel=0.2)


def test_a_row_is_as_much_longer_than_its_event_as_the_model_says() -> None:
    posted = mean(len(orjson.dumps(event)) for event in generator.generate(users=200, days=28, seed=1))

    assert Traffic(1, event_bytes=posted).row_bytes == pytest.approx(ROW_BYTES, rel=0.05)


def test_the_model_starts_from_the_defaults_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLAKE_AUTH", "off")
    monkeypatch.setenv("TOUCHLAKE_QUEUE_URL", "http://sqs.test/1/queue")
    monkeypatch.setenv("TOUCHLAKE_LAKE_BUCKET", "lake")
    api, worker, tuning = ApiSettings(), WorkerSettings(), Tuning()

    assert tuning.linger_seconds == api.api_linger_ms / 1000
    assert (tuning.flush_seconds, tuning.writers) == (worker.worker_flush_seconds, worker.worker_writers)
