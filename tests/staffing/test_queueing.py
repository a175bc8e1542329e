"""The desk against published values, 50-digit arithmetic, laws that hold for every desk, and brute force."""

from math import inf

import ciw
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyworkforce.queuing import ErlangC
from scipy import stats

from ecteam.inputs.checks import InputError
from ecteam.staffing import queueing as q

HOUR = 3600

# Origin of the published values: MODELS.md "queueing". The first case is the worked example of pyworkforce's package
# page and of the CRAN package ErlangC 0.1.0: 100 calls in half an hour, 3 minutes each, 80 % in 20 s.


def test_the_worked_example_of_the_package_pages():
    assert q.erlang_c(14, 10) == pytest.approx(0.1741319335950, abs=5e-14)
    assert q.service_level(14, 200, 180, 20) == pytest.approx(0.8883500191795, abs=5e-14)
    assert q.mean_wait_seconds(14, 200, 180) == pytest.approx(7.836, abs=5e-4)
    assert q.occupancy(14, 200, 180) == pytest.approx(0.7142857143, abs=5e-11)
    assert q.agents_required(200, 180, 20, 0.8) == 14
    assert q.agents_required(200, 180, 20, 0.8, max_occupancy=0.85) == 14
    assert q.rostered(14, 0.3) == 20


@pytest.mark.parametrize("load", [0.7, 10.0, 33.3, 280.0])
def test_pyworkforce_agrees(load):
    peer = ErlangC(transactions=load, aht=3, asa=1 / 3, interval=3)
    for agents in range(int(load) + 1, int(load) + 12):
        assert q.service_level(agents, load * 20, 180, 20) == pytest.approx(peer.service_level(agents), abs=1e-11)
        assert q.erlang_c(agents, load) == pytest.approx(peer.waiting_probability(agents), abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "rate", "patience"), [(20, 380, inf), (20, 420, 120.0), (15, 420, 120.0)])
def test_a_simulation_by_ciw_agrees(agents, rate, patience):
    def expon(mean):
        return ciw.dists.Exponential(1 / mean)

    levels, gone = [], []
    for seed in range(12):
        ciw.seed(seed)
        leaving = {} if np.isinf(patience) else {"reneging_time_distributions": [expon(patience)]}
        network = ciw.create_network(
            arrival_distributions=[expon(HOUR / rate)],
            service_distributions=[expon(180)],
            number_of_servers=[agents],
            **leaving,
        )
        run = ciw.Simulation(network)
        run.simulate_until_max_time(12 * HOUR)
        records = [r for r in run.get_all_records() if r.arrival_date > 2 * HOUR]
        levels.append(np.mean([r.record_type == "service" and r.waiting_time <= 20 for r in records]))
        gone.append(np.mean([r.record_type == "renege" for r in records]))
    desk = {"agents": agents, "arrivals_per_hour": rate, "handle_seconds": 180, "patience_seconds": patience}
    for expected, seen in ((q.service_level(**desk, target_seconds=20), levels), (q.abandonment(**desk), gone)):
        half_width = stats.t.ppf(0.995, len(seen) - 1) * np.std(seen, ddof=1) / len(seen) ** 0.5
        assert np.mean(seen) == pytest.approx(expected, abs=half_width + 1e-12)


def test_erlang_c_of_large_desks():
    assert q.erlang_c(1013, 1000) == pytest.approx(0.578071078146937, abs=1e-15)
    assert q.erlang_c(10_017, 10_000) == pytest.approx(0.803495416602866, abs=1e-15)


def test_agents_for_80_20_by_load():
    loads = np.array([1, 5, 10, 20, 50, 100, 200, 500, 1000])
    agents = [3, 8, 14, 25, 56, 108, 209, 512, 1013]
    assert q.agents_required(loads * HOUR / 240, 240, 20, 0.8).tolist() == agents


