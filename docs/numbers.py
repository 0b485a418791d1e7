"""Numbers and tables in the docs, by the model: what stands between `<!--name-->` and `<!--/-->` is written here.

So a page cannot go stale: a test writes it anew and compares.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bench import scaling
from bench.scenarios import SCENARIOS, Scenario
from ops import alternatives, limits, usage
from ops.bill import bill, events_per_month
from ops.cost import SCALES, money, short
from ops.prices import PRICES
from ops.workload import Traffic, Tuning, Workload

BASE = Workload(Traffic(10e6))
WORKLOADS = [BASE.scaled(scale) for scale in SCALES]
LONG = Tuning(flush_seconds=300, writers=128)
LINGER = f"{Tuning().linger_seconds * 1000:.0f} ms"
DEFAULT_TARGET = 900
"""`backlog_per_task` in terraform/variables.tf."""
MARK = re.compile(r"<!--([a-z_]+)-->.*?<!--/-->", re.DOTALL)
Row = tuple[str, ...]


def fill(text: str, contents: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with its numbers written anew. Raises KeyError for a name that isn't in `contents`."""
    return MARK.sub(lambda found: f"<!--{found[1]}-->{contents[found[1]]()}<!--/-->", text)


def table(header: Row, rows: Iterable[Row]) -> str:
    """Write a Markdown table; all columns but the first are numbers."""
    lines = [header, ("---", *("---:" for _ in header[1:])), *rows]
    return "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n"


def total(workload: Workload) -> float:
    return sum(bill(workload).values())


def _firehose(workload: Workload) -> float:
    return sum(alternatives.bills(workload)["Firehose, a record an event"].values())


def services() -> str:
    bills = [bill(workload) for workload in WORKLOADS]
    rows = [(service, *(money(charged[service]) for charged in bills)) for service in bills[0] if bills[1][service]]
    rows.append(("**all, USD a month**", *(f"**{money(sum(charged.values()))}**" for charged in bills)))
    rows.append(("a million events", *(f"{total(w) / events_per_month(w) * 1e6:.2f}" for w in WORKLOADS)))
    return table(_header("service"), rows)


def streams() -> str:
    every = [alternatives.bills(workload) for workload in WORKLOADS]
    rows = [(name, *(money(sum(bills[name].values())) for bills in every)) for name in alternatives.GIVES]
    return table(_header("USD a month"), rows)


def gives() -> str:
    return "\n\n" + "\n".join(f"- **{name}**: {what}." for name, what in alternatives.GIVES.items()) + "\n\n"


def price_list() -> str:
    rows: list[Row] = []
    for price in PRICES.values():
        usd = f"{price.usd:g}" + (f" for {price.per:,}" if price.per > 1 else "")
        links = (_link("source", price.source), _link("AWS", price.official))
        rows.append((price.unit, usd, str(price.looked_up), *links))
    return table(("what", "USD", "looked up", "read at", "check at"), rows)


def _link(text: str, target: str) -> str:
    return f"[{text}]({target})" if target.startswith("https://") else "no one page"


LEVERS: dict[str, Workload] = {
    f"as shipped: window 60 s, linger {LINGER}, 1 event a POST": BASE,
    "linger 10 ms": replace(BASE, tuning=Tuning(linger_seconds=0.01)),
    "linger 1,000 ms": replace(BASE, tuning=Tuning(linger_seconds=1)),
    "window 300 s": replace(BASE, tuning=Tuning(flush_seconds=300)),
    "window 900 s": replace(BASE, tuning=Tuning(flush_seconds=900)),
    "apps send 5 events a POST": replace(BASE, traffic=replace(BASE.traffic, events_per_post=5)),
    "apps send 10 events a POST": replace(BASE, traffic=replace(BASE.traffic, events_per_post=10)),
    "window 300 s, 5 events a POST": replace(BASE, tuning=LONG, traffic=replace(BASE.traffic, events_per_post=5)),
}
TUNED = LEVERS["window 300 s, 5 events a POST"]


def levers() -> str:
    rows = []
    for name, workload in LEVERS.items():
        charged, used = bill(workload), usage.use(workload)
        requests = (money(charged["S3 requests"]), money(charged["SQS"]))
        rows.append((name, f"{used.writes_per_user_day:.1f}", *requests, f"**{money(sum(charged.values()))}**"))
    return table(("10 M events a day", "writes a user-day", "S3 requests", "SQS", "all, USD"), rows)


