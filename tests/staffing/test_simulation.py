"""The rehearsals against formulas, exact chains of states, and brute force one customer at a time."""

from itertools import pairwise, product
from math import ceil, inf, sqrt

import numpy as np
import pytest
from scipy import stats

from ecteam.staffing import queueing as q
from ecteam.staffing.simulation import (
    by_hour,
    chats_started,
    ratio_interval,
    rehearse_desk,
    rehearse_warehouse,
)

DAY = np.array([0, 0, 3, 3, 8, 20, 35, 50, 42, 60, 30, 5])
TEAM = np.array([0, 1, 0, 2, 3, 3, 6, 6, 4, 7, 3, 0])
CHATS = {"concurrency": 3, "throughput": (1, 1.7, 2.5)}


def exact_chats(n, rate, handle, targets, factors, patience=inf):
    """Service levels of a chat desk whose agents are not evenly loaded: every state of the team, solved for."""
    most, speed = len(factors), np.r_[0, factors] * 3600 / handle
    states = [s for s in product(range(n + 1), repeat=most + 1) if sum(s) == n]
    place = {state: at for at, state in enumerate(states)}
    flow = np.zeros((len(states), len(states)))
    for state, at in place.items():
        least = next((j for j in range(most) if state[j]), None)
        moves = [(j, j - 1, state[j] * speed[j]) for j in range(1, most + 1) if state[j]]
        for j, to, pace in moves + ([(least, least + 1, rate)] if least is not None else []):
            after = list(state)
            after[j] -= 1
            after[to] += 1
            flow[place[tuple(after)], at] += pace
            flow[at, at] -= pace
    # Behind full hands the queue is a birth-death chain of its own: so many times as likely as an empty one.
    queued, step, waiting = 1.0, 1.0, 1
    while step > 1e-15 * queued:
        step *= rate / (n * speed[most] + waiting * (3600 / patience))
        queued, waiting = queued + step, waiting + 1
    full = place[(0,) * most + (n,)]
    flow[0] = 1
    flow[0, full] = queued
    waits = np.linalg.solve(flow, np.eye(len(states))[0])[full] * queued
    # Who waits meets the same queue in the formula, so only the share of those who wait differs.
    formula = q.service_level(
        n, rate, handle, [0, *targets], concurrency=most, throughput=factors, patience_seconds=patience
    )
    return 1 - (1 - formula[1:]) * waits / (1 - formula[0])


def desk_case(rng, kind):
    """A random steady desk that is neither always nor never in time."""
    while True:
        most = 1 if kind == "erlang_c" else int(rng.integers(2, 4))
        least_gain = 0.7 if kind == "chats" else 0.1
        factors = np.r_[1, 1 + np.cumsum(np.sort(rng.uniform(least_gain, 0.95, most - 1))[::-1])]
        agents, handle = int(rng.integers(1, 31 if most == 1 else 8)), rng.uniform(90, 600)
        load = rng.uniform(0.5, 0.9)
        rate = load * agents * factors[-1] * 3600 / handle
        target = float(rng.choice([0, 10, 20, 60]))
        desk = {"concurrency": most, "throughput": factors}
        formula = float(q.service_level(agents, rate, handle, target, **desk))
        if 0.3 < formula < 0.97:
            return agents, rate, handle, target, desk, formula, load


def rehearsed(case, seed, customers=100_000, replications=500):
    agents, rate, handle, target, desk, _, load = case
    # Relaxation time of the queue.
    memory = handle / (agents * desk["throughput"][-1] * (1 - sqrt(load)) ** 2)
    warm_up = ceil((10 * memory + 5 * handle) / 3600)
    hours = warm_up + ceil(customers / replications / rate)
    # The last hour is cut off: its customers may still be waiting.
    team = np.full(hours + 1, agents)
    runs = rehearse_desk(team, np.full(hours + 1, rate), handle, target, **desk, replications=replications, seed=seed)
    return tuple(counts[:, warm_up:hours].sum(axis=1) for counts in (runs.answered_in_time, runs.arrivals))


def warehouse_case(rng):
    """A warehouse that never closes, with orders due a few hours on: the share on time from its chain of backlogs."""
    while True:
        expected, load, hours = rng.uniform(5, 60), rng.uniform(0.75, 0.95), int(rng.integers(0, 4))
        capacity = ceil(expected / load)
        spare = capacity - expected
        states = int(20 * expected / spare) + 200
        counts = np.arange(int(expected + 12 * sqrt(expected)) + 10)
        chance = stats.poisson.pmf(counts, expected)
        backlog = np.arange(states)[:, None]
        change = np.zeros((states, states))
        after = np.clip(backlog + counts - capacity, 0, states - 1)
        np.add.at(change, (after, np.broadcast_to(backlog, after.shape)), np.broadcast_to(chance, after.shape))
        balance = change - np.eye(states)
        balance[0] = 1
        before = np.linalg.solve(balance, np.eye(states)[0])
        late = np.clip(backlog + counts - (hours + 1) * capacity, 0, counts)
        on_time = 1 - before @ late @ chance / expected
        if 0.3 < on_time < 0.995:
            return expected, capacity, hours, on_time, ceil(20 * expected / spare**2) + 20


