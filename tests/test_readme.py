"""What the README shows does work."""

import re
from pathlib import Path

import duckdb
import pytest

from ops import generator
from shared import events, objects, strict_json
from shared.rows import Row
from tests.factories import WEB

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_sql_in_the_readme_runs_over_a_lake(tmp_path: Path) -> None:
    content: dict[str, list[Row]] = {}
    for event in generator.generate(users=30, days=28, seed=3):
        row = events.normalise(strict_json.sound(event), WEB)
        content.setdefault(row.key, []).append(row)
    for key, found in content.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(objects.encode(found))
    (block,) = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    view, usage, retention = (
        text for text in block.replace(".touchlake/demo/lake", str(tmp_path)).split(";") if text.strip()
    )
    connection = duckdb.connect()
    connection.execute(view)

    assert sum(count for _, count, _ in connection.execute(usage).fetchall()) == sum(map(len, content.values()))
    assert {event for event, _, _ in connection.execute(retention).fetchall()} >= {"touch_sent", "app_opened"}


def test_every_command_in_the_readme_exists() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", ["docs/reliability.md", "docs/security.md", "docs/model.md"])
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    there = "".join(
        path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts
    )

    assert [name for name in re.findall(r"`(test_[a-z0-9_]+)`", text) if f"def {name}(" not in there] == []
    assert [path for path in re.findall(r"`(tests/[a-z0-9_/]+\.py)`", text) if not (ROOT / path).exists()] == []
