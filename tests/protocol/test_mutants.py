"""Without any one of the protocol's rules, the model must find a schedule that breaks it."""

import pytest

from tests.protocol.model import Protocol
from tests.protocol.mutants import MUTANTS
from tests.protocol.search import search


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_missing_rule_is_noticed(mutant: Protocol) -> None:
    found = search(mutant, schedules=2_000, seed=2_000, shrinks=False)

    assert found.smallest, f"not within {found.schedules} schedules"
