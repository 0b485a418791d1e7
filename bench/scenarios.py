"""What a day throws at the services. Rates are events a second, times seconds since midnight. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bench.policy import Policy
from bench.simulation import Backlog, Plant, Sample, Simulation

HOUR = 3600
DAY = 24 * HOUR
EVENTS_BY_HOUR = (
    *(100, 100, 100, 100, 100, 100, 100, 100, 1788, 2489, 2179, 2220),
    *(2509, 2328, 2284, 2252, 2168, 2174, 2204, 2071, 2034, 2124, 282, 100),
)
"""Events of a public clickstream by the hour (retentioneering 5.2.4); it has none at night, where 100 stand."""
SPIKE = range(12 * HOUR, 12 * HOUR + 900)
SPIKE_FACTOR = 20
OUTAGE = range(14 * HOUR, 14 * HOUR + 1800)
AS_IN_AWS_EXAMPLE = Backlog(with_held=False, per_wanted=False)
OURS = Backlog()


def day(mean: float) -> Callable[[float], float]:
    """Return the rate at a time of day, straight from the middle of one hour to that of the next."""
    hourly = [events * mean * len(EVENTS_BY_HOUR) / sum(EVENTS_BY_HOUR) for events in EVENTS_BY_HOUR]

    def rate(time: float) -> float:
        hour, part = divmod((time / HOUR - 0.5) % 24, 1)
        return hourly[int(hour)] * (1 - part) + hourly[(int(hour) + 1) % 24] * part

    return rate


@dataclass(frozen=True)
class Scenario:
    """A day, and what happens in it."""

    name: str
    title: str
    spike: bool = False
    outage: bool = False
    start_seconds: float | None = None
    hours: range = range(25)
    """What the picture shows."""

    def play(self, mean: float, plant: Plant, api: Policy, workers: Policy, backlog: Backlog) -> list[Sample]:
        quiet = day(mean)

        def offered(time: float) -> float:
            return quiet(time) * (SPIKE_FACTOR if self.spike and time // 1 in SPIKE else 1)

        def s3(time: float) -> bool:
            return not (self.outage and time // 1 in OUTAGE)

        plant = replace(plant, start_seconds=self.start_seconds or plant.start_seconds)
        simulation = Simulation(plant, api, workers, offered=offered, s3=s3, backlog=backlog)
        return list(simulation.run(DAY))


SCENARIOS = (
    Scenario("day", "A real day's shape"),
    Scenario("spike", "20 times the load for 15 minutes at noon", spike=True, hours=range(11, 16)),
    Scenario("outage", "S3 dead for 30 minutes at 14:00", outage=True, hours=range(13, 18)),
    Scenario(
        "slow", "The same spike, tasks take 5 minutes to start", spike=True, start_seconds=300, hours=range(11, 16)
    ),
)
