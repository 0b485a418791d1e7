"""Commands as they are called, over fakes."""

from dataclasses import dataclass, field

import typer
from typer.testing import CliRunner

from ops.context import Context
from tests.fakes import FakeRedrive, FakeStore, FakeVersions


@dataclass
class Shell:
    """Runs commands of one group against a lake and a queue in memory."""

    app: typer.Typer
    store: FakeStore = field(default_factory=FakeStore)
    redrive: FakeRedrive = field(default_factory=FakeRedrive)
    suppress_key: str | None = None
    is_versioned: bool = True

    def run(self, *words: object, status: int = 0) -> str:
        """Run a command; return what it printed, both streams."""
        made = Context(
            lake=lambda: self.store,
            queue=lambda: self.redrive.main,
            redrive=lambda: self.redrive,
            versions=lambda: FakeVersions(self.store, self.is_versioned),
            suppress_key=lambda: self.suppress_key,
        )
        runner = CliRunner(env={"COLUMNS": "200"})
        result = runner.invoke(self.app, list(map(str, words)), obj=made, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result.output
