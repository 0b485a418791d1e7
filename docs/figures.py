"""The figures of docs/architecture.md. Their sources are here; the SVG files beside them are drawn by `make docs`."""

from collections.abc import Callable

from docs.drawing import GREEN, ORANGE, SAND, Sheet
from ops.bill import bill
from ops.cost import SCALES, money, short
from ops.workload import Traffic, Workload

GROUPS = {
    "S3 requests": ("#1f5f99", ("S3 requests",)),
    "SQS": ("#5b9bd5", ("SQS",)),
    "WAF": ("#d97a1c", ("WAF",)),
    "load balancer, internet": ("#f0b775", ("Load balancer", "Internet out")),
    "Fargate": ("#4e8f5b", ("Fargate workers", "Fargate API")),
    "endpoints": ("#8a8f98", ("Endpoints or NAT",)),
    "storage and the rest": ("#c9cdd2", ("S3 storage", "Ledger", "CloudWatch", "ECR", "Secrets", "Athena")),
}


def pipeline() -> Sheet:
    """Draw the way of an event."""
    sheet = Sheet(960, 300)
    sheet.box(20, 90, 110, 60, "apps", "SDKs, curl", fill=SAND)
    sheet.box(215, 75, 150, 90, "api", "checks each event", "packs rows of", "many requests")
    sheet.box(455, 75, 130, 90, "SQS", "1 to 700 rows", "in a message", fill=ORANGE)
    sheet.box(680, 75, 140, 90, "workers", "a window by", "user and day")
    sheet.box(680, 215, 140, 70, "S3 lake", "an object a user", "and day", fill=GREEN)
    sheet.box(455, 215, 130, 70, "dead letters", "what cannot be", "decoded", fill=ORANGE)
    sheet.arrow([(130, 112), (215, 112)], "1 POST", (172, 104))
    sheet.arrow([(215, 135), (130, 135)], "3 202", (172, 152))
    sheet.arrow([(365, 112), (455, 112)], "2 send", (410, 104))
    sheet.arrow([(585, 112), (680, 112)], "4 receive", (632, 104))
    sheet.arrow([(680, 135), (585, 135)], "7 delete", (632, 152))
    sheet.arrow([(725, 165), (725, 215)], "5 GET", (697, 194))
    sheet.arrow([(775, 165), (775, 215)], "6 PUT if unchanged", (845, 194))
    sheet.arrow([(520, 165), (520, 215)], "after the last try", (580, 194))
    sheet.text(
        20, 22, "The answer (3) comes after SQS has confirmed (2); a message is deleted (7) after every object it"
    )
    sheet.text(
        20, 40, "touches is durable (6). Whatever dies in between is done again, and the merge drops the repeat."
    )
    return sheet


def account() -> Sheet:
    """Draw what stands in the AWS account."""
    sheet = Sheet(960, 330)
    sheet.area(170, 10, 545, 305, "VPC, two zones")
    sheet.box(20, 60, 110, 60, "apps", "HTTPS", fill=SAND)
    sheet.box(195, 50, 150, 80, "load balancer", "TLS, WAF rate rule", "public subnets", fill=ORANGE)
    sheet.box(400, 50, 130, 80, "api", "Fargate ARM", "2 or more tasks")
    sheet.box(400, 195, 130, 80, "worker", "Fargate ARM, Spot", "1 or more tasks")
    sheet.box(590, 60, 105, 60, "endpoint", "interface", fill=SAND)
    sheet.box(590, 205, 105, 60, "endpoint", "gateway, free", fill=SAND)
    sheet.box(775, 50, 150, 80, "SQS", "queue and", "dead-letter queue", fill=ORANGE)
    sheet.box(775, 195, 150, 80, "S3 lake", "versioned, Glue and", "Athena on top", fill=GREEN)
    sheet.box(195, 195, 150, 80, "around it", "Secrets, ECR,", "CloudWatch", fill=SAND)
    sheet.arrow([(130, 90), (195, 90)])
    sheet.arrow([(345, 90), (400, 90)])
    sheet.arrow([(530, 90), (590, 90)])
    sheet.arrow([(695, 90), (775, 90)])
    sheet.arrow([(530, 235), (590, 235)])
    sheet.arrow([(695, 235), (775, 235)])
    sheet.arrow([(500, 195), (500, 160), (640, 160), (640, 120)], "receive, delete", (570, 177))
    sheet.text(195, 303, "No database, no NAT gateway unless asked for, no state in a task.")
    return sheet


def costs() -> Sheet:
    """Draw where the money goes at four scales."""
    sheet = Sheet(960, 330)
    sheet.text(20, 28, "Where the money goes", size=16, bold=True)
    sheet.text(20, 48, "Share of the monthly bill by service; defaults, one event a POST, ten events a user-day.")
    left, width = 170, 640
    for row, scale in enumerate(SCALES):
        workload = Workload(Traffic(10e6 * scale))
        charged = bill(workload)
        total, x, y = sum(charged.values()), float(left), 72 + 48 * row
        sheet.text(left - 12, y + 21, f"{short(workload.traffic.events_per_day)} events/day", anchor="end")
        for colour, services in GROUPS.values():
            part = width * sum(charged[service] for service in services) / total
            sheet.bar(x, y, part, 32, colour)
            x += part
        sheet.text(left + width + 12, y + 21, f"${money(total)}", bold=True)
    for number, (name, (colour, _)) in enumerate(GROUPS.items()):
        x, y = left + 190 * (number % 4), 278 + 24 * (number // 4)
        sheet.bar(x, y, 14, 14, colour)
        sheet.text(x + 20, y + 12, name)
    return sheet


FIGURES: dict[str, Callable[[], Sheet]] = {"pipeline": pipeline, "account": account, "costs": costs}
