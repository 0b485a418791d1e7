"""What a workload makes the parts do: messages, calls, objects and tasks. Rates are a second, the day's mean. Pure."""

import math
from dataclasses import dataclass

from ops.workload import DAY, Traffic, Workload
from shared.packing import MESSAGE_BYTES
from shared.queue import BATCH_ENTRIES

BILLED_BYTES = 64 * 1024
"""SQS bills each 64 KiB of a call's payload as a request."""


@dataclass(frozen=True)
class Usage:
    """Rates a second; `in_flight` are messages at a time, `writes_per_user_day` objects written for one user's day."""

    posts: float
    messages: float
    rows_per_message: float
    message_bytes: float
    sends: float
    receives: float
    deletes: float
    extensions: float
    send_units: float
    receive_units: float
    writes: float
    writes_per_user_day: float
    in_flight: float
    api_tasks: float
    workers: float
    worker_objects: float
    """What one worker can write."""

    @property
    def sqs_requests(self) -> float:
        """Billed requests."""
        return self.send_units + self.receive_units + self.deletes + self.extensions


def use(workload: Workload) -> Usage:
    """Work out the rates. Workers share the queue, so their number and the writes depend on each other."""
    traffic, tuning = workload.traffic, workload.tuning
    posts = traffic.events_per_second / traffic.events_per_post
    api_tasks = max(tuning.api_tasks, _api_load(workload, posts) / tuning.load)
    messages, rows = _messages(workload, posts, api_tasks)
    message_bytes = workload.sizes.packed_message + rows * traffic.row_bytes / workload.sizes.packing
    workers, writes_per_user_day = _workers(workload)
    window = _window_seconds(workload, workers)
    sends = messages / _entries(messages / api_tasks, _parcels(workload, posts / api_tasks))
    receives = _receives(workload, messages, workers)
    return Usage(
        posts=posts,
        messages=messages,
        rows_per_message=rows,
        message_bytes=message_bytes,
        sends=sends,
        receives=receives,
        deletes=messages / BATCH_ENTRIES,
        extensions=messages * _extensions(window, tuning.visibility_seconds / 2) / BATCH_ENTRIES,
        send_units=_units(sends, messages * message_bytes),
        receive_units=_units(receives, messages * message_bytes),
        writes=traffic.users_per_day * writes_per_user_day / DAY,
        writes_per_user_day=writes_per_user_day,
        in_flight=messages * window / 2,
        api_tasks=api_tasks,
        workers=workers,
        worker_objects=worker_objects(workload, writes_per_user_day),
    )


def peak(workload: Workload) -> Usage:
    """Work out the rates of the busiest hour: as many more users, each as on the mean."""
    return use(workload.scaled(workload.traffic.peak))


def writes_per_user_day(traffic: Traffic, window_seconds: float, workers: float) -> float:
    """Return how often a user's day is written: the windows, of all workers, that its POSTs fall into.

    A session of length L touches L / window + 1 windows of a worker, and any worker may get a message: so POSTs are
    balls, windows times workers are bins. For the clickstream of `Traffic` and one worker this gives 7.0, 4.0 and 2.1 a
    user-day at 60, 300 and 900 s; counted were 7.1, 4.0 and 2.1.
    """
    bins = workers * (traffic.session_seconds / window_seconds + 1)
    return bins * (1 - (1 - 1 / bins) ** traffic.posts_per_user_day) if bins > 1 else 1


def worker_objects(workload: Workload, writes: float) -> float:
    """Return how many objects a second one worker writes: bound by its threads that wait for S3, or by its CPU."""
    traffic, speed = workload.traffic, workload.speed
    events_per_write = traffic.events_per_user_day / writes
    standing = traffic.events_per_user_day / 2
    cpu = 2 * speed.store_call_seconds + standing * speed.rewrite_seconds + events_per_write * speed.place_seconds
    return min(workload.tuning.writers / (2 * speed.s3_seconds), 1 / cpu)


def _api_load(workload: Workload, posts: float) -> float:
    """Return the cores that the API keeps busy."""
    return posts * workload.speed.post_seconds + workload.traffic.events_per_second * workload.speed.judge_seconds


def _parcels(workload: Workload, posts: float) -> float:
    """Return how often a task seals a parcel: a POST opens one, the linger time closes it, and senders may be busy.

    For 20, 100, 500 and 1,500 POSTs a second at random moments this gives 16.7, 50, 83 and 94; the outbox itself,
    before a queue that answers in 15 ms, made 17, 50, 83 and 91 messages.
    """
    sealed = 1 / (workload.tuning.linger_seconds + 1 / posts)
    return min(sealed, workload.tuning.senders / workload.speed.sqs_seconds)


def _messages(workload: Workload, posts: float, api_tasks: float) -> tuple[float, float]:
    """Return messages a second, and rows in each: a parcel is one message, or as many as its bytes fill."""
    traffic = workload.traffic
    rows_a_second = traffic.events_per_second / api_tasks
    parcels = _parcels(workload, posts / api_tasks)
    full = rows_a_second * traffic.row_bytes / MESSAGE_BYTES
    messages = max(parcels, full)
    return messages * api_tasks, rows_a_second / messages


def _entries(messages: float, parcels: float) -> float:
    """Return the messages of a SendMessageBatch."""
    return min(BATCH_ENTRIES, max(1.0, messages / parcels))


def _receives(workload: Workload, messages: float, workers: float) -> float:
    """Return ReceiveMessage calls: each brings what came during the last, or nothing when its time is up."""
    tuning = workload.tuning
    came = messages / workers * workload.speed.sqs_seconds / tuning.pollers
    busy = messages / min(BATCH_ENTRIES, max(1.0, came))
    return max(busy, workers * tuning.pollers / tuning.poll_seconds)


def _units(calls: float, payload: float) -> float:
    return max(calls, payload / BILLED_BYTES) if calls else 0


def _window_seconds(workload: Workload, workers: float) -> float:
    """Return how long a worker's window gathers: until it is old, or full of rows or bytes."""
    tuning, traffic = workload.tuning, workload.traffic
    rows = traffic.events_per_second / workers
    return min(tuning.flush_seconds, tuning.flush_rows / rows, tuning.flush_bytes / (rows * traffic.row_bytes))


def _workers(workload: Workload) -> tuple[float, float]:
    """Return the workers, and how often they write a user's day. More workers write more often, at most once a POST."""
    traffic, tuning = workload.traffic, workload.tuning
    workers = float(tuning.workers)
    while True:
        sharing = max(1, math.ceil(workers / tuning.queues))
        writes = writes_per_user_day(traffic, _window_seconds(workload, workers), sharing)
        objects = traffic.users_per_day * writes / DAY
        needed = max(tuning.workers, objects / worker_objects(workload, writes) / tuning.load)
        if needed <= workers * 1.001:
            return workers, writes
        workers = needed


def _extensions(window: float, every: float) -> float:
    """Return how often a message is extended: held for anything up to the window, extended each `every` seconds."""
    whole = math.floor(window / every)
    return every * (whole * (whole - 1) / 2) / window + whole * (window - whole * every) / window
