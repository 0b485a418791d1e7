from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ops.reconciliation import Account, Line
from shared import ledger
from shared.rows import Row
from tests.factories import make_row

EVENTS = [make_row(messageId=f"e{n}", timestamp=f"2026-11-22T{9 + n % 2:02}:00:00Z") for n in range(8)]
SOME = st.lists(st.sampled_from(EVENTS), max_size=12)


def make_account(accepted: list[Row], stored: list[Row], *, erased: list[Row] = [], young: list[Row] = []) -> Account:  # noqa: B006
    account = Account()
    for row in accepted:
        account.add_entry(ledger.cell(row), ledger.mark(row.key, row.id), is_young=row in young)
    for row in erased:
        account.add_entry(ledger.cell(row)._replace(kind="erased"), ledger.mark(row.key, row.id))
    account.add_rows(stored)
    return account


def totals(account: Account) -> Line:
    lines = list(account.lines())
    return Line(lines[0].cell, *(sum(line[n] for line in lines) for n in range(1, len(Line._fields))))  # type: ignore[misc]


@given(SOME, SOME, SOME, SOME)
def test_every_cell_adds_up_and_names_just_what_is_missing(
    accepted: list[Row], stored: list[Row], erased: list[Row], young: list[Row]
) -> None:
    lines = list(make_account(accepted, stored, erased=erased, young=young).lines())
    gone = {row.id for row in accepted} - {row.id for row in stored} - {row.id for row in erased}

    for line in lines:
        assert line.accepted + line.uncounted == (
            line.stored + line.duplicate + line.erased + line.in_flight + line.missing
        )
    assert sum(line.missing for line in lines) == len(gone - {row.id for row in young})
    assert sum(line.accepted for line in lines) == len(accepted)
    assert sum(line.uncounted for line in lines) == len({r.id for r in stored} - {r.id for r in accepted})
    assert Counter(line.cell for line in lines) == Counter({line.cell for line in lines})


def test_an_event_sent_again_with_another_hour_is_a_duplicate() -> None:
    first, again = make_row(timestamp="2026-11-22T09:00:00Z"), make_row(timestamp="2026-11-22T10:00:00Z")
    total = totals(make_account([first, again], [first]))

    assert (total.accepted, total.stored, total.duplicate, total.missing, total.uncounted) == (2, 1, 1, 0, 0)
