from shared.objectstore import Stored
from worker.recent import Recent


def stored(size: int = 10, etag: str = '"1"') -> Stored:
    return Stored(b"x" * size, etag, {})


def trusted(recent: Recent, guesses: int = 300) -> Recent:
    for _ in range(guesses):
        recent.note(None, was_right=True)
    return recent


def test_what_was_written_last_is_guessed_and_nothing_else() -> None:
    recent = Recent(10_000)
    recent.remember("a", stored(etag='"1"'))
    recent.remember("a", stored(etag='"2"'))
    recent.remember("b", stored())
    recent.forget("b")

    assert recent.guess("a") == stored(etag='"2"')
    assert recent.guess("b") is None


def test_the_oldest_gives_way() -> None:
    recent = Recent(4000)
    for key in "abcd":
        recent.remember(key, stored(500))

    assert [key for key in "abcd" if recent.guess(key)] == ["c", "d"]


def test_an_object_larger_than_all_room_is_not_kept() -> None:
    recent = Recent(4000)
    recent.remember("a", stored(5000))

    assert recent.guess("a") is None


def test_guesses_are_trusted_once_nearly_all_were_right_and_no_longer_when_they_are_not() -> None:
    recent = Recent(10_000)
    assert not recent.is_trusted("a")

    trusted(recent)
    assert recent.is_trusted("a")

    for _ in range(4):
        recent.note(None, was_right=False)
    assert not recent.is_trusted("a")


def test_guesses_that_something_stands_there_are_trusted_apart() -> None:
    recent = trusted(Recent(10_000))
    recent.remember("a", stored())

    assert not recent.is_trusted("a")
    assert recent.is_trusted("b")


def test_without_room_nothing_is_guessed() -> None:
    assert not trusted(Recent(0)).is_trusted("a")
