import pytest

from deploy import digests
from deploy.digests import Digests, way_back
from deploy.errors import NotReady

BEFORE = Digests("sha256:" + "a" * 64, "sha256:" + "b" * 64, "sha256:" + "d" * 64)
WANTED = BEFORE._replace(api="sha256:" + "c" * 64)


def test_a_failed_deployment_goes_back_to_what_ran_before() -> None:
    assert way_back(BEFORE, WANTED).to == BEFORE


@pytest.mark.parametrize(
    ("before", "why"),
    [(None, "nothing to go back to"), (WANTED, "deploy the commit of before")],
    ids=["the first", "same images"],
)
def test_without_other_images_of_before_there_is_no_way_back(before: Digests | None, why: str) -> None:
    way = way_back(before, WANTED)

    assert way.to is None
    assert why in way.why


def test_digests_are_read_as_they_are_written() -> None:
    assert digests.parse(",".join(BEFORE)) == BEFORE
    written = f'{{"api":"{BEFORE.api}","worker":"{BEFORE.worker}","ops":"{BEFORE.ops}"}}'
    assert BEFORE.as_variable() == f"-var=image_digests={written}"
    images = {name: f"1.dkr.ecr.eu-central-1.amazonaws.com/x/{name}@{getattr(BEFORE, name)}" for name in BEFORE._fields}
    assert digests.of_images(dict(reversed(images.items()))) == BEFORE


@pytest.mark.parametrize(
    "text", ["", "latest,latest,latest", BEFORE.api, ",".join(BEFORE[:2]), ",".join([*BEFORE, BEFORE.api])]
)
def test_what_is_not_three_digests_is_refused(text: str) -> None:
    with pytest.raises(NotReady, match="three digests"):
        digests.parse(text)
