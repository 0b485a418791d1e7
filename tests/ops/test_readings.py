import pytest

from ops import readings


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 1.0), (0.25, 0.5), (0.9, 2.0), (0.99, 2.0)], ids=["p50", "p25", "p90", "p99"]
)
def test_a_quantile_is_interpolated_within_its_bucket(share: float, value: float) -> None:
    """Five readings up to 1, four more up to 2, one beyond: of that, only the edge of its bucket is known."""
    below = [(0.0, 0), (1.0, 5), (2.0, 9), (float("inf"), 10)]

    assert readings._quantile(below, share) == pytest.approx(value)
