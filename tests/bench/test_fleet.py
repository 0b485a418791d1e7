from bench.fleet import Fleet


def test_a_wanted_task_runs_when_it_has_started() -> None:
    fleet = Fleet(1, start_seconds=45)
    fleet.want(3, now=100)

    fleet.advance(144)
    assert (fleet.running, fleet.wanted) == (1, 3)
    fleet.advance(145)
    assert (fleet.running, fleet.wanted) == (3, 3)


def test_tasks_that_have_not_started_go_first() -> None:
    fleet = Fleet(4, start_seconds=45)
    fleet.want(10, now=0)

    assert fleet.want(6, now=10) == 0
    assert (fleet.running, fleet.wanted) == (4, 6)
    assert fleet.want(1, now=20) == 3
    assert (fleet.running, fleet.wanted) == (1, 1)
    fleet.advance(1_000)
    assert fleet.running == 1
