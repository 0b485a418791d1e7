"""docs/deploy.md says what is so."""

import re

import pytest

from deploy.terraform import ROOT
from ops.bill import bill
from ops.cost import SCALES, money
from ops.workload import Traffic, Workload

PAGE = (ROOT / "docs/deploy.md").read_text()
AT_REST = Workload(Traffic(10e3))


def test_its_costs_are_those_of_the_model() -> None:
    bills = [bill(AT_REST.scaled(scale)) for scale in SCALES]
    rows = [f"| {service} | {' | '.join(money(each[service]) for each in bills)} |" for service in bills[0]]
    total = f"| **all** | {' | '.join(f'**{money(sum(each.values()))}**' for each in bills)} |"

    assert "\n".join([*rows, total]) in PAGE
    assert f"costs {money(sum(bills[0].values()))} USD a month" in PAGE


def test_its_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:`|^ *)make ([a-z-]+)", PAGE, re.MULTILINE)) <= targets


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http|#)([^)#]+)\)", PAGE))
def test_a_page_that_it_links_exists(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_every_option_is_on_the_page() -> None:
    options = set(re.findall(r'envvar="([A-Z_]+)"', (ROOT / "deploy/__main__.py").read_text()))

    assert {name for name in options if f"`{name}" not in PAGE} == set()