def test_impatient_customers():
    many = {"arrivals_per_hour": 3600, "handle_seconds": 300, "patience_seconds": 600}
    assert q.service_level(290, target_seconds=900, **many) == pytest.approx(0.9604631375, abs=5e-11)
    calm = {"arrivals_per_hour": 48 * 60, "handle_seconds": 60, "patience_seconds": 120}
    assert q.abandonment(50, **calm) == pytest.approx(0.0309122492, abs=5e-11)
    assert q.mean_wait_seconds(50, **calm) == pytest.approx(3.7095, abs=5e-5)
    assert q.service_level(50, target_seconds=20, **calm) == pytest.approx(0.9430189547, abs=5e-11)


def test_rostered_does_not_hire_for_a_rounding_error():
    assert q.rostered(21, 0.3) == 30
    assert q.rostered(np.array([0, 21, 22, 20]), np.array([0.3, 0.3, 0.3, 0.0])).tolist() == [0, 30, 32, 20]
    for per_mille in range(1, 1000):
        heads = np.arange(1, 400)
        exact = -(-heads * 1000 // (1000 - per_mille))
        assert (q.rostered(heads, per_mille / 1000) == exact).all()


def exact_below(agents: float, load: float) -> mp.mpf:
    """1 / B(n - 1, a) by the incomplete gamma function."""
    n, a = mp.mpf(float(agents)), mp.mpf(float(load))
    return mp.exp(a - (n - 1) * mp.log(a)) * mp.gammainc(n, a)


def exact_b(agents: float, load: float) -> mp.mpf:
    return 1 / exact_below(agents + 1, load)


def exact_c(agents: float, load: float) -> mp.mpf:
    n, a = mp.mpf(float(agents)), mp.mpf(float(load))
    return a / (a + (n - a) * exact_below(agents, load))


def exact_a(agents: float, load: float, patience: float, target: float) -> tuple[mp.mpf, mp.mpf]:
    """P(abandon) and P(served in time) by the formulas of MODELS.md, times in handle times."""
    n, lam, p, t = (mp.mpf(float(v)) for v in (agents, load, patience, target))

    def series(a: mp.mpf, x: mp.mpf) -> mp.mpf:
        # sum of x^k / (a)_(k+1), summed until the terms no longer count
        return mp.nsum(lambda k: x**k / mp.rf(a, k + 1), [0, mp.inf]) if x < 1 else mp.hyp1f1(1, a + 1, x) / a

    a, x = n * p, lam * p
    j = series(a, x) * p
    total = exact_below(agents, load) + lam * j
    leaves = (1 + (lam - n) * j) / total
    decay = mp.exp(-t / p)
    late = x * mp.exp(x * (1 - decay) - (a + 1) * t / p) * series(a + 1, x * decay) / total
    return leaves, 1 - leaves - late


DEVIATIONS = (-8, -3, -1, -0.1, 0, 0.1, 0.5, 1, 2, 4, 8, 15)
LOADS = (1e-6, 1e-3, 0.1, 0.513, 1, 3, 7, 10, 20, 24, 26, 35, 59, 61, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5)


def grid(loads: tuple[float, ...]) -> list[tuple[float, float]]:
    points = []
    for load in loads:
        near = [load + d * load**0.5 for d in DEVIATIONS]
        far = [load * f for f in (0.1, 0.5, 0.7, 0.76, 1.3, 1.5, 1.6, 2, 4)] + [1, 2, 5, 24, 25, 26, 60, 150]
        for agents in near + far:
            points += [(max(round(agents), 1), load), (agents, load)] if agents > 0 else []
    return [(n, a) for n, a in dict.fromkeys(points) if exact_below_fits(n, a)]


def exact_below_fits(agents: float, load: float) -> bool:
    """Whether B is a normal float, so that a relative error means something."""
    with mp.workdps(20):
        log_pmf = agents * mp.log(load) - load - mp.loggamma(agents + 1)
    return log_pmf > -700


def worst_error_of_b_and_c(points: list[tuple[float, float]]) -> float:
    with mp.workdps(50):
        agents, loads = np.array(points).T
        errors = [
            abs(float(mine / exact(n, a) - 1))
            for mine_all, exact in ((q.erlang_b(agents, loads), exact_b), (q.erlang_c(agents, loads), exact_c))
            for mine, n, a in zip(mine_all, agents, loads, strict=True)
            if exact is exact_b or n > a
        ]
    return max(errors)


def test_b_and_c_to_50_digits_on_a_sample():
    assert worst_error_of_b_and_c(grid(LOADS[::3])) < 1e-12


@pytest.mark.slow
def test_b_and_c_to_50_digits():
    rng = np.random.default_rng(1)
    more = tuple(10 ** rng.uniform(-6, 5, 150))
    assert worst_error_of_b_and_c(grid(LOADS + more)) < 1e-12


def worst_error_of_service_levels(cases: list[tuple[float, float, float, float]]) -> float:
    with mp.workdps(50):
        agents, loads, patience, target = np.array(cases).T
        # With a handle time of one hour, loads are arrivals and the floats that enter are those of the reference.
        mine = q.service_level(agents, loads, HOUR, target * HOUR, patience_seconds=patience * HOUR)
        gone = q.abandonment(agents, loads, HOUR, patience_seconds=patience * HOUR)
        errors = []
        for n, a, p, t, level, left in zip(agents, loads, patience, target, mine, gone, strict=True):
            t, p = (t * HOUR) / HOUR, (p * HOUR) / HOUR
            if np.isinf(p):
                wait = exact_c(n, a) if n > a else mp.mpf(1)
                leaves, in_time = mp.mpf(0), 1 - wait * mp.exp(-max(mp.mpf(n) - mp.mpf(a), 0) * mp.mpf(t))
            else:
                leaves, in_time = exact_a(n, a, p, t)
            errors += [abs(float(level - in_time)), abs(float(left - leaves))]
    return max(errors)


def service_cases(loads: tuple[float, ...], patiences: tuple[float, ...]) -> list[tuple[float, float, float, float]]:
    return [
        (max(round(load + d * load**0.5), 1), load, patience, target)
        for load in loads
        for d in (-6, -2, -0.5, 0, 0.5, 1, 2, 5)
        for patience in patiences
        for target in (0, 0.1, 1, 4)
        if patience * load <= 3000 or np.isinf(patience)
    ]


def test_service_levels_to_50_digits_on_a_sample():
    cases = service_cases((0.1, 12, 300), (0.1, 2, inf)) + service_cases((1e4, 1e5), (inf,))
    assert worst_error_of_service_levels(cases) < 5e-12


@pytest.mark.slow
def test_service_levels_to_50_digits():
    cases = service_cases((1e-3, 0.5, 3, 24, 61, 300, 3e3, 1e5), (1e-6, 0.01, 0.3, 1, 5, 40, inf))
    assert worst_error_of_service_levels(cases) < 5e-12


loads = st.floats(-3, 4).map(lambda e: 10**e)
handles = st.floats(5, 5000)
targets = st.floats(0, 3000)
levels = st.floats(0.01, 0.999)
desks = st.one_of(
    st.just({}),
    st.builds(lambda p: {"patience_seconds": p}, st.one_of(st.just(0.0), st.floats(1e-3, 1e6))),
    st.builds(lambda k: {"concurrency": k, "throughput": (1, 1.7, 2.5, 2.5)}, st.integers(1, 4)),
    st.builds(
        lambda k, think, p: {"concurrency": k, "reply_seconds": 20, "think_seconds": think, "patience_seconds": p},
        st.integers(1, 5),
        st.floats(0, 300),
        st.floats(1, 1e5),
    ),
)
limits = st.fixed_dictionaries(
    {}, optional={"max_occupancy": st.floats(0.3, 1), "max_abandonment": st.floats(0.001, 1)}
)


@settings(max_examples=80)
@given(loads, handles, targets, levels, desks, limits)
def test_one_agent_fewer_breaks_a_limit(load, handle, target, level, desk, limit):
    rate = min(load, 3000) * HOUR / handle
    needed = q.agents_required(rate, handle, target, level, **desk, **limit)

    def good(agents):
        return (
            q.service_level(agents, rate, handle, target, **desk) >= level
            and q.occupancy(agents, rate, handle, **desk) <= limit.get("max_occupancy", 1) * (1 + 1e-11)
            and q.abandonment(agents, rate, handle, **desk) <= limit.get("max_abandonment", 1)
        )

    assert good(needed)
    assert not good(needed - 1)


@settings(max_examples=60)
@given(loads, handles, targets, levels, st.floats(0.001, 0.5), desks)
def test_more_arrivals_a_better_target_or_a_longer_handle_time_never_need_fewer(
    load, handle, target, level, more, desk
):
    rate = min(load, 500) * HOUR / handle
    base = q.agents_required(rate, handle, target, level, **desk)
    better = level + more * (1 - level)
    assert q.agents_required(rate * (1 + more), handle, target, level, **desk) >= base
    assert q.agents_required(rate, handle, target, better, **desk) >= base
    assert q.agents_required(rate, handle, target / (1 + more), level, **desk) >= base


@settings(max_examples=60)
@given(loads, handles, targets, st.integers(1, 40), desks)
def test_more_agents_are_never_worse(load, handle, target, agents, desk):
    rate = min(load, 100) * HOUR / handle
    n = agents + np.arange(3)
    level = q.service_level(n, rate, handle, target, **desk)
    gone = q.abandonment(n, rate, handle, **desk)
    used = q.occupancy(n, rate, handle, **desk)
    assert (np.diff(level) >= -1e-9).all()
    assert (np.diff(gone) <= 1e-9).all()
    # With several chats each, an agent brings chats that no longer run out of patience: see the reference below.
    if desk.get("concurrency", 1) == 1 or desk.get("patience_seconds", inf) == inf:
        assert (np.diff(used) <= 1e-9).all()
    for share in (level, gone, used):
        assert ((share >= 0) & (share <= 1)).all()


def test_with_several_chats_and_little_patience_more_agents_can_be_busier():
    """A birth-death chain by hand: two chats at once at the speed of one, 10 erlangs, patience a fifth of a chat."""
    agents, used, customers = [1, 2, 3], [], np.arange(200)
    for n in agents:
        leaving = 5 * np.maximum(customers - 2 * n, 0)
        odds = np.cumprod(np.append(1, 10 / (np.minimum(customers, n) + leaving)[1:]))
        used.append(odds @ np.minimum(customers, n) / odds.sum() / n)
    assert used == pytest.approx([0.99832, 0.99905, 0.99913], abs=5e-6)
    desk = {"concurrency": 2, "reply_seconds": 20, "think_seconds": 0, "patience_seconds": 1}
    assert q.occupancy(agents, 10 * HOUR / 5, 5, **desk) == pytest.approx(used, abs=1e-12)


@settings(max_examples=60)
@given(st.floats(0.05, 2000), st.floats(-0.9, 3), targets)
def test_patience_joins_b_to_c(load, deviations, target):
    agents = max(round(load + deviations * load**0.5), 1)
    desk = {"agents": agents, "arrivals_per_hour": load * HOUR / 180, "handle_seconds": 180}
    hasty = q.service_level(**desk, target_seconds=target, patience_seconds=1e-12)
    assert hasty == pytest.approx(1 - q.erlang_b(agents, load), abs=1e-9)
    assert q.service_level(**desk, target_seconds=target, patience_seconds=0) == pytest.approx(hasty, abs=1e-9)
    assert q.abandonment(**desk, patience_seconds=0) == pytest.approx(q.erlang_b(agents, load), abs=1e-12)
    if agents > load * 1.01:
        stoic = q.service_level(**desk, target_seconds=target, patience_seconds=1e15)
        assert stoic == pytest.approx(q.service_level(**desk, target_seconds=target), abs=1e-9)
        assert q.abandonment(**desk, patience_seconds=1e15) == pytest.approx(0, abs=1e-9)
        waits = [q.mean_wait_seconds(**desk, patience_seconds=p) for p in (1e15, inf)]
        assert waits[0] == pytest.approx(waits[1], rel=1e-6, abs=1e-12)
    if agents < load * 0.99:
        assert q.abandonment(**desk, patience_seconds=1e15) == pytest.approx(1 - agents / load, abs=1e-9)


@settings(max_examples=60)
@given(loads, handles, targets, levels)
def test_a_number_and_an_array_agree(load, handle, target, level):
    rate = load * HOUR / handle
    number = q.agents_required(rate, handle, target, level)
    assert isinstance(number, int)
    assert q.agents_required(np.array([rate]), handle, target, level).tolist() == [number]


def test_extreme_desks_without_warnings(recwarn):
    assert q.service_level(100_400, 100_000, HOUR, 20) == pytest.approx(
        1 - q.erlang_c(100_400, 1e5) * np.exp(-400 / 180)
    )
    assert q.agents_required(1e5 * 20, 180, 20, 0.8) == q.agents_required([1e5 * 20], 180, 20, 0.8)[0] == 100_014
    assert q.service_level(100_013, 1e5 * 20, 180, 20) < 0.8 < q.service_level(100_014, 1e5 * 20, 180, 20)
    assert q.erlang_b(5000, 1) == 0
    assert q.erlang_b(1, 1e-300) == pytest.approx(1e-300, rel=1e-12)
    assert q.erlang_b(0.5, 1e5) == pytest.approx(1, abs=1e-4)
    assert q.service_level(1, 1e5, HOUR, 20, patience_seconds=1e9) == pytest.approx(0, abs=1e-4)
    assert q.service_level(100, 100, HOUR, 20, patience_seconds=1e12) < 1e-4
    assert not recwarn.list


def test_no_arrivals_need_nobody_and_nobody_serves_nobody():
    assert q.agents_required(0, 180, 20, 0.8) == 0
    assert q.agents_required([0, 200], 180, 20, 0.8, patience_seconds=60).tolist() == [0, 12]
    assert q.service_level([0, 0, 3], [0, 10, 0], 180, 20).tolist() == [1, 0, 1]
    assert q.abandonment([0, 0, 0], [0, 10, 10], 180, patience_seconds=[60, 60, inf]).tolist() == [0, 1, 0]
    assert q.mean_wait_seconds([0, 0, 0], [0, 10, 10], 180, patience_seconds=[60, 60, inf]).tolist() == [0, 60, inf]
    assert q.occupancy([0, 0, 5], [0, 10, 0], 180).tolist() == [0, 1, 0]
    assert q.rostered(0, 0.3) == 0
    assert q.agents_required([], 180, 20, 0.8).tolist() == []


def test_all_arguments_broadcast_and_are_not_altered():
    rate, share = np.array([[100.0], [200.0]]), np.array([0.5, 0.8, 0.95])
    before = rate.copy()
    agents = q.agents_required(rate, 180, 20, share)
    assert agents.shape == (2, 3)
    assert agents.dtype == np.int64
    assert agents[1, 1] == 14
    assert (rate == before).all()
    for function in (q.occupancy, q.abandonment, q.mean_wait_seconds):
        assert function(agents, rate, 180, patience_seconds=[[[60.0]], [[inf]]]).shape == (2, 2, 3)
    assert q.service_level(agents, rate, 180, 20).shape == (2, 3)
    assert q.service_level(14, 200, 180, 20).shape == ()


GOOD = {"arrivals_per_hour": 200.0, "handle_seconds": 180.0, "target_seconds": 20.0, "target_share": 0.8}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"arrivals_per_hour": -5}, "arrivals_per_hour is -5; it must be 0 or more contacts an hour"),
        ({"arrivals_per_hour": float("nan")}, "arrivals_per_hour is nan"),
        ({"arrivals_per_hour": [1, 2, -3]}, r"arrivals_per_hour\[2\] is -3"),
        ({"arrivals_per_hour": inf}, "arrivals_per_hour is inf"),
        ({"arrivals_per_hour": "many"}, "arrivals_per_hour is 'many'"),
        ({"handle_seconds": 0}, "handle_seconds is 0; it must be more than 0 seconds"),
        ({"target_seconds": -1}, "target_seconds is -1; it must be 0 or more seconds"),
        ({"target_share": 1.0}, "target_share is 1; it must be a share above 0 and below 1"),
        ({"target_share": 80}, "target_share is 80; it must be a share above 0 and below 1"),
        ({"target_share": 0}, "target_share is 0"),
        ({"concurrency": 0}, "concurrency is 0; it must be a whole number of chats at once, 1 or more"),
        ({"concurrency": 1.5, "throughput": (1, 2)}, "concurrency is 1.5"),
        ({"concurrency": 3}, r"concurrency is 3 but throughput is missing; give .* throughput=\(1, 1.7, 2.5\)"),
        ({"concurrency": 3, "throughput": (1, 2)}, r"throughput is \[1.0, 2.0\] but concurrency is 3"),
        ({"concurrency": 3, "throughput": (1, 1.8, 1.7)}, "must not decrease, but does from 2 to 3 chats"),
        ({"concurrency": 2, "throughput": (2, 3)}, "must begin with 1"),
        ({"concurrency": 2, "throughput": (1, 25)}, "must not exceed the number of chats"),
        ({"concurrency": 2, "throughput": (1, float("nan"))}, r"throughput\[1\] is nan"),
        ({"concurrency": 2, "reply_seconds": 20}, "think_seconds is missing"),
        ({"concurrency": 2, "reply_seconds": 0, "think_seconds": 5}, "reply_seconds is 0; it must be more than 0"),
        ({"throughput": (1, 2), "reply_seconds": 20, "think_seconds": 5}, "both given"),
        ({"patience_seconds": -1}, "patience_seconds is -1; it must be 0 or more seconds, or infinity"),
        ({"max_occupancy": 0}, "max_occupancy is 0; it must be a share above 0, 1 at most"),
        ({"max_abandonment": 3}, "max_abandonment is 3; it must be a share from 0 to 1"),
        ({"max_abandonment": 0, "patience_seconds": 60}, "max_abandonment is 0 and patience_seconds is finite"),
        (
            {"arrivals_per_hour": [1, 2, 3], "handle_seconds": [1, 2]},
            r"arrivals_per_hour has shape \(3,\), handle_seconds has shape \(2,\); they must broadcast",
        ),
        (
            {"arrivals_per_hour": [1, 2, 3], "concurrency": 2, "throughput": [[1, 2], [1, 1.5]]},
            r"throughput .* gives shape \(2,\); it must broadcast",
        ),
    ],
)
def test_wrong_input_is_refused_with_name_value_and_what_is_allowed(wrong, message):
    with pytest.raises(InputError, match=message):
        q.agents_required(**{**GOOD, **wrong})


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InputError) as told:
        q.service_level(-1, -2, 0, 20)
    assert [mistake.split()[0] for mistake in told.value.mistakes] == ["agents", "arrivals_per_hour", "handle_seconds"]
    with pytest.raises(InputError, match="is 5e\\+12 erlangs; it must be 1e\\+06 at most"):
        q.agents_required(1e14, 180, 20, 0.8)
    with pytest.raises(InputError, match="max_occupancy asks for 1e\\+10 agents; it must leave 1e\\+06 at most"):
        q.agents_required(200, 180, 20, 0.8, max_occupancy=1e-9, concurrency=2, throughput=(1, 1.5))
    with pytest.raises(InputError, match="shrinkage is 1; it must be a share from 0 to below 1"):
        q.rostered(20, 1)
    with pytest.raises(InputError, match=r"agents is 2\.5; it must be a whole number where concurrency is above 1"):
        q.service_level(2.5, 10, 180, 20, concurrency=2, throughput=(1, 2))


@pytest.mark.parametrize("arrivals", [0.0, 5e-324, 2.2e-311])
def test_what_is_hardly_a_number_is_nobody(arrivals):
    assert q.agents_required(arrivals, 12, 20, 0.95, concurrency=3, reply_seconds=12, think_seconds=0) == 0


def test_the_search_for_the_fewest_agents_never_asks_of_far_more(monkeypatch):
    # First replies level off: a secant there pointed at 180,000 agents, and a report took minutes.
    asked, kept = [], q._kept
    monkeypatch.setattr(q, "_kept", lambda agents, *rest: asked.append(agents.max()) or kept(agents, *rest))
    desk = {"concurrency": 5, "reply_seconds": 30.3, "think_seconds": 126.4, "first_reply": True}
    contacts = np.linspace(600, 760, 30)
    found = q.agents_required(contacts, 1121, 60, 0.82, **desk)
    assert max(asked) <= 2 * found.max()
