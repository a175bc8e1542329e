"""Laws of shifts and heads: against brute force, the integer programme, and closed forms on small and random cases."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, milp

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.staffing import deadlines
from ecteam.staffing.shifts import heads_for_week, read_patterns, shift_cover, shift_hours_bound, shipping_shifts

PATTERNS = {region: read_patterns(region=region) for region in ("cn", "uk")}


def pattern(name, length, earliest, latest, *, after=0, pause=0.0, paid=None, step=1):
    """One row of a pattern table."""
    return {
        "pattern": name,
        "paid_hours": length - pause if paid is None else paid,
        "length_hours": length,
        "break_starts_after_hours": after,
        "break_hours": pause,
        "earliest_start": earliest,
        "latest_start": latest,
        "start_step_hours": step,
    }


def coverage(patterns):
    """Every allowed shift by the clock: (paid hours, share of each hour at work), written apart from the model."""
    shifts = []
    for row in patterns.to_dict("records"):
        for start in range(row["earliest_start"], row["latest_start"] + 1, row["start_step_hours"]):
            work = [0.0] * 24
            for minute in range(60 * row["length_hours"]):
                paused = 0 <= minute - 60 * row["break_starts_after_hours"] < 60 * row["break_hours"]
                work[(start + minute // 60) % 24] += (not paused) / 60
            shifts.append((row["paid_hours"], np.round(work, 9)))
    return np.array([paid for paid, _ in shifts]), np.stack([work for _, work in shifts])


def integer_optimum(required, patterns):
    paid, work = coverage(patterns)
    answer = milp(
        paid,
        constraints=LinearConstraint(work.T, required, np.inf),
        integrality=np.ones(len(paid), dtype=int),
        options={"mip_rel_gap": 0},
    )
    assert answer.status == 0, answer.message
    return answer.fun


def brute_force(required, patterns):
    """Fewest paid hours, then people, by trying every number of every shift that the tallest hour can ask for."""
    paid, work = coverage(patterns)
    best = None
    for counts in product(range(2 * max(required) + 1), repeat=len(paid)):
        on_shift = np.array(counts) @ work
        if (on_shift >= required).all():
            candidate = (float(np.array(counts) @ paid), sum(counts))
            best = candidate if best is None else min(best, candidate)
    return best


@st.composite
def open_days(draw, most=12, first=6, last=24):
    """People in the hours of a day that opens and closes between two hours."""
    opens = draw(st.integers(first, last - 1))
    closes = draw(st.integers(opens + 1, last))
    required = np.zeros(24, dtype=int)
    required[opens:closes] = draw(st.lists(st.integers(0, most), min_size=closes - opens, max_size=closes - opens))
    return required


@st.composite
def unbroken_tables(draw):
    """Patterns without a break that end by midnight and reach every hour from 6 on, at costs of their own."""
    rows = [pattern("first", draw(st.integers(1, 9)), 6, 15)]
    rows[0]["latest_start"] = 24 - rows[0]["length_hours"]
    for name in ["second", "third"][: draw(st.integers(0, 2))]:
        length = draw(st.integers(1, 9))
        earliest = draw(st.integers(6, 24 - length))
        rows.append(pattern(name, length, earliest, draw(st.integers(earliest, 24 - length))))
    return pd.DataFrame(rows)


# What a day's shifts must do.


@settings(max_examples=40)
@given(st.lists(open_days(), min_size=1, max_size=4), st.sampled_from(["cn", "uk"]))
def test_every_hour_is_covered_and_no_shift_is_spare(days, region):
    cover = shift_cover(days, PATTERNS[region])
    paid, work = coverage(PATTERNS[region])
    np.testing.assert_allclose(cover.on_shift, cover.shifts @ work)
    assert (cover.on_shift >= days).all()
    np.testing.assert_allclose(cover.paid_hours, cover.shifts @ paid)
    assert (cover.people == cover.shifts.sum(axis=-1)).all()
    for day, on_shift, shifts in zip(days, cover.on_shift, cover.shifts, strict=True):
        for shift in np.flatnonzero(shifts):
            assert (on_shift - work[shift] < day).any()


@settings(max_examples=25)
@given(st.lists(open_days(first=0), min_size=1, max_size=3), st.sampled_from(["cn", "uk"]))
@example([np.ones(24, dtype=int)], "cn")
@example([np.full(24, 7)], "uk")
def test_paid_hours_are_the_optimum_of_the_whole_programme(days, region):
    cover = shift_cover(days, PATTERNS[region])
    np.testing.assert_allclose(cover.paid_hours, [integer_optimum(day, PATTERNS[region]) for day in days])


SMALL = {
    "one": [pattern("day", 3, 8, 11)],
    "a break": [pattern("day", 4, 8, 11, after=2, pause=1.0)],
    "half a break": [pattern("day", 3, 8, 11, after=1, pause=0.5)],
    "two": [pattern("day", 4, 8, 10, after=1, pause=1.0), pattern("short", 2, 9, 12)],
    "every second hour": [pattern("day", 4, 8, 12, step=2)],
    "round midnight": [pattern("night", 3, 22, 23), pattern("short", 1, 0, 1)],
}


@pytest.mark.parametrize("name", SMALL)
def test_cover_equals_brute_force(name):
    patterns = pd.DataFrame(SMALL[name])
    paid, work = coverage(patterns)
    reached = np.flatnonzero(work.any(axis=0))
    rng = np.random.default_rng(5)
    days = np.zeros((6, 24), dtype=int)
    # Brute force counts each shift up to twice the tallest hour: 1 where there are many shifts.
    days[:, reached] = rng.integers(0, 2 if len(paid) > 4 else 3, (6, len(reached)))
    cover = shift_cover(days, patterns)
    assert list(zip(cover.paid_hours.tolist(), cover.people.tolist(), strict=True)) == [
        brute_force(day, patterns) for day in days
    ]


def test_fewest_people_among_equal_hours():
    patterns = pd.DataFrame([pattern("half", 4, 8, 14), pattern("full", 8, 8, 10)])
    required = np.zeros(24, dtype=int)
    required[8:16] = 3
    cover = shift_cover(required, patterns)
    assert (float(cover.paid_hours), int(cover.people)) == (24.0, 3)


@settings(max_examples=30)
@given(open_days(), open_days(most=2), st.sampled_from(["cn", "uk"]))
def test_a_greater_requirement_never_costs_less(day, more, region):
    cover = shift_cover([day, day + more], PATTERNS[region])
    assert cover.paid_hours[0] <= cover.paid_hours[1]


@settings(max_examples=40)
@given(st.lists(open_days(most=30), min_size=1, max_size=3), unbroken_tables())
def test_without_breaks_the_linear_programme_is_whole(days, patterns):
    cover = shift_cover(days, patterns)
    paid, work = coverage(patterns)
    np.testing.assert_allclose(
        cover.paid_hours, [linprog(paid, A_ub=-work.T, b_ub=-day).fun for day in days], atol=1e-7
    )
    np.testing.assert_allclose(cover.paid_hours, [integer_optimum(day, patterns) for day in days])


@pytest.mark.core
def test_round_the_clock_can_need_the_integer_programme():
    """Three shifts of 16 hours round the clock: half of each would do, which nobody can work."""
    patterns = pd.DataFrame([pattern("long", 16, 0, 16, step=8)])
    cover = shift_cover(np.ones(24), patterns)
    assert (int(cover.people), float(cover.paid_hours)) == (2, 32.0)
    # The linear programme's 24 hours, rounded up to what whole shifts of 16 hours can cost.
    assert float(shift_hours_bound(np.ones(24), patterns)) == 32.0


def test_a_day_costs_the_same_in_any_company():
    rng = np.random.default_rng(3)
    days = rng.integers(0, 9, (12, 24)) * np.isin(np.arange(24), range(8, 23))
    together = shift_cover(days.reshape(3, 4, 24), PATTERNS["cn"])
    alone = [shift_cover(day, PATTERNS["cn"]) for day in days]
    assert together.paid_hours.ravel().tolist() == [float(cover.paid_hours) for cover in alone]
    assert together.people.ravel().tolist() == [int(cover.people) for cover in alone]
    again = shift_cover(days.reshape(3, 4, 24), PATTERNS["cn"])
    assert (together.shifts == again.shifts).all()
    assert together.shifts.shape == (3, 4, len(together.catalogue))


def test_empty_days_and_no_days():
    closed = shift_cover(np.zeros((2, 24)), PATTERNS["cn"])
    assert closed.paid_hours.tolist() == [0, 0]
    assert closed.people.tolist() == [0, 0]
    assert shift_cover(np.zeros((0, 24)), PATTERNS["cn"]).people.shape == (0,)
    assert shift_hours_bound(np.zeros((0, 24)), PATTERNS["cn"]).shape == (0,)


# The bound.


@settings(max_examples=40)
@given(st.lists(open_days(most=30, first=0), min_size=1, max_size=4), st.sampled_from(["cn", "uk"]))
@example([np.ones(24, dtype=int)], "uk")
def test_the_bound_is_never_above_the_cover(days, region):
    bound = shift_hours_bound(days, PATTERNS[region])
    assert (bound <= shift_cover(days, PATTERNS[region]).paid_hours).all()
    # At least every hour of work at the price of the cheapest: all patterns pay one hour an hour.
    assert (bound >= np.sum(days, axis=1)).all()


@settings(max_examples=40)
@given(st.lists(open_days(most=40), min_size=1, max_size=4), st.integers(1, 12), st.integers(0, 4))
def test_the_bound_is_exact_for_one_pattern_without_a_break(days, length, later):
    days = np.array(days)
    patterns = pd.DataFrame([pattern("day", length, 6 + later, 24 - length)])
    days[:, : 6 + later] = 0
    paid, work = coverage(patterns)
    by_programme = [linprog(paid, A_ub=-work.T, b_ub=-day).fun for day in days]
    np.testing.assert_allclose(shift_hours_bound(days, patterns), by_programme, atol=1e-6)
    np.testing.assert_allclose(shift_cover(days, patterns).paid_hours, by_programme, atol=1e-6)


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 6), min_size=24, max_size=24),
    st.integers(1, 12),
    st.integers(1, 12),
    st.sampled_from([1, 2, 3]),
)
def test_the_bound_holds_round_the_clock(day, length, short, step):
    patterns = pd.DataFrame(
        [pattern("day", max(length, step), 0, 24 - step, step=step), pattern("short", short, 0, 23, paid=short)]
    )
    bound = float(shift_hours_bound(day, patterns))
    assert sum(day) <= bound <= integer_optimum(day, patterns) + 1e-6


@pytest.mark.parametrize(("region", "hours"), [("cn", 32.0), ("uk", 31.0)])
def test_one_person_round_the_clock_takes_a_second_in_the_break_of_the_night(region, hours):
    # Two nights, for each other's break, and two shifts a day: a bound of 24 hours staffed it with a quarter too few.
    alone = np.ones(24, dtype=int)
    assert float(shift_cover(alone, PATTERNS[region]).paid_hours) == hours
    assert 0.96 * hours <= float(shift_hours_bound(alone, PATTERNS[region])) <= hours


def test_the_bound_round_the_clock_is_near_the_cover():
    by_hour = np.array([3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 5, 5, 6, 6, 6, 6, 6, 7, 8, 8, 7, 5]) / 8
    days = np.ceil(np.array([1, 2, 4, 7, 12, 30, 90])[:, None] * by_hour).astype(int)
    cover = shift_cover(days, PATTERNS["cn"]).paid_hours
    # Within 2 %, or a half day's shift, the least that whole shifts can differ by.
    assert (cover - shift_hours_bound(days, PATTERNS["cn"]) <= np.maximum(0.02 * cover, 4)).all()


@settings(max_examples=30)
@given(open_days(most=20), open_days(most=3), st.sampled_from(["cn", "uk"]))
def test_the_bound_grows_with_the_requirement(day, more, region):
    least, most = shift_hours_bound([day, day + more], PATTERNS[region])
    assert least <= most


def test_the_bound_of_many_days_is_that_of_each():
    rng = np.random.default_rng(8)
    days = rng.integers(0, 20, (1500, 24))
    days[::2, :8] = 0
    together = shift_hours_bound(days.reshape(3, 500, 24), PATTERNS["uk"]).ravel()
    assert together[::97].tolist() == [float(shift_hours_bound(day, PATTERNS["uk"])) for day in days[::97]]


# Heads in a week.


def days_on(days):
    """All sets of weekdays a person may work, the days off in a row, as rows of 0 and 1."""
    return np.array([[(d - start) % 7 < days for d in range(7)] for start in range(7)], dtype=int)


def heads_by_hand(need, days):
    """One person more at a time, every plan for each, until some set of plans fills the week."""
    plans = days_on(days)
    reached = {(0,) * 7}
    for heads in range(sum(need) + 1):
        if any(all(np.array(filled) >= need) for filled in reached):
            return heads
        reached = {tuple(np.minimum(np.array(filled) + plan, need)) for filled in reached for plan in plans}
    raise AssertionError(need)


WEEKS = st.lists(st.integers(0, 2), min_size=7, max_size=7)


@settings(max_examples=30)
@given(WEEKS, st.integers(2, 7))
@example([1, 0, 0, 1, 0, 0, 1], 5)
@example([2, 0, 2, 0, 2, 0, 0], 5)
@example([0, 0, 0, 0, 0, 0, 4], 1)
def test_heads_equal_brute_force(need, days):
    heads = heads_for_week(need, days_per_week_per_person=days)
    assert int(heads) == heads_by_hand(need, days)


def test_two_days_off_together_can_take_more_people():
    """Worked by hand: 15 shifts, so three people on five days could do them if their days off were free.

    All three are needed on Monday, Wednesday and Friday. The only two days together without one of these are Saturday
    and Sunday, but two people are needed on Saturday.
    """
    assert int(heads_for_week([3, 2, 3, 2, 3, 2, 0], days_per_week_per_person=5)) == 4


# The data.


def changed_table(tmp_path, row=None, **cells):
    table = pd.read_csv(data_dir() / "assumptions" / "shifts.csv", dtype=str)
    for column, value in cells.items():
        table.loc[row, column] = value
    path = tmp_path / "shifts.csv"
    table.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"length_hours": "25"}, "shifts.csv row 2, column length_hours: '25'"),
        ({"length_hours": "nine"}, "shifts.csv row 2, column length_hours: 'nine'"),
        ({"paid_hours": "9.5"}, "shifts.csv row 2, column paid_hours: 9.5 must be the hours of work"),
        ({"paid_hours": "8.1"}, "shifts.csv row 2, column paid_hours: 8.1 must be quarters of an hour"),
        ({"break_hours": "0.7"}, "shifts.csv row 2, column break_hours: 0.7 must be 0, 0.25, 0.5 or whole hours"),
        ({"break_hours": "5"}, "shifts.csv row 2, column break_hours: 5 must be a time with work before and after it"),
        ({"break_starts_after_hours": "0"}, "column break_hours: 1 must be a time with work"),
        ({"break_hours": "0"}, "shifts.csv row 2, column break_hours: 0 must be a time with work"),
        ({"latest_start": "5"}, "shifts.csv row 2, column latest_start: 5 must be earliest_start or later"),
        ({"start_step_hours": "2"}, "shifts.csv row 2, column start_step_hours: 2 must be whole steps"),
        ({"region": "uk"}, "shifts.csv row 3, column pattern: 'full_day' is there twice"),
        ({"region": "all"}, "shifts.csv row 3, column pattern: 'full_day' is there twice"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, cells, told):
    with pytest.raises(InputError) as refused:
        read_patterns(changed_table(tmp_path, 0, **cells))
    assert told in str(refused.value)


# What is refused.


def test_an_hour_that_no_shift_reaches_is_named():
    required = np.zeros((2, 24))
    required[1, [3, 22]] = 2
    patterns = pd.DataFrame([pattern("day", 9, 8, 12, after=4, pause=1.0), pattern("half", 4, 9, 15, step=3)])
    for ask in (shift_cover, shift_hours_bound):
        with pytest.raises(InputError) as refused:
            ask(required, patterns)
        assert refused.value.mistakes == [
            f"required is 2 people at {hour}:00, an hour that no shift reaches; "
            "let a shift of shifts.csv start earlier or later"
            for hour in (3, 22)
        ]


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    days=st.integers(1, 7),
    rule=st.sampled_from(["same_day", "24h", "48h"]),
    hours=st.sampled_from([(8, 20), (9, 18), (7, 23), (0, 24)]),
)
@example(seed=21481, days=3, rule="same_day", hours=(0, 24))  # The solver gives shifts a hair below 0.
def test_shipping_shifts_are_never_late_and_take_the_fewest_people(seed, days, rule, hours):
    rng = np.random.default_rng(seed)
    is_open = np.zeros((7, 24))
    is_open[:days, slice(*hours)] = 1
    is_open = is_open.ravel()
    due = deadlines.due_hours(is_open, rule, cutoff_hour=hours[1] - 2, cyclic=True)
    work = rng.gamma(0.5, 10, (2, 168))
    patterns = read_patterns(region="cn")
    found = shipping_shifts(work, is_open, due, patterns, days_per_person=5)
    weeks = (due + 168 * np.arange(3)[:, None]).ravel()
    three = np.where(weeks < 504, np.tile(work, 3), 0), np.tile(is_open, 3)
    left = deadlines.backlog(*three, weeks, rate_per_hour=1, people=np.tile(found.on_shift, 3) * (1 + 1e-5))
    assert left.late_orders.max() <= 1e-4 * work.sum(axis=1).min()
    week, busiest = found.paid_hours.sum(axis=1), found.paid_hours.max(axis=1)
    np.testing.assert_allclose(found.people_hours, np.maximum(week, 5 * busiest), rtol=1e-6)
    # Nobody does with less than the work, or on the deciding day with less than the crew that is the same all day.
    assert (found.people_hours >= work.sum(axis=1) * (1 - 1e-5)).all()
    crew = deadlines.crew_required(work, is_open, due, rate_per_hour=1, cyclic=True).people
    assert (found.on_shift.max(axis=1) >= crew * (1 - 1e-5)).all()
    # Half-day shifts alone, end to end over the open hours of every open day, are one way to have that crew.
    shifts_a_day = -(-(hours[1] - hours[0]) // 4) * 4
    if hours[0] >= 6:
        assert (found.people_hours <= crew * shifts_a_day * max(days, 5) * (1 + 1e-3)).all()
