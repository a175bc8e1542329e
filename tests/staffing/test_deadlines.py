"""Laws of the deadline crew: against linear programmes, brute force and the crew with one head fewer."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from ecteam.inputs.checks import InputError
from ecteam.staffing.deadlines import (
    backlog,
    crew_required,
    due_hours,
    temp_productivity,
    temps_required,
    times,
)

WORKDAY = np.isin(np.arange(24), range(9, 18)).astype(float)
FIVE_DAYS = np.concatenate([np.tile(WORKDAY, 5), np.zeros(48)])


@st.composite
def instances(draw, longest=14, most=9):
    """Orders, open shares, due hours and rate that some crew can serve, the horizon repeating or not."""
    hours = draw(st.integers(2, longest))
    cyclic = draw(st.booleans())
    orders = np.array(draw(st.lists(st.integers(0, most), min_size=hours, max_size=hours)), dtype=float)
    shares = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.0])
    is_open = np.array(draw(st.lists(shares, min_size=hours, max_size=hours)))
    is_open[-1] = 1.0
    # A gap to the next open hour keeps every instance solvable.
    slack = draw(st.lists(st.integers(0, 2 * hours if cyclic else hours), min_size=hours, max_size=hours))
    line = np.tile(is_open, 4)
    next_open = np.array([t + int(np.argmax(line[t:] > 0)) for t in range(hours)])
    due = np.maximum.accumulate(next_open + slack)
    due = np.minimum(due, next_open[0] + hours) if cyclic else np.minimum(due, hours - 1)
    due = np.maximum(due, next_open)
    assume((np.diff(due) >= 0).all() and (not cyclic or due[-1] <= due[0] + hours))
    return {
        "orders": orders,
        "is_open": is_open,
        "due": due,
        "rate_per_hour": draw(st.integers(1, 7)),
        "cyclic": cyclic,
    }


def crew_by_transport(orders, is_open, due, rate_per_hour, cyclic, own=0.0, share=1.0):
    """The same question as a transport problem: orders are spread over the hours they may be done in."""
    hours = len(orders)
    arcs = np.array([(t, h % hours) for t in range(hours) for h in range(t, min(due[t], t + hours - 1) + 1)])
    count, column = len(arcs), np.arange(len(arcs))
    spread = sparse.csr_array((np.ones(count), (arcs[:, 0], column)), shape=(hours, count + 1))
    load = sparse.csr_array((np.ones(count), (arcs[:, 1], column)), shape=(hours, count))
    capacity = np.broadcast_to(is_open * rate_per_hour, hours)
    people = sparse.csr_array((capacity * share)[:, None])
    answer = linprog(
        np.r_[np.zeros(count), 1.0],
        A_ub=sparse.hstack([load, -people]),
        b_ub=capacity * own,
        A_eq=spread,
        b_eq=orders,
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert answer.status == 0, answer.message
    return answer.fun


def late(case, people):
    """Orders that are late with these people; of a horizon that repeats, in five rounds of it."""
    rounds = 5 if case["cyclic"] else 1
    hours = rounds * len(case["orders"])
    line = {name: np.tile(case[name], rounds) for name in ("orders", "is_open")}
    due = (case["due"] + len(case["orders"]) * np.arange(rounds)[:, None]).ravel()
    line["orders"][due >= hours] = 0
    people = np.tile(people, rounds) if np.ndim(people) else people
    return backlog(**line, due=due, rate_per_hour=case["rate_per_hour"], people=people).late_orders


class TestDueHours:
    def test_same_day_moves_late_and_weekend_orders_to_the_next_open_day(self):
        due = due_hours(FIVE_DAYS, "same_day", cutoff_hour=14, cyclic=True)
        monday, friday, saturday = 0, 4 * 24, 5 * 24
        assert due[monday + 13] == monday + 17
        assert due[monday + 14] == 24 + 17
        assert due[friday + 13] == friday + 17
        assert due[friday + 14] == due[saturday + 10] == 7 * 24 + 17

    @pytest.mark.parametrize(("rule", "days"), [("24h", 1), ("48h", 2)])
    def test_hours_of_the_clock_end_before_closing(self, rule, days):
        due = due_hours(np.tile(WORKDAY, 7), rule, cyclic=True)
        assert due[10] == 24 * days + 9
        assert due[9] == 24 * (days - 1) + 17
        assert due[20] == 24 * days + 17

    def test_days_without_an_open_hour_do_not_count(self):
        due = due_hours(FIVE_DAYS, "24h", cyclic=True)
        friday, monday = 4 * 24, 7 * 24
        assert due[friday + 12] == monday + 11
        assert due[friday + 24 + 12] == due[friday + 48 + 12] == monday + 17
        assert (due_hours(FIVE_DAYS, "48h", cyclic=True) >= due).all()

    def test_past_the_horizon_is_not_within_it(self):
        assert (due_hours(FIVE_DAYS, "48h")[3 * 24 + 10 :] == 168).all()

    @given(
        st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=24, max_size=24), min_size=1, max_size=7),
        st.sampled_from(["same_day", "24h", "48h"]),
        st.booleans(),
    )
    def test_due_is_open_not_before_release_and_never_falls(self, days, rule, cyclic):
        is_open = np.array(days).ravel()
        try:
            due = due_hours(is_open, rule, cutoff_hour=1, cyclic=cyclic)
        except InputError:
            reject()
        within = due < len(is_open)
        assert (due >= np.arange(len(is_open))).all()
        assert (np.diff(due) >= 0).all()
        assert (is_open[due[within]] > 0).all()
        assert not cyclic or due[-1] <= due[0] + len(is_open)
        if cyclic:
            twice = due_hours(np.tile(is_open, 2), rule, cutoff_hour=1, cyclic=True)
            assert (twice == np.r_[due, due + len(is_open)]).all()

    def test_a_promise_nobody_can_keep_names_the_hour(self):
        with pytest.raises(InputError, match=r"orders of hour 18 \(day 1, 18:00\).*cut-off is after closing"):
            due_hours(FIVE_DAYS, "same_day", cutoff_hour=20)


class TestBound:
    @settings(max_examples=150)
    @given(instances())
    def test_equals_the_transport_lp(self, case):
        assert crew_required(**case).people == pytest.approx(crew_by_transport(**case), abs=1e-8)

    @pytest.mark.slow
    @settings(max_examples=2000)
    @given(instances(longest=40, most=1000))
    def test_equals_the_transport_lp_at_length(self, case):
        assert crew_required(**case).people == pytest.approx(crew_by_transport(**case), abs=1e-8, rel=1e-8)

    @settings(max_examples=60)
    @given(
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=5),
        st.lists(st.integers(0, 1), min_size=5, max_size=5),
        st.integers(1, 2),
    )
    def test_heads_equal_brute_force_over_all_schedules(self, parcels, is_open, rate):
        """Every parcel is tried in every hour it may be done in; the busiest hour of the best try decides."""
        is_open = np.array(is_open)
        is_open[-1] = 1
        slack = np.zeros(5, dtype=int)
        for release, extra in parcels:
            slack[release] = max(slack[release], extra)
        due = np.maximum.accumulate(np.minimum(np.arange(5) + slack, 4))
        choices = [[h for h in range(r, due[r] + 1) if is_open[h]] for r, _ in parcels]
        assume(all(choices))
        heads = min(-(-max(map(tried.count, tried)) // rate) for tried in product(*choices))
        orders = np.bincount([r for r, _ in parcels], minlength=5)
        assert crew_required(orders, is_open, due, rate_per_hour=rate).heads == heads

    @settings(max_examples=200)
    @given(instances())
    def test_window_explains_the_bound(self, case):
        crew = crew_required(**case)
        if crew.heads == 0:
            assert (crew.window_start, crew.window_end, crew.people) == (-1, -1, 0)
            return
        assert crew.people == pytest.approx(crew.window_orders / crew.orders_per_person)
        if not case["cyclic"]:
            start, end = crew.window_start, crew.window_end
            inside = (np.arange(len(case["due"])) >= start) & (case["due"] <= end)
            assert crew.window_orders == case["orders"][inside].sum()
            assert crew.orders_per_person == case["rate_per_hour"] * case["is_open"][start : end + 1].sum()

    @pytest.mark.parametrize("rule", ["same_day", "24h", "48h"])
    def test_repeating_week_is_the_limit_of_many_weeks(self, rule):
        orders = np.random.default_rng(11).poisson(30, 168)
        due = due_hours(FIVE_DAYS, rule, cutoff_hour=14, cyclic=True)
        cyclic = crew_required(orders, FIVE_DAYS, due, rate_per_hour=12, cyclic=True)

        def people(weeks):
            line_due = (due + 168 * np.arange(weeks)[:, None]).ravel()
            line = np.where(line_due < weeks * 168, np.tile(orders, weeks), 0)
            return crew_required(line, np.tile(FIVE_DAYS, weeks), line_due, rate_per_hour=12).people

        if rule == "48h":
            # The average of the week decides, and the weeks at both ends of a line matter less and less.
            assert (cyclic.window_start, cyclic.window_end) == (0, 167)
            gap = cyclic.people - np.array([people(6), people(12), people(24)])
            assert (gap > 0).all()
            assert (gap[1:] < 0.6 * gap[:-1]).all()
        else:
            assert people(3) == pytest.approx(cyclic.people, abs=1e-9)

    def test_average_decides_a_repeating_horizon_with_long_promises(self):
        orders = np.full(24, 10.0)
        crew = crew_required(orders, WORKDAY, np.arange(24) + 72, rate_per_hour=5, cyclic=True)
        assert crew.people == pytest.approx(240 / 45)
        assert (crew.window_start, crew.window_end) == (0, 23)

    def test_leading_axes_equal_one_by_one(self):
        rng = np.random.default_rng(5)
        orders = rng.poisson(20, (3, 4, 168))
        rate = rng.uniform(5, 20, (4, 1))
        due = due_hours(FIVE_DAYS, "same_day", cutoff_hour=12, cyclic=True)
        crew = crew_required(orders, FIVE_DAYS, due, rate_per_hour=rate, cyclic=True)
        left = backlog(orders, FIVE_DAYS, due, rate_per_hour=rate, people=crew.heads[..., None] - 1)
        assert crew.people.shape == (3, 4)
        for i, j in np.ndindex(3, 4):
            one = crew_required(orders[i, j], FIVE_DAYS, due, rate_per_hour=rate[j, 0], cyclic=True)
            assert all(getattr(one, name) == getattr(crew, name)[i, j] for name in vars(one))
            alone = backlog(orders[i, j], FIVE_DAYS, due, rate_per_hour=rate[j, 0], people=one.heads - 1)
            for name in vars(alone):
                np.testing.assert_allclose(getattr(left, name)[i, j], getattr(alone, name), atol=1e-9)

    def test_window_starts_with_an_order(self):
        orders = np.zeros((2, 48))
        orders[0, [12, 14]] = 9, 20
        orders[1, [20, 30]] = 50, 5
        due = np.where(np.arange(48) < 18, 17, 47)
        crew = crew_required(orders, np.tile(WORKDAY, 2), due, rate_per_hour=4)
        assert crew.window_start.tolist() == [14, 20]
        assert crew.window_end.tolist() == [17, 47]

    def test_chunks_do_not_change_the_answer(self, monkeypatch):
        orders = np.random.default_rng(3).poisson(20, (50, 48))
        arguments = orders, np.ones(48), np.minimum(np.arange(48) + 6, 47)
        whole = crew_required(*arguments, rate_per_hour=9)
        monkeypatch.setattr("ecteam.staffing.deadlines._CELLS_AT_ONCE", 1)
        assert (crew_required(*arguments, rate_per_hour=9).people == whole.people).all()

    def test_rounding_hires_nobody(self):
        """0.1 + 0.1 + 0.1 is a hair above 0.3."""
        crew = crew_required([0.1, 0.1, 0.1], [0, 0, 1], [2, 2, 2], rate_per_hour=0.1)
        assert crew.people > 3
        assert crew.heads == 3


class TestMonotone:
    @settings(max_examples=100)
    @given(instances(), st.data())
    def test_in_work_open_hours_and_deadlines(self, case, data):
        people, hours = crew_required(**case).people, len(case["orders"])
        at = data.draw(st.integers(0, hours - 1))
        more = case["orders"].copy()
        more[at] += 1
        assert crew_required(**case | {"orders": more}).people >= people - 1e-12
        longer = case["is_open"].copy()
        longer[at] = 1
        assert crew_required(**case | {"is_open": longer}).people <= people + 1e-12
        looser = case["due"] + 1 if case["cyclic"] else np.minimum(case["due"] + 1, hours - 1)
        assert crew_required(**case | {"due": looser}).people <= people + 1e-12
        faster = crew_required(**case | {"rate_per_hour": case["rate_per_hour"] * 2})
        assert faster.people == pytest.approx(people / 2)

    def test_longer_promise_and_longer_day(self):
        orders = np.random.default_rng(2).poisson(30, 168)
        long_day = np.where(np.isin(np.arange(168) % 24, (7, 8, 18, 19)), 1.0, np.tile(WORKDAY, 7))
        for is_open in (np.tile(WORKDAY, 7), long_day):
            one, two = (due_hours(is_open, rule, cyclic=True) for rule in ("24h", "48h"))
            people = [crew_required(orders, is_open, d, rate_per_hour=10, cyclic=True).people for d in (one, two)]
            assert people[1] <= people[0]
        short = due_hours(np.tile(WORKDAY, 7), "24h", cyclic=True)
        longer = crew_required(orders, long_day, due_hours(long_day, "24h", cyclic=True), rate_per_hour=10, cyclic=True)
        assert longer.people <= crew_required(orders, np.tile(WORKDAY, 7), short, rate_per_hour=10, cyclic=True).people


class TestTimes:
    @settings(max_examples=60, derandomize=True)
    @given(case=instances(), factor=st.sampled_from([0.0, 0.37, 1.0, 2.0, 41.7]))
    def test_a_crew_grown_is_the_crew_of_the_grown_work(self, case, factor):
        grown = times(crew_required(**case), factor)
        anew = crew_required(**(case | {"orders": case["orders"] * factor}))
        assert grown.people == pytest.approx(anew.people, rel=1e-12)
        assert grown.heads == anew.heads
        assert grown.window_orders == pytest.approx(grown.people * grown.orders_per_person, abs=1e-9)
        if factor == 0:
            assert (grown.window_start, grown.window_end) == (anew.window_start, anew.window_end) == (-1, -1)


class TestBacklog:
    @settings(max_examples=300)
    @given(instances())
    def test_crew_is_never_late_and_one_head_fewer_is(self, case):
        crew = crew_required(**case)
        assert not late(case, crew.heads).any()
        assert not late(case, crew.people).any()
        cyclic = case.pop("cyclic")
        if crew.heads == 0 or cyclic:
            return
        assert backlog(**case, people=crew.heads).first_late_release == -1
        short = backlog(**case, people=crew.heads - 1)
        release = short.first_late_release
        assert short.late_orders[release] > 0
        assert not short.late_orders[:release].any()
        missing = (crew.people - crew.heads + 1) * crew.orders_per_person
        assert short.late_orders.sum() >= missing - 1e-6

    @settings(max_examples=200)
    @given(instances(), st.integers(0, 6))
    def test_equals_an_hour_by_hour_simulation_of_parcels(self, case, people):
        """Parcels in a queue by deadline; hour by hour the crew takes from its head. Orders are conserved."""
        cyclic, hours = case.pop("cyclic"), len(case["orders"])
        assume(not cyclic)
        queue, late, waiting = [], np.zeros(hours), []
        for t in range(hours):
            queue.append([t, case["orders"][t]])
            left = people * case["rate_per_hour"] * case["is_open"][t]
            for parcel in queue:
                taken = min(parcel[1], left)
                parcel[1] -= taken
                left -= taken
            late += [sum(n for r, n in queue if r == k and case["due"][k] == t) for k in range(hours)]
            waiting.append(sum(n for _, n in queue))
        result = backlog(**case, people=people)
        np.testing.assert_allclose(result.waiting_orders, waiting, atol=1e-9)
        np.testing.assert_allclose(result.late_orders, late, atol=1e-7)


class TestTemps:
    @settings(max_examples=100)
    @given(instances(), st.integers(0, 4), st.sampled_from([0.3, 0.65, 1.0]))
    def test_equal_the_lp_and_are_the_fewest(self, case, permanent, share):
        assume(not case["cyclic"])
        temps = temps_required(
            **{k: v for k, v in case.items() if k != "cyclic"}, permanent=permanent, productivity=share
        )
        assert temps.people == pytest.approx(crew_by_transport(**case, own=permanent, share=share), abs=1e-8)
        assert not late(case, permanent + share * temps.heads).any()
        if temps.heads:
            assert late(case, permanent + share * (temps.heads - 1)).any()

    def test_event_of_three_days_with_learning(self):
        """Day 2 to 4 are the event; temps come then and speed up every day, at 65 % on the first."""
        is_open = np.tile(WORKDAY, 6)
        orders = np.repeat([20.0, 80.0, 60.0, 40.0, 20.0, 0.0], 24)
        due = due_hours(is_open, "24h")
        share = temp_productivity([0, 1, 1, 1, 0, 0], first_day=0.65, learning_rate=0.85)
        case = {"orders": orders, "is_open": is_open, "due": due, "rate_per_hour": 12}
        permanent = 7
        temps = temps_required(**case, permanent=permanent, productivity=share)
        assert backlog(**case, people=permanent).late_orders.any()
        assert not backlog(**case, people=permanent + share * temps.heads).late_orders.any()
        assert backlog(**case, people=permanent + share * (temps.heads - 1)).late_orders.any()
        unlearning = temp_productivity([0, 1, 1, 1, 0, 0], first_day=0.65, learning_rate=1)
        assert temps_required(**case, permanent=permanent, productivity=unlearning).people > temps.people

    def test_peak_without_temps_names_the_window(self):
        orders = np.zeros(48)
        orders[3] = 100
        share = temp_productivity([0, 1], first_day=0.65, learning_rate=1)
        with pytest.raises(InputError, match=r"orders from hour 3 \(day 1, 03:00\).*permanents are late"):
            temps_required(
                orders,
                np.ones(48),
                np.maximum(10, np.arange(48)),
                rate_per_hour=5,
                permanent=1,
                productivity=share,
            )


class TestClosed:
    @pytest.mark.parametrize(("is_open", "due"), [([0, 0, 0], [2, 2, 2]), ([1, 1, 0], [1, 1, 2])])
    def test_orders_due_while_it_is_closed_are_refused(self, is_open, due):
        hour = 0 if due[0] == 2 else 2
        with pytest.raises(InputError, match=f"orders from hour {hour} .* by the end of hour 2 .* no hour is open"):
            crew_required([1, 2, 3], is_open, due, rate_per_hour=5)

    def test_no_orders_are_nobody_wherever_it_is_closed(self):
        for cyclic in (False, True):
            crew = crew_required(np.zeros(24), np.zeros(24), np.arange(24), rate_per_hour=5, cyclic=cyclic)
            assert (crew.heads, crew.window_start, crew.window_end) == (0, -1, -1)
        with pytest.raises(InputError, match="no hour is open"):
            crew_required(np.ones(24), np.zeros(24), np.arange(24) + 9, rate_per_hour=5, cyclic=True)
