"""Writes the numbers and figures of the docs anew, and builds docs/architecture.pdf: `make docs`.

pandoc turns Markdown into Typst, Typst sets it. Both come as wheels from PyPI and need nothing of the system; the font
is the one that matplotlib brings.
"""

import re
from pathlib import Path

import matplotlib as mpl
import pypandoc
import typst

from docs import numbers
from docs.figures import FIGURES

FOLDER = Path(__file__).parent
COMMENT = re.compile(r"<!--.*?-->")
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
PAGES = {"architecture.md": numbers.ARCHITECTURE, "scaling.md": numbers.SCALING}


def main() -> None:
    for name, contents in PAGES.items():
        page = FOLDER / name
        page.write_text(numbers.fill(page.read_text(), contents))
    for name, draw in FIGURES.items():
        (FOLDER / "figures" / f"{name}.svg").write_text(draw().svg())
    build(FOLDER / "architecture.md", FOLDER / "architecture.pdf")
    print(f"{FOLDER / 'architecture.pdf'}")  # noqa: T201  # a command prints


def build(page: Path, pdf: Path) -> None:
    """Set a page. Raises RuntimeError for what Typst cannot set."""
    text = COMMENT.sub("", page.read_text())  # a line that begins with one is HTML to pandoc, up to its end
    body = pypandoc.convert_text(text, "typst", format="gfm-tex_math_dollars")
    source = (FOLDER / "page.typ").read_text() + body
    typst.compile(source.encode(), output=str(pdf), root=str(FOLDER), font_paths=[FONTS], ignore_system_fonts=True)


if __name__ == "__main__":
    main()
