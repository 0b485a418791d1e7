"""The layers of docs and design: who may import whom, and who may read the environment."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "shared": {"shared"},
    "api": {"api", "shared"},
    "worker": {"worker", "shared"},
    "ops": {"ops", "shared"},
    "deploy": {"deploy", "ops", "shared"},
}
READ_ENVIRONMENT = {
    "api/__main__.py",
    "worker/__main__.py",
    "ops/stack.py",
    "deploy/__main__.py",
}  # ops/stack hands it on to its processes
FILES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).glob("**/*.py"))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_imports_only_what_lies_below_it(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]

    assert imported(path) & MAY_IMPORT.keys() <= MAY_IMPORT[package]


def test_only_the_main_files_read_the_environment() -> None:
    readers = {str(path.relative_to(ROOT)) for path in FILES if "os.environ" in path.read_text()}

    assert readers <= READ_ENVIRONMENT


@pytest.mark.parametrize(
    "name", ["worker/window.py", "worker/merge.py", "shared/intake.py", "shared/parts.py", "api/parcels.py"]
)
def test_what_decides_does_no_io(name: str) -> None:
    assert not imported(ROOT / name) & {"time", "datetime", "threading", "os", "boto3", "obstore", "random"}
