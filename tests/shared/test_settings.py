import re
from pathlib import Path

import pytest

from shared import settings
from shared.errors import SettingsError
from shared.settings import ALL, ApiSettings, AwsSettings, WorkerSettings

README = Path(__file__).parents[2] / "README.md"
API = {"TOUCHLAKE_QUEUE_URL": "http://sqs.test/1/q", "TOUCHLAKE_WRITE_KEYS": "k:web"}


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"TOUCHLAKE_QUEUE_URL": None}, "TOUCHLAKE_QUEUE_URL is missing: the URL of the SQS queue"),
        ({"TOUCHLAKE_QUEUE_URL": "my-queue"}, "TOUCHLAKE_QUEUE_URL='my-queue' is wrong"),
        ({"TOUCHLAKE_WRITE_KEYS": None}, "TOUCHLAKE_WRITE_KEYS is missing: key:source,key:source"),
        ({"TOUCHLAKE_WRITE_KEYS": "secret"}, "TOUCHLAKE_WRITE_KEYS is wrong: must be written as key:source"),
        ({"TOUCHLAKE_WRITE_KEYS": "secret:"}, "TOUCHLAKE_WRITE_KEYS is wrong"),
        ({"TOUCHLAKE_WRITE_KEYS": "secret:a,secret:b"}, "TOUCHLAKE_WRITE_KEYS is wrong: must not name one key twice"),
        ({"TOUCHLAKE_API_PORT": "http"}, "TOUCHLAKE_API_PORT='http' is wrong: Input should be a valid integer"),
        ({"TOUCHLAKE_API_LINGER_MS": "-1"}, "TOUCHLAKE_API_LINGER_MS='-1' is wrong"),
        ({"TOUCHLAKE_AUTH": "maybe"}, "TOUCHLAKE_AUTH='maybe' is wrong: Input should be 'on' or 'off'"),
        ({"TOUCHLAKE_LOG_LEVEL": "loud"}, "TOUCHLAKE_LOG_LEVEL='loud' is wrong"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_wanted(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str | None], message: str
) -> None:
    set_all(monkeypatch, {name: value for name, value in (API | values).items() if value is not None})

    with pytest.raises(SettingsError) as error:
        settings.read(ApiSettings)

    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_a_wrong_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:4566")

    with pytest.raises(SettingsError, match=r"AWS_ENDPOINT_URL_S3 \(or AWS_ENDPOINT_URL\)=.localhost:4566. is wrong"):
        settings.read(AwsSettings)


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"TOUCHLAKE_WORKER_FLUSH_SECONDS": "0"})

    with pytest.raises(SettingsError, match=r"LAKE_BUCKET is missing.*; .*QUEUE_URL is missing.*; .*FLUSH_SECONDS='0'"):
        settings.read(WorkerSettings)


def test_keys_are_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, API | {"TOUCHLAKE_WRITE_KEYS": "abc123:web, with:colon:ios ,"})
    mine = settings.read(ApiSettings)

    assert {key.get_secret_value(): source for key, source in mine.write_keys.items()} == {
        "abc123": "web",
        "with:colon": "ios",
    }
    assert "abc123" not in repr(mine)


def test_keys_may_come_as_a_json_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, API | {"TOUCHLAKE_WRITE_KEYS": '{"abc": "web", "def": "web"}'})

    assert {key.get_secret_value(): source for key, source in settings.read(ApiSettings).write_keys.items()} == {
        "abc": "web",
        "def": "web",
    }


@pytest.mark.parametrize("secret", ['{"secret": 1}', '{"secret": ""}', '{"secret"', '{"": "web"}'])
def test_a_json_secret_that_is_none_is_not_shown(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    set_all(monkeypatch, API | {"TOUCHLAKE_WRITE_KEYS": secret})

    with pytest.raises(SettingsError, match="must be a JSON object of key and source") as error:
        settings.read(ApiSettings)

    assert "secret" not in str(error.value)


def test_a_suppression_list_needs_its_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, API | {"TOUCHLAKE_SUPPRESS_USERS_S3_KEY": "erased.txt"})

    with pytest.raises(SettingsError, match="TOUCHLAKE_LAKE_BUCKET is missing"):
        settings.read(ApiSettings)


def test_auth_can_be_off_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"TOUCHLAKE_QUEUE_URL": API["TOUCHLAKE_QUEUE_URL"], "TOUCHLAKE_AUTH": "off"})

    assert settings.read(ApiSettings).write_keys == {}


def test_aws_variables_work_under_each_of_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://one"})
    assert settings.read(AwsSettings).region == "eu-west-1"

    set_all(monkeypatch, {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_S3": "http://two"})
    mine = settings.read(AwsSettings)

    assert (mine.region, mine.s3_endpoint, mine.sqs_endpoint) == ("eu-central-1", "http://two", "http://one")


def test_a_misspelt_name_is_noticed() -> None:
    assert settings.unknown_names({"TOUCHLAKE_QUEUE_ULR": "x", "TOUCHLAKE_QUEUE_URL": "x", "HOME": "/"}) == [
        "TOUCHLAKE_QUEUE_ULR is no setting: did you mean TOUCHLAKE_QUEUE_URL?"
    ]


def test_the_table_in_the_readme_is_the_list_of_settings() -> None:
    table = dict(re.findall(r"^\| `(TOUCHLAKE_\w+)` \| (.*?) \| ", README.read_text(), re.MULTILINE))
    fields = {f"TOUCHLAKE_{name.upper()}": field for owner in ALL for name, field in owner.model_fields.items()}

    assert set(table) == set(fields)
    for name, default in table.items():
        value = fields[name].default
        is_required = fields[name].is_required() or name.endswith("WRITE_KEYS")
        expected = "required" if is_required else "none" if value in (None, ()) else str(value)
        assert default.replace(",", "") == expected, name