def rehearsed_warehouse(case, seed):
    expected, capacity, hours, _, warm_up = case
    end = warm_up + 200
    due = np.minimum(np.arange(end + hours) + hours, end + hours - 1)
    days = {"is_open": np.ones(end + hours), "due": due, "rate_per_hour": capacity / 3, "people": 3}
    runs = rehearse_warehouse(np.full(end + hours, expected), **days, replications=500, seed=seed)
    orders = runs.orders[:, warm_up:end]
    return (orders - runs.late_orders[:, warm_up:end]).sum(axis=1), orders.sum(axis=1)


def inside(value, interval):
    return interval.low <= value <= interval.high


@pytest.mark.parametrize("rounds", [3, pytest.param(34, marks=pytest.mark.slow)])
def test_analytic_service_levels_lie_in_the_99_percent_interval(rounds):
    """6 cases a round: 18 by default, 204 in the slow proof."""
    cases = misses = noticed = desks = 0
    for seed in range(rounds):
        rng = np.random.default_rng([seed, 8])
        for kind in ("erlang_c", "erlang_c", "chats", "chats", "any_chats", "warehouse"):
            if kind == "warehouse":
                case = warehouse_case(rng)
                truth, interval = case[3], ratio_interval(*rehearsed_warehouse(case, seed))
            else:
                case = desk_case(rng, kind)
                agents, rate, handle, target, desk, truth, _ = case
                interval = ratio_interval(*rehearsed(case, seed))
                if kind == "chats":
                    assert abs(truth - interval.ratio) <= 0.005 + (interval.high - interval.low) / 2, case
                if "chats" in kind:
                    truth = exact_chats(agents, rate, handle, [target], desk["throughput"])[0]
                noticed += not inside(q.service_level(agents + 1, rate, handle, target, **desk), interval)
                desks += 1
            assert interval.high - interval.low < 0.08
            cases += 1
            misses += not inside(truth, interval)
    # 1 % of the intervals miss by design; more than this happens once in a thousand proofs.
    assert misses <= stats.binom.isf(1e-3, cases, 0.01)
    # The proof can fail: the formula with one agent more is nearly always refused.
    assert noticed > 0.9 * desks


@pytest.mark.parametrize("stable", [True, False])
def test_the_formula_for_chats_is_near_the_exact_chain_where_every_chat_adds_0_7(stable):
    rng = np.random.default_rng(5)
    for _ in range(40):
        agents, most = int(rng.integers(1, 8)), int(rng.integers(2, 4))
        factors = np.r_[1, 1 + np.cumsum(np.sort(rng.uniform(0.7, 0.95, most - 1))[::-1])]
        patience = inf if stable and rng.random() < 0.5 else rng.uniform(60, 900)
        load = rng.uniform(0.5, 0.92) if stable else rng.uniform(1, 1.4)
        rate = load * agents * factors[-1] * 12
        desk = {"concurrency": most, "throughput": factors, "patience_seconds": patience}
        formula = q.service_level(agents, rate, 300, [0, 30], **desk)
        exact = exact_chats(agents, rate, 300, [0, 30], factors, patience)
        np.testing.assert_allclose(formula, exact, atol=0.005 if stable else 0.01)


def test_the_roster_decides_who_goes_home():
    # One of three agents is busy for ever, two go at 1:00: the next customer is taken if the busy one is among them.
    runs, rng = 4000, np.random.default_rng(6)
    arrived = np.tile([[0.9], [1.1], [inf]], runs)
    team = np.array([3, 1])
    started, _ = chats_started(rng, arrived, np.array([0, 1e-9]), team)
    assert set(started[1]) == {1.1, inf}
    assert inside(2 / 3, ratio_interval(started[1] < inf, np.ones(runs)))


@pytest.mark.parametrize("contacts", [{}, CHATS])
def test_waits_are_counted_and_a_new_shift_takes_all_who_wait_at_once(contacts):
    runs = rehearse_desk([0, 30, 0], [9, 0, 0], 7200, 1800, **contacts, replications=3000, seed=7)
    assert inside(0.5, ratio_interval(runs.answered_in_time[:, 0], runs.arrivals[:, 0]))
    # Half an hour each, and nobody came later.
    assert inside(1800, ratio_interval(runs.waited_seconds[:, 0], runs.arrivals[:, 0]))
    table = by_hour(runs)
    assert table.loc[1].isna().tolist() == [column != "arrivals" for column in table]
    assert (table.loc[0, "low"] <= table.loc[0, "service_level"]).all()
    level = ratio_interval(runs.answered_in_time.sum(axis=1), runs.arrivals.sum(axis=1))
    weights = runs.arrivals.sum(axis=1) / runs.arrivals.sum()
    assert np.nan_to_num(runs.service_level) @ weights == pytest.approx(float(level.ratio))


