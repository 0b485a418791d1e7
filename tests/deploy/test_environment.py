from pathlib import Path

import pytest

from deploy import environment
from deploy.errors import NotReady
from deploy.terraform import ROOT


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_examples_are_environments(name: str) -> None:
    read = environment.read(ROOT / f"terraform/examples/{name}.tfvars")

    assert (read.name, read.region, read.platform) == (f"touchlake-{name}", "eu-central-1", "linux/arm64")
    assert read.backend("123456789012") == {
        "bucket": f"touchlake-{name}-state-123456789012",
        "key": "terraform.tfstate",
        "region": "eu-central-1",
    }


def test_values_over_several_lines_and_comments_are_read(tmp_path: Path) -> None:
    file = tmp_path / "x.tfvars"
    file.write_text(
        '# ours\nname = "tl-x" # short\nregion="us-east-1"\ncpu_architecture = "X86_64"\napi = {\n  cpu = 1\n}\n'
    )

    assert environment.read(file).platform == "linux/amd64"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "copy one of terraform/examples/"),
        ("name = = 3\n", "cannot be read"),
        ('name = "x"\n', "names no region"),
        ('name = "x"\nregion = "y"\ncpu_architecture = "MIPS"\n', "one of ARM64, X86_64"),
    ],
)
def test_what_is_no_environment_is_refused_in_a_line(tmp_path: Path, text: str | None, why: str) -> None:
    file = tmp_path / "x.tfvars"
    if text is not None:
        file.write_text(text)

    with pytest.raises(NotReady, match=why) as refused:
        environment.read(file)
    assert len(str(refused.value).splitlines()) == 1
