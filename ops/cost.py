"""`ops cost`: the monthly bill at four scales, and what Amazon's streams would cost."""

from typing import Annotated, Literal

import typer
from rich.table import Table

from ops import alternatives, usage
from ops.bill import bill, events_per_month
from ops.context import console
from ops.prices import PRICES
from ops.workload import Account, Sizes, Traffic, Tuning, Workload

SCALES = (0.1, 1, 10, 100)
_FACTORS = {"k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}
CENTS_BELOW = 10
_TRAFFIC, _TUNING, _SIZES, _ACCOUNT = Traffic(0), Tuning(), Sizes(), Account()


def count(given: object) -> float:
    """Read a number that may end in k, M, G or B. Raises BadParameter."""
    text = str(given)
    factor = _FACTORS.get(text[-1:], 1)
    try:
        number = float(text.rstrip("kMGB").replace("_", "")) * factor
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number such as 10M or 250k") from None
    if not 0 < number < float("inf"):
        raise typer.BadParameter("must be more than 0")
    return number


def cost(
    events_per_day: Annotated[float, typer.Option(parser=count, metavar="NUMBER", show_default="10M")] = 10e6,
    event_bytes: Annotated[float, typer.Option("--bytes", min=1, help="of an event as posted")] = _TRAFFIC.event_bytes,
    users_per_day: Annotated[
        float | None, typer.Option(parser=count, metavar="NUMBER", help="else by 10 events a user-day")
    ] = None,
    events_per_post: Annotated[float, typer.Option(min=1, help="events that an app sends at a time")] = (
        _TRAFFIC.events_per_post
    ),
    flush_seconds: Annotated[float, typer.Option(min=1, help="TOUCHLAKE_WORKER_FLUSH_SECONDS")] = _TUNING.flush_seconds,
    linger_ms: Annotated[float, typer.Option(min=0, max=1000, help="TOUCHLAKE_API_LINGER_MS")] = (
        _TUNING.linger_seconds * 1000
    ),
    packing: Annotated[float, typer.Option(min=0.7, help="bytes of rows in a byte of message")] = _SIZES.packing,
    gzip: Annotated[float, typer.Option(min=0.9, help="bytes of rows in a byte of object")] = _SIZES.gzip,
    retention_days: Annotated[float, typer.Option(min=1, help="that objects are kept")] = _ACCOUNT.retention_days,
    network: Annotated[Literal["endpoints", "nat"], typer.Option(help="how tasks reach AWS")] = _ACCOUNT.network,
    athena_user_days: Annotated[float, typer.Option(min=0, help="user-days that queries read in a month")] = 0,
    prices: Annotated[bool, typer.Option("--prices", help="print the prices and their sources instead")] = False,
) -> None:
    """Print what Touchlake costs a month at a tenth, once, ten and a hundred times a load, beside Amazon's streams."""
    if prices:
        console.print(_prices())
        return
    users = users_per_day or events_per_day / _TRAFFIC.events_per_user_day
    if users > events_per_day:
        raise typer.BadParameter("more users than events")
    base = Workload(
        Traffic(events_per_day, event_bytes, events_per_day / users, min(events_per_post, events_per_day / users)),
        Tuning(linger_seconds=linger_ms / 1000, flush_seconds=flush_seconds),
        sizes=Sizes(packing=packing, gzip=gzip),
        account=Account(network=network, retention_days=retention_days, athena_user_days=athena_user_days),
    )
    workloads = [base.scaled(scale) for scale in SCALES]
    for table in (_services(workloads), _usage(workloads), _alternatives(workloads)):
        console.print(table)
    console.print(_REMARKS, soft_wrap=True, highlight=False)


_REMARKS = (
    "A model, not a bill: on-demand prices of us-east-1 without tax or free tiers; ops/workload.py names every "
    "assumption. Prices: [bold]ops cost --prices[/bold]; most are from third parties, check them."
)


def _services(workloads: list[Workload]) -> Table:
    bills = [bill(workload) for workload in workloads]
    table = _table("USD a month", workloads)
    for service in bills[0]:
        table.add_row(service, *(money(charged[service]) for charged in bills))
    table.add_section()
    totals = [sum(charged.values()) for charged in bills]
    table.add_row("[bold]all[/bold]", *(f"[bold]{money(total)}[/bold]" for total in totals))
    each = zip(totals, workloads, strict=True)
    table.add_row("a million events", *(f"{total / events_per_month(w) * 1e6:,.2f}" for total, w in each))
    return table


def _usage(workloads: list[Workload]) -> Table:
    means = [usage.use(workload) for workload in workloads]
    peaks = [usage.peak(workload) for workload in workloads]
    table = _table("What makes the bill", workloads)
    table.add_row("objects written for a user's day", *(f"{used.writes_per_user_day:.1f}" for used in means))
    table.add_row("objects written a second", *(f"{used.writes:,.0f}" for used in means))
    table.add_row("SQS requests a second", *(f"{used.sqs_requests:,.0f}" for used in means))
    table.add_row("rows in a message", *(f"{used.rows_per_message:,.1f}" for used in means))
    table.add_row("API tasks, workers", *(f"{used.api_tasks:,.0f}, {used.workers:,.0f}" for used in means))
    table.add_row("the same at the peak", *(f"{used.api_tasks:,.0f}, {used.workers:,.0f}" for used in peaks))
    return table


def _alternatives(workloads: list[Workload]) -> Table:
    every = [alternatives.bills(workload) for workload in workloads]
    table = _table("The same events otherwise, USD a month", workloads)
    table.add_column("what is in S3")
    for name, gives in alternatives.GIVES.items():
        table.add_row(name, *(money(sum(bills[name].values())) for bills in every), gives)
    return table


def _prices() -> Table:
    table = Table("price", "USD", "each", "looked up", title="us-east-1, on demand")
    table.add_column("source", overflow="fold")
    for name, price in PRICES.items():
        warning = "" if price.primary else f" (third-party source, check: {price.official})"
        each = price.unit if price.per == 1 else f"{price.per:,} x {price.unit}"
        table.add_row(name, f"{price.usd:g}", each, str(price.looked_up), price.source + warning)
    return table


def _table(title: str, workloads: list[Workload]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for workload in workloads:
        table.add_column(f"{short(workload.traffic.events_per_day)} events/day", justify="right")
    return table


def money(usd: float) -> str:
    """Write dollars as a bill's reader wants them: cents only where they matter."""
    return f"{usd:,.2f}" if usd < CENTS_BELOW else f"{usd:,.0f}"


def short(number: float) -> str:
    """Write a round number as 10k, 2.5M or 1B."""
    for factor, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= factor:
            return f"{number / factor:g}{letter}"
    return f"{number:g}"
