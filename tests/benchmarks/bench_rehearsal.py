"""The rehearsal: a peak day in many replications, and customers a second beside ciw on the same M/M/20."""

import time
from collections.abc import Iterator

import ciw
import numpy as np

from ecteam.staffing.queueing import agents_required, service_level
from ecteam.staffing.simulation import ratio_interval, rehearse_desk, rehearse_warehouse
from tests.benchmarks.result import Result, best_seconds

RATE, HANDLE_SECONDS, AGENTS, TARGET_SECONDS = 216.0, 300, 20, 30


def benchmarks() -> Iterator[Result]:
    shape = np.interp(np.arange(24), [0, 3, 10, 15, 20, 23], [20, 5, 120, 110, 180, 50])
    day = shape / shape.sum() * 2000
    desk = {"concurrency": 3, "throughput": (1, 1.7, 2.5)}
    team = np.asarray(agents_required(day, HANDLE_SECONDS, TARGET_SECONDS, 0.9, **desk))
    chats = best_seconds(lambda: rehearse_desk(team, day, HANDLE_SECONDS, TARGET_SECONDS, **desk), 3)
    yield Result("200 x 2,000 chats, 3 at once", chats, "s", at_most=3)
    calls = np.asarray(agents_required(day, HANDLE_SECONDS, TARGET_SECONDS, 0.9))
    seconds = best_seconds(lambda: rehearse_desk(calls, day, HANDLE_SECONDS, TARGET_SECONDS), 3)
    yield Result("200 x 2,000 contacts, one at a time", seconds, "s", at_most=3)

    # Other work on the machine slows down either: they take turns, and each keeps its best.
    theirs, ours = zip(*((customers_a_second_of_ciw(seed), customers_a_second(seed)) for seed in range(5)), strict=True)
    yield Result("M/M/20, customers a second: rehearsal / ciw", max(ours) / max(theirs), "x", at_least=10)

    week = np.tile(day, 7)
    due = np.minimum(np.arange(168) + 6, 167)
    seconds = best_seconds(
        lambda: rehearse_warehouse(week, np.ones(168), due, rate_per_hour=20, people=6, replications=1000)
    )
    yield Result("warehouse: 1,000 x a week of 14,000 orders", seconds, "s", at_most=1)


def customers_a_second(seed: int) -> float:
    start = time.perf_counter()
    runs = rehearse_desk(
        np.full(10, AGENTS), np.full(10, RATE), HANDLE_SECONDS, TARGET_SECONDS, replications=1000, seed=seed
    )
    seconds = time.perf_counter() - start
    settled = runs.answered_in_time[:, 5:9].sum(axis=1), runs.arrivals[:, 5:9].sum(axis=1)
    level = ratio_interval(*settled, confidence=0.9999)
    assert level.low < service_level(AGENTS, RATE, HANDLE_SECONDS, TARGET_SECONDS) < level.high
    return runs.arrivals.sum() / seconds


def customers_a_second_of_ciw(seed: int) -> float:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=RATE)],
        service_distributions=[ciw.dists.Exponential(rate=3600 / HANDLE_SECONDS)],
        number_of_servers=[AGENTS],
    )
    start = time.perf_counter()
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(100)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    return len(waits) / (time.perf_counter() - start)
