import orjson
import pytest
from hypothesis import given

from shared import strict_json
from shared.errors import Refused
from tests.factories import JSON_VALUES


@given(JSON_VALUES)
def test_a_value_is_read_back_as_it_was_written(value: object) -> None:
    assert strict_json.loads(strict_json.dumps(value)) == value


@given(JSON_VALUES)
def test_white_space_and_escapes_do_not_change_the_value(value: object) -> None:
    spaced = orjson.dumps(value, option=orjson.OPT_INDENT_2)

    assert strict_json.loads(spaced) == strict_json.loads(strict_json.dumps(value))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":', "malformed_json"),
        (b"{'a':1}", "malformed_json"),
        (b'{"a":1}x', "malformed_json"),
        (b"", "malformed_json"),
        (b'{"a":NaN}', "malformed_json"),
        (b"[Infinity]", "malformed_json"),
        (b'{"a":"\xff"}', "malformed_json"),
        (b'{"a":"\x00"}', "malformed_json"),
        (b'\xef\xbb\xbf{"a":1}', "malformed_json"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"p":{"a":1,"a":2}}', "duplicate_key"),
        (b"1" * 400, "number_out_of_range"),
        (b"[18446744073709551616]", "number_out_of_range"),
        (b"[-9223372036854775809]", "number_out_of_range"),
        (b"[1e400]", "number_out_of_range"),
        (rb'["\ud800"]', "lone_surrogate"),
        (rb'["\udc00\ud800"]', "lone_surrogate"),
        (rb'{"\ud800":1}', "lone_surrogate"),
        (rb'["\u0000"]', "nul_character"),
        (rb'{"a\u0000":1}', "nul_character"),
        (b"[" * 255 + b"]" * 255, "too_deep"),
        (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
    ],
)
def test_what_a_reader_could_not_read_back_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        strict_json.loads(raw)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'"\\u0000"', "\\u0000"),
        (rb'"\ud83d\ude00"', "😀"),
        (b"18446744073709551615", 2**64 - 1),
        (b"[1.10, 1E2]", [1.1, 100.0]),
        (b"[" * 254 + b"]" * 254, orjson.loads(b"[" * 254 + b"]" * 254)),
    ],
)
def test_unusual_but_sound_documents_are_read(raw: bytes, value: object) -> None:
    assert strict_json.loads(raw) == value


def test_an_array_is_cut_into_the_text_of_its_elements() -> None:
    raw = rb' [ {"a": "\ud800"} , NaN,[1, 2] ,"],"] '

    assert strict_json.elements(raw) == [rb'{"a": "\ud800"}', b"NaN", b"[1, 2]", b'"],"']


@pytest.mark.parametrize("raw", [b"[]", b" [ ] "])
def test_an_empty_array_has_no_elements(raw: bytes) -> None:
    assert strict_json.elements(raw) == []


@pytest.mark.parametrize("raw", [b"[1,]", b"[1 2]", b"[1", b"[1]]", b"{}", b"[\xff]", b"["])
def test_what_is_no_array_has_no_elements(raw: bytes) -> None:
    with pytest.raises(Refused, match="malformed_json"):
        strict_json.elements(raw)


def test_an_object_is_cut_into_the_text_of_its_members() -> None:
    raw = rb'{ "batch" : [NaN], "sentAt":"x" }'

    assert strict_json.members(raw) == {"batch": b"[NaN]", "sentAt": b'"x"'}


@pytest.mark.parametrize("raw", [b'{"a":1,"a":2}', b"{1:2}", b'{"a"}'])
def test_what_is_no_object_with_unique_names_has_no_members(raw: bytes) -> None:
    with pytest.raises(Refused):
        strict_json.members(raw)
