"""A sheet to draw boxes, arrows and bars on, as SVG. It needs nothing from outside, so the pictures are text in git."""

from collections.abc import Sequence
from html import escape

INK, GREY, PAPER = "#22303c", "#6b7785", "#ffffff"
BLUE, GREEN, ORANGE, SAND = "#dbe9f6", "#dff0e2", "#fde8d0", "#f4f1ea"
FONT = "DejaVu Sans, Verdana, sans-serif"


class Sheet:
    """Positions are pixels from the left and the top."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._parts: list[str] = []

    def area(self, x: int, y: int, width: int, height: int, title: str) -> None:
        """Draw a dashed frame around what belongs together."""
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="none" stroke="{GREY}" '
            'stroke-dasharray="5 4"/>'
        )
        self.text(x + 10, y + 18, title, colour=GREY)

    def box(self, x: int, y: int, width: int, height: int, title: str, *lines: str, fill: str = BLUE) -> None:
        """Draw a box with a title and small lines below it."""
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{fill}" stroke="{INK}"/>'
        )
        top = y + height / 2 - 8 * len(lines) + 4
        self.text(x + width / 2, top, title, size=14, bold=True, anchor="middle")
        for number, line in enumerate(lines, start=1):
            self.text(x + width / 2, top + 2 + 16 * number, line, anchor="middle")

    def arrow(self, points: Sequence[tuple[int, int]], label: str = "", at: tuple[int, int] | None = None) -> None:
        """Draw a line through points with a head at its end."""
        path = " ".join(f"{x},{y}" for x, y in points)
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{INK}" stroke-width="1.5" marker-end="url(#head)"/>'
        )
        if label and at:
            self.text(*at, label, anchor="middle", colour=GREY)

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}" '
            f'stroke="{PAPER}" stroke-width="0.5"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        content: str,
        *,
        size: int = 12,
        bold: bool = False,
        anchor: str = "start",
        colour: str = INK,
    ) -> None:
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
            f"{escape(content)}</text>"
        )

    def svg(self) -> str:
        width, height = self._size
        head = (
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0,0 L10,5 L0,10 z" fill="{INK}"/></marker></defs>'
        )
        root = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}">'
        paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
        return "\n".join((root, head, paper, *self._parts, "</svg>\n"))
