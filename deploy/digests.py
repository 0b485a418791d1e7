"""The digests of the images: what is deployed, and what a deployment goes back to."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from deploy.errors import NotReady

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Digests(NamedTuple):
    """`sha256:` and 64 hex digits, each."""

    api: str
    worker: str
    ops: str

    def as_variable(self) -> str:
        """Return terraform's variable."""
        return f"-var=image_digests={orjson.dumps(self._asdict()).decode()}"

    def __str__(self) -> str:
        return ", ".join(f"{name} {digest[:19]}…" for name, digest in self._asdict().items())


NONE_YET = Digests(*["sha256:" + "0" * 64] * len(Digests._fields))
"""What terraform is told while there is no image, since it asks for one."""


def parse(text: str) -> Digests:
    """Read `sha256:…,sha256:…,sha256:…`, in the order of `Digests`. Raises NotReady."""
    parts = text.split(",")
    if len(parts) != len(Digests._fields) or not all(_DIGEST.fullmatch(part) for part in parts):
        raise NotReady(
            "IMAGES must be three digests, sha256:…,sha256:…,sha256:…: the API's, the worker's, and that of ops"
        )
    return Digests(*parts)


def of_images(images: Mapping[str, str]) -> Digests:
    """Read the digests from images as task definitions name them: REPOSITORY@DIGEST."""
    return Digests(*(images[name].rpartition("@")[2] for name in Digests._fields))


class WayBack(NamedTuple):
    """What to do after a failure: which images to go back to, if any, and why."""

    to: Digests | None
    why: str


def way_back(before: Digests | None, wanted: Digests) -> WayBack:
    """Decide what a failed deployment goes back to."""
    if before is None:
        return WayBack(None, "Nothing ran here before, so there is nothing to go back to: what was made stays.")
    if before == wanted:
        return WayBack(
            None, "The images are those of before, so the cause lies elsewhere: deploy the commit of before to go back."
        )
    return WayBack(before, f"Going back to {before}.")
