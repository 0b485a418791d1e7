"""What a workload makes the parts do: messages, calls, objects and tasks. Rates are a second, the day's mean. Pure."""

import math
from dataclasses import dataclass

from ops.workload import DAY, Traffic, Workload
from shared.packing import MESSAGE_BYTES
from shared.queue import BATCH_ENTRIES

BILLED_BYTES = 64 * 1024
"""SQS bills each 64 KiB of a call's payload as a request."""
QUIET_SHARE, QUIET_DISTANCES = 0.25, 20
"""A wait for company ends after so much of the linger time without a POST, or so many mean distances of POSTs. These
numbers are those of api/linger.py, api/outbox.py and worker/consumer.py; a test compares them."""
SEAL_REQUESTS, SEAL_BYTES = 256, 2**20
"""A parcel is sealed at so many POSTs, or bytes of rows."""
GATHER_SHARE = 1 / 20
"""Of the flush window: how long a poller pauses after a receive that brought few messages."""


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
    reads: float
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
    writes = traffic.users_per_day * writes_per_user_day / DAY
    window = _window_seconds(workload, workers)
    sends = messages / _entries(messages / api_tasks, _task_parcels(workload, posts / api_tasks))
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
        writes=writes,
        reads=0 if _sharing(workload, workers) == 1 else writes,
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


def parcels(linger_seconds: float, posts: float) -> float:
    """Return how many parcels a second a task seals, of `posts` a second at random: a POST opens one, then it waits."""
    distance = 1 / posts
    return max(1 / (distance + wait_seconds(linger_seconds, distance)), posts / SEAL_REQUESTS)


def wait_seconds(linger_seconds: float, distance: float) -> float:
    """Return how long a parcel waits on average, where POSTs are `distance` seconds apart on average, at random.

    Until a gap of q it takes d (e^(q/d) - 1). Of that q passes in any case; the rest is close to exponentially
    distributed, and is cut off where the linger time is over. `api.linger` itself waits as long within 4 % (by test).
    """
    quiet = min(QUIET_SHARE * linger_seconds, QUIET_DISTANCES * distance)
    rest = distance * math.expm1(quiet / distance) - quiet
    return quiet - rest * math.expm1((quiet - linger_seconds) / rest) if rest > 0 else quiet


def worker_objects(workload: Workload, writes: float) -> float:
    """Return how many objects a second one worker writes: bound by its threads that wait for S3, or by its CPU.

    With a GET before each PUT, though a worker that is alone needs none.
    """
    traffic, speed = workload.traffic, workload.speed
    events_per_write = traffic.events_per_user_day / writes
    standing = traffic.events_per_user_day / 2
    cpu = 2 * speed.store_call_seconds + standing * speed.rewrite_seconds + events_per_write * speed.place_seconds
    return min(workload.tuning.writers / (2 * speed.s3_seconds), 1 / cpu)


def _api_load(workload: Workload, posts: float) -> float:
    """Return the cores that the API keeps busy."""
    return posts * workload.speed.post_seconds + workload.traffic.events_per_second * workload.speed.judge_seconds


def _task_parcels(workload: Workload, posts: float) -> float:
    """Return how often a task seals a parcel: when a wait is over or the parcel full; and senders may be busy."""
    traffic, tuning = workload.traffic, workload.tuning
    post_bytes = traffic.events_per_post * traffic.row_bytes
    sealed = max(parcels(tuning.linger_seconds, posts), posts * post_bytes / SEAL_BYTES)
    return min(sealed, tuning.senders / workload.speed.sqs_seconds)


def _messages(workload: Workload, posts: float, api_tasks: float) -> tuple[float, float]:
    """Return messages a second, and rows in each: a parcel is one message, or as many as its bytes fill."""
    traffic = workload.traffic
    rows_a_second = traffic.events_per_second / api_tasks
    full = rows_a_second * traffic.row_bytes / MESSAGE_BYTES
    messages = max(_task_parcels(workload, posts / api_tasks), full)
    return messages * api_tasks, rows_a_second / messages


def _entries(messages: float, parcels: float) -> float:
    """Return the messages of a SendMessageBatch."""
    return min(BATCH_ENTRIES, max(1.0, messages / parcels))


def _receives(workload: Workload, messages: float, workers: float) -> float:
    """Return ReceiveMessage calls. Where messages are rare, a long poll ends with one, or with none after its time.

    Where they are not, a receive of few is followed by a pause of its poller: so one a pause and one for each ten
    messages, at most. Pollers on a simulated queue made up to a third fewer (by test).
    """
    tuning = workload.tuning
    pollers = workers * tuning.pollers
    alone = messages / -math.expm1(-tuning.poll_seconds * messages / pollers)
    pause = GATHER_SHARE * tuning.flush_seconds + workload.speed.sqs_seconds
    return min(alone, messages / BATCH_ENTRIES + pollers / pause)


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
        sharing = _sharing(workload, workers)
        writes = writes_per_user_day(traffic, _window_seconds(workload, workers), sharing)
        objects = traffic.users_per_day * writes / DAY
        needed = max(tuning.workers, objects / worker_objects(workload, writes) / tuning.load)
        if needed <= workers * 1.001:
            return workers, writes
        workers = needed


def _sharing(workload: Workload, workers: float) -> int:
    """Return how many workers may get one user's events. One that is alone knows what it wrote, and reads nothing."""
    return max(1, math.ceil(workers / workload.tuning.queues))


def _extensions(window: float, every: float) -> float:
    """Return how often a message is extended: held for anything up to the window, extended each `every` seconds."""
    whole = math.floor(window / every)
    return every * (whole * (whole - 1) / 2) / window + whole * (window - whole * every) / window