RUNGS: dict[str, Workload] = {
    "as shipped, 1 event a POST": BASE,
    "window 300 s, 128 writers": replace(BASE, tuning=LONG),
    "the same, 10 events a POST": replace(BASE, tuning=LONG, traffic=replace(BASE.traffic, events_per_post=10)),
    "the same, 20 events a POST and a user-day": replace(
        BASE, tuning=LONG, traffic=replace(BASE.traffic, events_per_post=20, events_per_user_day=20)
    ),
}


def breaking() -> str:
    rows = []
    for name, workload in RUNGS.items():
        puts, in_flight = limits.breaks_at(workload).values()
        rows.append((name, f"{puts:,.0f}", f"{in_flight:,.0f}"))
    return table(("events a second at which it breaks", "PUTs, 16 prefixes", "messages in flight"), rows)


def million() -> str:
    rows = []
    for name, workload in RUNGS.items():
        most = limits.at(workload, 1e6)
        used = usage.use(most)
        rates = (used.api_tasks, used.workers, used.writes, used.messages, 2 * used.in_flight)
        rows.append((name, *(f"{rate:,.0f}" for rate in rates), f"{total(most) / 1e6:,.1f}"))
    header = ("at 1 M events/s", "API tasks", "workers", "PUT/s", "messages/s", "in flight", "M USD a month")
    return table(header, rows)


def _play(scenario: Scenario, tuning: Tuning) -> dict[str, dict[str, str]]:
    workload = Workload(Traffic(1e8), tuning)
    runs = scaling.play(scenario, workload, scaling.build_plant(workload), maximum=scaling.MAXIMUM)
    return {name: scaling.summary(samples) for name, samples in runs.items()}


def simulation() -> str:
    said = {
        f"{scenario.title}: {name}": words
        for scenario in SCENARIOS
        for name, words in _play(scenario, Tuning()).items()
    }
    header = ("scenario: policy", *next(iter(said.values())))
    return table(header, [(name, *words.values()) for name, words in said.items()])


def targets() -> str:
    rows = []
    for workload in (BASE, BASE.scaled(10), BASE.scaled(50)):
        plant = scaling.build_plant(workload)
        best = scaling.target(workload, plant)
        days = [scaling.summary(scaling.play_day(workload, plant, target)) for target in (best, DEFAULT_TARGET)]
        said = [day[name] for day in days for name in ("workers, mean / most", "freshness in minutes, median / worst")]
        rates = (f"{usage.use(workload).rows_per_message:,.0f}", f"{best:,.0f}")
        rows.append((f"{short(workload.traffic.events_per_day)} events a day", *rates, *said))
    header = ("rows a message", "target", "workers", "freshness", f"workers at {DEFAULT_TARGET:,}", "freshness then")
    return table(("target by the rule, and terraform's default", *header), rows)


def worst_of_spike(linger_seconds: float) -> str:
    """Return minutes."""
    (spike,) = (scenario for scenario in SCENARIOS if scenario.name == "spike")
    words = _play(spike, Tuning(linger_seconds=linger_seconds))["ours"]
    return words["freshness in minutes, median / worst"].split(" / ")[1]


def _header(first: str) -> Row:
    return (first, *(f"{short(workload.traffic.events_per_day)}/day" for workload in WORKLOADS))


ARCHITECTURE: dict[str, Callable[[], str]] = {
    "services": services,
    "streams": streams,
    "gives": gives,
    "levers": levers,
    "linger": lambda: LINGER,
    "share": lambda: f"{bill(BASE)['S3 requests'] / total(BASE):.0%}",
    "total": lambda: f"{money(total(BASE))} USD",
    "tuned": lambda: f"{money(total(TUNED))} USD",
    "firehose_tuned": lambda: f"{money(_firehose(TUNED))} USD",
    "firehose": lambda: f"{money(_firehose(BASE))} USD",
    "writes": lambda: f"{usage.use(BASE).writes_per_user_day:.1f}",
    "rest": lambda: f"{money(total(Workload(Traffic(1))))} USD",
    "price_list": price_list,
    "prices": lambda: f"{len(PRICES)}",
    "primary": lambda: f"{sum(price.primary for price in PRICES.values())}",
}
SCALING: dict[str, Callable[[], str]] = {
    "breaking": breaking,
    "million": million,
    "simulation": simulation,
    "targets": targets,
    "linger": lambda: LINGER,
    "spike": lambda: worst_of_spike(Tuning().linger_seconds),
    "spike_hasty": lambda: worst_of_spike(0.01),
}
