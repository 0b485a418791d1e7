"""What Amazon's streams cost for the same events, behind the same API. Pure.

None is exactly the same work: `GIVES` says what each leaves in S3.
"""

import math
from dataclasses import replace

from ops import usage
from ops.bill import GB, HOURS, SECONDS, Bill, bill, fargate, front, s3_requests, s3_storage
from ops.prices import dollars
from ops.usage import Usage
from ops.workload import Workload

FIREHOSE_RECORD = 5 * 1024
KINESIS_RECORD = 1024
FIREHOSE_OBJECT_BYTES = 128 * 2**20
FIREHOSE_OBJECT_SECONDS = 900
"""The largest buffer: the fewest objects."""
SHARD_RECORDS = 1_000
SHARD_BYTES = 2**20
PUT_UNIT = 25 * 1024
GIVES = {
    "Touchlake": "a user's day in one object, each event once",
    "Firehose, a record an event": "objects by time of arrival; repeats stay; no user-days",
    "Firehose, packed records": "the same, and records are packed as Touchlake packs its messages",
    "Kinesis on demand": "as Touchlake: its workers, and a stream keyed by user for a queue",
    "Kinesis shards": "the same; somebody has to add shards in time",
}


def bills(workload: Workload) -> dict[str, Bill]:
    """Return the monthly bill of each way, Touchlake's own first."""
    used = usage.use(workload)
    keyed = usage.use(_keyed(workload))
    events = workload.traffic.events_per_second
    packed = used.rows_per_message * workload.traffic.row_bytes
    return {
        "Touchlake": bill(workload),
        "Firehose, a record an event": _firehose(workload, used, events, workload.traffic.row_bytes),
        "Firehose, packed records": _firehose(workload, used, used.messages, packed),
        "Kinesis on demand": _kinesis(workload, keyed, _on_demand(workload, keyed)),
        "Kinesis shards": _kinesis(workload, keyed, _shards(workload, keyed)),
    }


def _keyed(workload: Workload) -> Workload:
    """Return the same with all of one user's messages at one worker: more queues than there can be workers."""
    return replace(workload, tuning=replace(workload.tuning, queues=10**9))


def _firehose(workload: Workload, used: Usage, records: float, record_bytes: float) -> Bill:
    taken_in = records * _rounded_up(record_bytes, FIREHOSE_RECORD)
    stored = workload.traffic.events_per_second * workload.traffic.row_bytes / workload.sizes.gzip
    objects = max(1 / FIREHOSE_OBJECT_SECONDS, stored / FIREHOSE_OBJECT_BYTES)
    kept = stored * workload.account.retention_days * 86_400
    return {
        "Firehose": dollars("firehose_ingest", taken_in * SECONDS / GB),
        "S3 requests": dollars("s3_put", objects * SECONDS),
        "S3 storage": dollars("s3_storage", kept / GB),
        **front(workload, used),
    }


def _kinesis(workload: Workload, used: Usage, stream: float) -> Bill:
    return {
        "Kinesis": stream,
        "S3 requests": s3_requests(used),
        "S3 storage": s3_storage(workload, used),
        "Fargate workers": fargate(workload, used.workers),
        **front(workload, used),
    }


def _on_demand(workload: Workload, used: Usage) -> float:
    """Charge a record a POST, since a record has one key; the workers read each once."""
    taken_in = used.posts * _rounded_up(_post_bytes(workload), KINESIS_RECORD) * SECONDS / GB
    return dollars("kinesis_stream_hour", HOURS) + dollars("kinesis_in", taken_in) + dollars("kinesis_out", taken_in)


def _shards(workload: Workload, used: Usage) -> float:
    """Charge as many shards as the busiest hour needs."""
    records = used.posts * workload.traffic.peak
    shards = math.ceil(max(records / SHARD_RECORDS, records * _post_bytes(workload) / SHARD_BYTES))
    units = used.posts * math.ceil(_post_bytes(workload) / PUT_UNIT)
    return dollars("kinesis_shard_hour", shards * HOURS) + dollars("kinesis_put_unit", units * SECONDS)


def _post_bytes(workload: Workload) -> float:
    return workload.traffic.events_per_post * workload.traffic.row_bytes


def _rounded_up(size: float, step: int) -> float:
    return math.ceil(size / step) * step
