"""Make or buy: break-evens by hand and by law, whole seats, events, first hires, and what is said of wrong input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecteam.analysis.options import (
    Standardiser,
    answer,
    cost_per_month,
    outsourced_desk,
    pairs,
    peak_cost,
    stays_cheaper_from,
)


def hundredths(most):
    return st.integers(0, most).map(lambda n: n / 100)


PEAK = {
    "pay_per_hour": 40,
    "temp_pay_per_hour": 20,
    "temp_agency_share": 0.1,
    "temp_productivity": 0.5,
    "overtime_factor": 2,
    "overtime_hours_most": 130,
    "hours_per_head": 130,
    "head_cost_per_month": 7000,
    "hire_cost": 900,
    "months_kept": 3,
    "late_cost_per_order": 8,
}
FIRST = Standardiser(
    hours_fixed=5, hours_per_head_on_board=1, friction_hours_per_pair=0.1, removed_share=0.2, value_per_hour=100
)


def test_the_make_or_buy_rule_of_the_founding_papers():
    # In-house pays when the volume is above F / (p - v): 30,000 / (3 - 1).
    volumes = np.array([1.0, 10_000, 20_000])
    assert stays_cheaper_from(volumes, 3 * volumes, 30_000 + volumes).item() == pytest.approx(15_000)


@given(st.floats(0, 1e4), st.floats(0, 50), st.floats(0, 1e4), st.floats(0, 50))
def test_straight_lines_cross_where_both_cost_the_same(fixed_a, per_a, fixed_b, per_b):
    volumes = np.geomspace(1, 1e4, 30)
    cost_a, cost_b = fixed_a + per_a * volumes, fixed_b + per_b * volumes
    at = stays_cheaper_from(volumes, cost_a, cost_b).item()
    if volumes[0] < at < np.inf:
        assert fixed_a + per_a * at == pytest.approx(fixed_b + per_b * at, rel=1e-6)
    assert (cost_b[volumes > at * (1 + 1e-9)] <= cost_a[volumes > at * (1 + 1e-9)] * (1 + 1e-12)).all()
    if at == np.inf:
        assert cost_b[-1] >= cost_a[-1]


def test_the_last_crossing_of_a_staircase_counts():
    volumes = np.array([10.0, 20, 30, 40, 50])
    bought, own = volumes, np.array([5.0, 25, 25, 41, 42])
    assert stays_cheaper_from(volumes, bought, own).item() == pytest.approx(40 + 10 / 9)
    early = np.array([5.0, 25, 25, 10, 49])
    assert stays_cheaper_from(volumes, bought, early).item() == pytest.approx(20 + 10 / 2)
    assert stays_cheaper_from(volumes, bought, own - 100).item() == 10
    assert np.isinf(stays_cheaper_from(volumes, bought, own + 100).item())
    both = stays_cheaper_from(volumes, bought, np.stack([own, own + 100]))
    assert both.shape == (2,)


def test_cost_over_the_years_spreads_what_is_paid_once():
    assert cost_per_month(36_000, 500, 2, 1000, years=[1, 3]).tolist() == [5500, 3500]


def test_seats_are_whole_and_a_silent_desk_costs_nothing():
    prices = {
        "seat_cost": 7000, "seat_hours": 176, "shared_cost": 2500, "shared_chats": 800, "chat_price": 1.5,
        "lead_cost_per_chat": 0.2,
    }  # fmt: skip
    silent = outsourced_desk([0], [0], **prices)
    assert set(silent.values()) == {0}
    full = outsourced_desk([800], [176], **prices)
    over = outsourced_desk([801], [177], **prices)
    assert over["outsourced_seats"] - full["outsourced_seats"] == pytest.approx(7000.2)
    assert over["shared_seats"] - full["shared_seats"] == pytest.approx(2500.2)


class TestPeak:
    def test_each_way_by_hand(self):
        found = peak_cost(260, 3000, **PEAK)
        assert found["leave_it_late"] == 24_000
        assert found["temps"] == pytest.approx(260 / 0.5 * 20 * 1.1)
        assert found["overtime"] == pytest.approx(130 * 2 * 40 + 130 / 0.5 * 20 * 1.1)
        assert found["hires"] == 2 * (900 + 3 * 7000)

    def test_no_extra_work_costs_nothing(self):
        assert set(peak_cost(0, 0, **PEAK).values()) == {0}

    @given(st.floats(0, 1e4), st.floats(0, 1e4))
    def test_more_work_never_costs_less(self, less, more):
        less, more = sorted((less, more))
        small, large = peak_cost(less, 10, **PEAK), peak_cost(more, 10, **PEAK)
        for name in ("temps", "overtime", "hires"):
            assert large[name] >= small[name] - 1e-9


class TestFirstHires:
    @pytest.mark.parametrize(("n", "expected"), [(0, 0), (1, 0), (5, 10), (10, 45), (20, 190), (50, 1225)])
    def test_pairs_are_those_of_the_founding_papers(self, n, expected):
        assert pairs(n).item() == expected

    @given(
        cost=st.floats(1, 1e5),
        fixed=st.floats(0, 100),
        per_head=hundredths(500),
        pair=hundredths(100),
        share=hundredths(100),
    )
    def test_at_the_break_even_the_value_is_the_cost(self, cost, fixed, per_head, pair, share):
        terms = Standardiser(fixed, per_head, pair, share, 100)
        at = terms.break_even(cost).item()
        if at == 1:
            assert terms.value(1).item() >= cost * (1 - 1e-9)
        elif np.isfinite(at):
            assert terms.value(at).item() == pytest.approx(cost, rel=1e-6)
        else:
            assert terms.value(1e6).item() < cost or per_head + pair * share < 1e-9

    def test_one_head_saves_no_more_than_it_works(self):
        one_head = FIRST._replace(hours_most=130)
        assert one_head.value(1000).item() == 13_000
        assert one_head.break_even(12_999) < np.inf
        assert one_head.break_even(13_001) == np.inf

    @given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
    def test_the_answer_is_sure_only_where_the_low_end_pays(self, low, further, more):
        typical, high = low + further, low + further + more
        expected = "hire" if low > 0 else "part_time" if typical > 0 else "measure_first" if high > 0 else "not_yet"
        assert answer(low, typical, high) == expected
