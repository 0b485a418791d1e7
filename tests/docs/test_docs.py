"""The pages say what the model computes, the figures are those of their sources, and the PDF can be built and read."""

import re
from pathlib import Path

import pypdfium2
import pytest

from docs import build, numbers
from docs.figures import FIGURES
from ops.bill import bill
from ops.cost import money
from ops.workload import Traffic, Workload

DOCS = Path(__file__).parents[2] / "docs"
MARKS = {name: re.findall(r"<!--([a-z_]+)-->", (DOCS / name).read_text()) for name in build.PAGES}


@pytest.mark.parametrize("name", build.PAGES)
def test_the_numbers_of_a_page_are_those_of_the_model(name: str) -> None:
    page = (DOCS / name).read_text()

    assert numbers.fill(page, build.PAGES[name]) == page, "run `make docs`"


@pytest.mark.parametrize("name", build.PAGES)
def test_every_number_has_its_place(name: str) -> None:
    assert set(MARKS[name]) == set(build.PAGES[name])


def test_a_stale_number_is_noticed() -> None:
    page = (DOCS / "architecture.md").read_text()
    stale = page.replace(numbers.ARCHITECTURE["total"](), "1 USD")

    assert stale != page
    assert numbers.fill(stale, numbers.ARCHITECTURE) == page


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_one_its_source_draws(name: str) -> None:
    assert (DOCS / "figures" / f"{name}.svg").read_text() == FIGURES[name]().svg(), "run `make docs`"


def test_the_target_that_is_played_is_the_default_of_terraform() -> None:
    declared = re.search(
        r"backlog_per_task *= optional\(number, (\d+)\)", (DOCS / "../terraform/variables.tf").read_text()
    )

    assert declared
    assert int(declared[1]) == numbers.DEFAULT_TARGET


def test_every_picture_and_page_that_is_linked_exists() -> None:
    for name in build.PAGES:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", (DOCS / name).read_text()):
            assert (DOCS / target).exists(), target


def test_the_pdf_has_its_pages_and_the_totals_of_ops_cost(tmp_path: Path) -> None:
    build.build(DOCS / "architecture.md", tmp_path / "architecture.pdf")

    document = pypdfium2.PdfDocument(tmp_path / "architecture.pdf")
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    pages = len(document)
    document.close()
    assert pages >= 3
    for events in (1e6, 1e7, 1e8, 1e9):
        assert money(sum(bill(Workload(Traffic(events))).values())) in text
    for heading in re.findall(r"^#+ (.*)$", (DOCS / "architecture.md").read_text(), re.MULTILINE):
        assert heading in text
    assert "<!--" not in text
