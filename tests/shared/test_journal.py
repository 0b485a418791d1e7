from ops.reconciliation import Account, Line
from shared import ledger
from shared.journal import Journal
from shared.objectstore import Stored
from tests.factories import make_row
from tests.fakes import FakeStore

ROWS = [make_row(messageId=f"e{n}") for n in range(3)]


def write(journal: Journal) -> None:
    journal.write()


def account(store: FakeStore) -> list[Line]:
    account = Account()
    for key, stored in store.objects.items():
        for cell, marks in ledger.decode(key, stored):
            account.add_entry(cell, marks)
    return list(account.lines())


def test_what_is_noted_is_written_once() -> None:
    store = FakeStore()
    journal = Journal(store, every_seconds=60)
    journal.note_accepted(ROWS[:2])
    write(journal)
    journal.note_accepted(ROWS[2:])
    write(journal)
    write(journal)

    assert len(store.objects) == 2
    assert [(line.cell, line.accepted) for line in account(store)] == [(ledger.cell(make_row()), 3)]


def test_while_s3_is_away_notes_are_kept_and_written_after() -> None:
    store = FakeStore(is_down=True)
    journal = Journal(store, every_seconds=60)
    for row in ROWS:
        journal.note_accepted([row])
        write(journal)
    store.is_down = False
    write(journal)

    assert [line.accepted for line in account(store)] == [3]


def test_an_entry_that_arrived_without_an_answer_is_not_written_again() -> None:
    class Forgetful(FakeStore):
        def before(self, key: str) -> None:
            self.objects[key] = Stored(b"", '"taken"', {})

    store = Forgetful()
    store.before_put = store.before
    journal = Journal(store, every_seconds=60)
    journal.note_accepted(ROWS)
    write(journal)
    write(journal)

    assert [stored.etag for stored in store.objects.values()] == ['"taken"']


def test_past_its_ceiling_it_keeps_no_more() -> None:
    store = FakeStore()
    journal = Journal(store, every_seconds=60, max_bytes=2 * ledger.MARK_BYTES)
    journal.note_accepted(ROWS)
    write(journal)
    journal.note_accepted(ROWS[2:])
    write(journal)

    assert [line.accepted for line in account(store)] == [3]  # two, and one after there was room again


def test_without_a_bucket_it_keeps_nothing() -> None:
    journal = Journal(None, every_seconds=60)
    journal.note_accepted(ROWS)
    write(journal)

    assert journal._open == {}


def test_what_was_erased_is_not_missing() -> None:
    store, row = FakeStore(), make_row()
    journal = Journal(store, every_seconds=60)
    journal.note_accepted([row])
    journal.note_erased(row.key, [row.id])
    write(journal)

    assert [(line.erased, line.missing) for line in account(store)] == [(1, 0)]


def test_the_rest_is_written_when_the_block_ends() -> None:
    store = FakeStore()
    journal = Journal(store, every_seconds=3600)
    with journal.kept_written():
        journal.note_accepted(ROWS)

    assert [line.accepted for line in account(store)] == [3]
