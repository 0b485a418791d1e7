"""One schedule, played against real processes, and what came of it."""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from ops import ledger, verification
from tests.factories import wait_until
from tests.faults import oracle
from tests.faults.clients import Clients
from tests.faults.crew import Crew
from tests.faults.injector import Injector
from tests.faults.schedule import APIS, WORKERS, Act, Schedule
from tests.integration.lab import Lab
from tests.proxy import Proxy

SETTINGS = {
    "API_SEND_SECONDS": 3,
    "LEDGER_SECONDS": 0.5,
    "WORKER_DRAIN_SECONDS": 5,
}
CALM_SECONDS = 90
"""How long a healed pipeline may take to finish what it was sent."""


@dataclass
class Outcome:
    """What a trial saw; `faults` says what did not hold."""

    seed: int
    seconds: float = 0
    acknowledged: int = 0
    rows: int = 0
    objects: int = 0
    requests: int = 0
    failures: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    uncounted: int = 0
    faults: list[str] = field(default_factory=list)


def play(schedule: Schedule, lab: Lab, proxy: Proxy) -> Outcome:
    """Play a schedule, heal everything, wait until the queue is empty, and compare."""
    began = time.monotonic()
    injector = Injector(schedule.seed, schedule.rate)
    crew = Crew(lab, SETTINGS | {"AWS_ENDPOINT_URL_SQS": proxy.url, "AWS_ENDPOINT_URL_S3": proxy.url})
    crew.start(*APIS, *WORKERS)
    clients = Clients(crew.urls, schedule.seed)
    proxy.otherwise = injector
    clients.start()
    _act(schedule, crew, proxy, injector)
    injector.heal()
    clients.finish(CALM_SECONDS)
    wait_until(lambda: lab.backlog == 0, "the queue is empty", CALM_SECONDS)
    crew.dismiss()
    outcome = Outcome(schedule.seed, ended=crew.ended, injected=injector.injected, faults=crew.surprises)
    outcome.acknowledged = len(clients.acknowledged)
    outcome.requests, outcome.failures = clients.requests, clients.failures
    _compare(lab, proxy, clients.acknowledged, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _act(schedule: Schedule, crew: Crew, proxy: Proxy, injector: Injector) -> None:
    """Do every act at its time, and let the schedule's time run out."""
    began = time.monotonic()
    threads = []
    for act in schedule.acts:
        time.sleep(max(0, began + act.at - time.monotonic()))
        threads.append(threading.Thread(target=_do, args=(act, crew, proxy, injector), daemon=True))
        threads[-1].start()
    time.sleep(max(0, began + schedule.seconds - time.monotonic()))
    for thread in threads:
        thread.join(30)


def _do(act: Act, crew: Crew, proxy: Proxy, injector: Injector) -> None:
    match act.deed:
        case "kill":
            crew.kill(act.name)
        case "stop":
            crew.stop(act.name)
        case "freeze":
            crew.freeze(act.name, act.seconds)
        case "ambush":
            injector.ambush(act.name, act.operation, is_done=act.is_done, strike=partial(crew.kill, act.name))
        case "away":
            proxy.go()
            time.sleep(act.seconds)
            proxy.come()


def _compare(lab: Lab, proxy: Proxy, acknowledged: set[str], outcome: Outcome) -> None:
    """Compare the lake with what was acknowledged, with a calm run of the same rows, and with the ledger."""
    found: oracle.Lake = {}
    report = verification.verify(lab.lake, lambda key, stored, _: found.update({key: stored.data}))
    outcome.rows, outcome.objects = report.rows, report.objects
    outcome.faults += [f"{key}: {problem}" for key, problem in report.problems]
    outcome.faults += [f"acknowledged, not stored: {name}" for name in sorted(acknowledged - report.ids.keys())]
    outcome.faults += [f"stored twice: {name}" for name, count in report.ids.items() if count > 1]
    outcome.faults += oracle.differences(oracle.calm_lake(proxy.done), found)
    if lab.dead:
        outcome.faults.append(f"{lab.dead} good messages in the dead-letter queue")
    for day in sorted({re.findall(r"date=([0-9-]{10})", key)[0] for key in found}):
        for line in ledger.read(lab.lake, lab.queue, day, timedelta(0)).lines:
            outcome.uncounted += line.uncounted
            if line.missing:
                outcome.faults.append(f"the ledger misses {line.missing} of {line.cell}")