def test_one_agent_is_pollaczek_and_khinchine():
    runs = rehearse_desk(np.ones(60), np.full(60, 9.0), 240, 20, replications=1000, seed=2)
    used = slice(20, 59)
    wait = ratio_interval(runs.waited_seconds[:, used].sum(axis=1), runs.arrivals[:, used].sum(axis=1))
    # L. Kleinrock, Queueing Systems I (1975), 5.72: load x handle x (1 + variation^2) / (2 (1 - load)), load 0.6.
    assert inside(0.6 * 240 * (1 + 1) / (2 * 0.4), wait)
    assert wait.high - wait.low < 0.2 * wait.ratio


def test_the_recommended_team_keeps_the_promise_over_a_day():
    day = np.interp(np.arange(24), [0, 4, 10, 15, 21, 23], [20, 5, 150, 120, 220, 60])
    team = np.asarray(q.agents_required(day, 300, 30, 0.9, **CHATS))
    enough = rehearse_desk(team, day, 300, 30, **CHATS, seed=1)
    assert ratio_interval(enough.answered_in_time.sum(axis=1), enough.arrivals.sum(axis=1)).low > 0.9
    fewer = rehearse_desk(np.maximum(team - 1, 1), day, 300, 30, **CHATS, seed=1)
    assert ratio_interval(fewer.answered_in_time.sum(axis=1), fewer.arrivals.sum(axis=1)).high < 0.9
    # A person fewer does not change who comes.
    assert (fewer.arrivals == enough.arrivals).all()


@pytest.mark.parametrize("contacts", [{}, CHATS])
def test_same_seed_same_day(contacts):
    def day(seed):
        return rehearse_desk(TEAM, DAY, 500, 30, **contacts, variation=0.2, replications=20, seed=seed)

    first, again, other = day(5), day(5), day(6)
    for name in vars(first):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.arrivals, other.arrivals)


def test_with_the_same_customers_one_more_agent_makes_them_wait_less():
    waits = [rehearse_desk(np.full(12, n), DAY, 700, 30, seed=9).waited_seconds.sum() for n in range(1, 8)]
    assert all(more < fewer for fewer, more in pairwise(waits))


def test_days_differ_by_the_variation_asked_for():
    counts = rehearse_desk([0, 0, 0], [400.0, 0, 100], 60, 20, variation=0.3, replications=3000, seed=1).arrivals
    day = counts.sum(axis=1)
    assert day.mean() == pytest.approx(500, rel=0.01)
    assert day.var() == pytest.approx(500 + (0.3 * 500) ** 2, rel=0.1)
    assert counts.mean(axis=0) == pytest.approx([400, 0, 100], rel=0.01)
    assert not counts[:, 1].any()


def test_an_empty_day():
    for contacts in ({}, CHATS):
        runs = rehearse_desk([0, 2], [0, 0], 60, 20, **contacts, replications=3)
        assert np.isnan(runs.service_level).all()
        assert not any(array.any() for array in (runs.arrivals, runs.waited_seconds))
        assert by_hour(runs)["service_level"].isna().all()


def parcels_late(orders, capacity, due):
    """One parcel after the other, earliest deadline first; parts of a parcel are carried into the next hour."""
    queue, late, hands = [], np.zeros(len(orders)), 0.0
    for hour, count in enumerate(orders):
        queue += [(due[hour], hour)] * int(count)
        hands += capacity[hour]
        while queue and hands >= 1 - 1e-9:
            _, released = queue.pop(0)
            hands -= 1
            late[released] += hour > due[released]
        hands = hands if queue else 0.0
    for _, released in queue:
        late[released] += 1
    return late


def test_late_parcels_are_those_of_one_parcel_after_the_other():
    rng = np.random.default_rng(8)
    for _ in range(50):
        is_open, people = rng.choice([0, 0.5, 1], 30), rng.integers(0, 4, 30)
        due = np.maximum.accumulate(np.minimum(np.arange(30) + rng.integers(0, 9, 30), 29))
        runs = rehearse_warehouse(rng.uniform(0, 9, 30), is_open, due, rate_per_hour=3.3, people=people, replications=5)
        for orders, late in zip(runs.orders, runs.late_orders, strict=True):
            assert late.tolist() == parcels_late(orders, is_open * people * 3.3, due).tolist()
