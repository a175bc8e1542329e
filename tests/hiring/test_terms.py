"""What a hire takes, who leaves, when a head beats temps, and how long cash lasts: laws and hand-worked cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.hiring.terms import lead_months, people_replaced, ramp_by_month, runway, temp_or_head
from ecteam.inputs.checks import InputError

MONTHS = pd.period_range("2027-01", periods=3, freq="M")


def test_lead_and_ramp_by_the_month():
    assert [lead_months(weeks) for weeks in (0, 4, 52 / 12, 4.4)] == [0, 1, 1, 2]
    # Over the whole ramp, what is lost is (1 - start)/2 of its weeks.
    for weeks, start in ((3, 0.2), (8, 0.35), (30, 0.5)):
        lost = sum(1 - share for share in ramp_by_month(weeks, start)) * 52 / 12
        assert lost == pytest.approx((1 - start) / 2 * weeks)
    assert ramp_by_month(0, 0.5) == ()
    for wrong in ((-1, 0.5), (4, 0), (4, 1.2), (np.inf, 0.5)):
        with pytest.raises(InputError):
            ramp_by_month(*wrong)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=24))
def test_leavers_are_replaced_as_whole_people_and_none_is_forgotten(leavers):
    found = people_replaced(leavers)
    assert (found == np.round(found)).all()
    left = np.cumsum(leavers) - np.cumsum(found)
    assert ((left > -1e-8) & (left < 1)).all()


@settings(max_examples=30)
@given(first=st.sampled_from([0.2, 0.7, 1.0]), price=st.floats(20, 120))
def test_at_the_break_even_a_head_costs_what_temps_cost(first, price):
    found = temp_or_head(
        temp_cost_per_hour=price, head_cost=5_000, hire_cost=900, hours_per_head=100, ramp=(first, 0.9)
    )
    for row in found.itertuples():
        work = np.array([first, 0.9, *[1.0] * 10])[: row.months] * 100
        assert (row.work_hours, row.head_cost) == pytest.approx((work.sum(), 900 + 5_000 * row.months))
        if np.isfinite(row.break_even_hours_per_month):
            assert price * np.minimum(row.break_even_hours_per_month, work).sum() == pytest.approx(row.head_cost)
        else:
            assert row.temp_cost_when_full < row.head_cost


@pytest.mark.parametrize(
    ("given", "empty_from"),
    [
        ({"cash": 199}, 1),
        ({"cash": 200}, 2),
        ({"cash": 300}, None),
        ({"cash": 0, "inflow_per_month": 100}, None),
        ({"cash": 0, "inflow_per_month": [100, 99, 100]}, 1),
    ],
)
def test_cash_runs_out_in_the_first_month_that_ends_below_nothing(given, empty_from):
    table = runway(pd.Series(100.0, index=MONTHS), **given)
    below = np.flatnonzero(table["cash_at_end"] < 0)
    assert (below[0] if len(below) else None) == empty_from


def test_without_cash_nothing_is_said_and_wrong_figures_are_refused():
    paid = pd.Series(100.0, index=MONTHS)
    assert runway(paid)["cash_at_end"].isna().all()
    assert runway(paid, inflow_per_month=30)["net"].tolist() == [-70] * 3
    for wrong in ({"cash": -1}, {"cash": np.nan}, {"cash": 5, "inflow_per_month": [1, 2]}, {"inflow_per_month": "x"}):
        with pytest.raises(InputError):
            runway(paid, **wrong)
    with pytest.raises(InputError, match="has 2 figures; it must be one, or one for each of 1 months"):
        runway(paid.iloc[:1], cash=5, inflow_per_month=[1, 2])
