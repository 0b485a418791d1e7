"""A worker that drains a full queue, beside bare GETs and PUTs of the same bytes: of new objects, of existing ones.

Five rows an object, together in one message of 100 rows. A window is due after 0.1 s instead of 60, so that the worker
never waits for more than is there; everything else is as the product has it.
"""

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from bench import ceiling, cores, processes, samples, seaweed, stub
from bench.effort import Effort
from bench.figure import Rounds, ratios
from bench.queue import Queue
from shared import objects, rows
from shared.rows import Row

OBJECTS = 1600
ROWS_AN_OBJECT = 5
SECONDS = 120
Lines = list[bytes]


def measure(effort: Effort) -> Rounds:
    count = effort.size(OBJECTS)
    queue = Queue()
    ours: dict[str, list[float]] = {"new": [], "existing": []}
    theirs: dict[str, list[float]] = {"new": [], "existing": []}
    with (
        seaweed.running() as s3,
        stub.running(queue.answer) as sqs,
        processes.running("worker", sqs, AWS_ENDPOINT_URL_S3=s3, WORKER_FLUSH_SECONDS="0.1") as worker,
    ):
        worker.announced("started", "metrics_url")
        for number in range(effort.rounds + 1):
            mine, others = (
                _days(range(first, first + count)) for first in (2 * number * count, (2 * number + 1) * count)
            )
            for kind, written in (("new", others["new"]), ("existing", others["new"] + others["existing"])):
                theirs[kind].append(count / _bare(written, s3))
                ours[kind].append(count / drain(queue, samples.messages(mine[kind])))
    return {
        "worker_new_vs_ceiling": ratios(ours["new"][1:], theirs["new"][1:]),  # the first round warms up
        "worker_existing_vs_ceiling": ratios(ours["existing"][1:], theirs["existing"][1:]),
        "worker_new_per_second": ours["new"][1:],
        "worker_existing_per_second": ours["existing"][1:],
    }


def drain(queue: Queue, messages: Sequence[str]) -> float:
    """Let a worker drain the queue of these; return the seconds from its first receive to its last delete."""
    queue.put(messages)
    queue.wait_until_empty(SECONDS)
    return queue.drained_in()


def _days(users: range) -> dict[str, Lines]:
    """Return the rows that make objects, and as many that come to them later."""
    first, later = (samples.lines(samples.user_days(users, ROWS_AN_OBJECT, seed)) for seed in (1, 2))
    return {"new": first, "existing": later}


def _bare(lines: Lines, s3: str) -> float:
    """Read and write the objects of these rows; return the seconds."""
    contents: dict[str, list[Row]] = {}
    for line in lines:
        row = rows.parse(line)
        contents.setdefault(row.key, []).append(row)
    with tempfile.NamedTemporaryFile() as file, cores.pinned(cores.MEASURED):
        file.write(pickle.dumps({key: objects.encode(found) for key, found in contents.items()}))
        file.flush()
        said = subprocess.run(
            [sys.executable, "-m", ceiling.__name__, file.name, s3],
            env=seaweed.CREDENTIALS,
            stdout=subprocess.PIPE,
            timeout=SECONDS,
            check=True,
        )
    return float(said.stdout)
