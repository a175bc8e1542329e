"""Cost: one head reckoned by hand, and items that add up."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.pay import loaded_cost, payslip
from ecteam.pay.loaded_cost import (
    CASH_FREE_ITEMS,
    ROLE_ITEMS,
    SHOP_ITEMS,
    logistics_company,
    payroll_months,
    team_cost,
    warehouse_area,
)

RATES = {
    "gross_per_month": np.array([[[8_000.0]], [[6_000.0]], [[30_000.0]]]),
    "pay_months_per_year": 13.0,
    "hire_cost": 900.0,
    "equipment": 3_600.0,
    "equipment_life_months": 36.0,
    "seat_cost": 1_200.0,
    "welfare_cost": 300.0,
    "software_cost": 135.0,
    "temp_pay_per_hour": 23.0,
    "temp_agency_share": 0.1,
    "ramp_start_share": 0.35,
    "ramp_weeks": 8.0,
    "training_months_per_hire": 0.1,
    "leavers_per_year": 0.4,
    "severance_owed_share": 0.15,
    "overhead_share": 0.1,
    "bought_price_per_hour": 50.0,
}
OWNER = np.array([False, False, True])
SEATED = np.array([True, False, True])
MONTHS = pd.period_range("2026-08", periods=2, freq="M").to_timestamp().to_numpy().astype("datetime64[M]")


def items(heads, hires=None, temp_hours=None, place="cn/hangzhou", employed=None, bought=None, **rates):
    """The cost items of full-time heads, unless their full-time equivalents are said."""
    heads = np.asarray(heads, dtype=float)
    hires = np.zeros_like(heads) if hires is None else np.asarray(hires, dtype=float)
    temp_hours = np.zeros_like(heads) if temp_hours is None else np.asarray(temp_hours, dtype=float)
    employed = heads if employed is None else np.asarray(employed, dtype=float)
    bought = np.zeros_like(heads) if bought is None else np.asarray(bought, dtype=float)
    return team_cost(
        heads, employed, hires, temp_hours, bought, OWNER, SEATED, place=place, on=MONTHS, rates=RATES | rates
    )


def test_one_head_by_hand():
    # Two people at 8,000: the month's items, one by one.
    found = items([[[2, 2]], [[0, 0]], [[0, 0]]], hires=[[[1.5, 0]], [[0, 0]], [[0, 0]]])
    # A thirteenth month is pay of the year whose twelfth is the base.
    burden = 2 * float(payslip.employer_extra(8_000 * 13 / 12, "cn/hangzhou", "2026-08"))
    assert burden > 2_000, "five insurances and the fund"
    by_hand = {
        "pay": 16_000,
        "year_end_pay": 16_000 / 12,  # the thirteenth month, a twelfth each month
        "contributions": burden,
        "recruiting": 1.5 * 900,
        # 65 % of a newcomer's speed is missing at the start, half of it on average over 8 weeks; a trainer's tenth.
        "learning": 1.5 * (8_000 * 13 / 12 + burden / 2) * (0.65 / 2 * 8 * 12 / 52 + 0.1),
        "equipment": 2 * 3_600 / 36,
        "seat": 2_400,
        "welfare": 600,
        "software": 270,
        "temps": 0,
        "bought_hours": 0,
        # A stay counts in half years upwards: 0.5 / (1 - e^(-0.4/2)) = 2.758 years on average, a month's pay each.
        "severance_reserve": 2 * 0.4 / 12 * 0.15 * 0.5 / (1 - math.exp(-0.2)) * 8_000 * 13 / 12,
        "overhead": 0.1 * (16_000 + 16_000 / 12 + burden),
        "owner_time": 0,
    }
    assert {item: float(found[item][0, 0, 0]) for item in ROLE_ITEMS} == pytest.approx(by_hand)
    assert found["recruiting"][0, 0, 1] == 0
    assert all(found[item][1:].sum() == 0 for item in ROLE_ITEMS)


def test_contributions_follow_the_pack_at_each_pay():
    found = items([[[1, 1]], [[1, 1]], [[0, 0]]])["contributions"]
    for row, gross in enumerate((8_000, 6_000)):
        base = gross * 13 / 12
        assert found[row, 0, 0] == pytest.approx(float(payslip.employer_extra(base, "cn/hangzhou", "2026-08")))
    # United Kingdom, tax year 2026/27: 15 % above 417 a month, and 3 % of qualifying earnings above 520.
    british = items([[[1, 1]], [[0, 0]], [[0, 0]]], place="uk", gross_per_month=np.full((3, 1, 1), 2_400.0))
    expected = float(payslip.employer_extra(2_600, "uk", "2026-08"))
    assert british["contributions"][0, 0, 0] == pytest.approx(expected)
    assert expected == pytest.approx(0.15 * (2_600 - 417) + 0.03 * (2_600 - 520), abs=15)


def test_a_part_time_person_costs_pay_by_the_hours_and_a_seat_as_a_person():
    whole = items([[[1, 1]], [[0, 0]], [[0, 0]]], hires=[[[1, 0]], [[0, 0]], [[0, 0]]])
    half = items(
        [[[1, 1]], [[0, 0]], [[0, 0]]],
        hires=[[[1, 0]], [[0, 0]], [[0, 0]]],
        employed=[[[0.5, 0.5]], [[0, 0]], [[0, 0]]],
    )
    by_hours = ("pay", "year_end_pay", "contributions", "severance_reserve", "overhead", "learning")
    for item, amounts in half.items():
        assert amounts == pytest.approx(whole[item] * (0.5 if item in by_hours else 1)), item


def test_bought_hours_by_hand():
    bought = items(np.zeros((3, 1, 2)), bought=[[[10, 0]], [[0, 4]], [[0, 0]]])["bought_hours"]
    assert bought.tolist() == [[[500, 0]], [[0, 200]], [[0, 0]]]


def test_the_owner_is_valued_and_not_paid():
    found = items([[[0, 0]], [[0, 0]], [[1, 1]]], hires=[[[0, 0]], [[0, 0]], [[1, 0]]])
    assert found["owner_time"][2, 0].tolist() == [30_000, 30_000]
    unpaid = ("pay", "year_end_pay", "contributions", "recruiting", "learning", "severance_reserve", "welfare")
    for item in (*unpaid, "overhead", "temps"):
        assert found[item].sum() == 0
    assert found["seat"][2, 0, 0] == 1_200, "an owner sits somewhere"
    assert CASH_FREE_ITEMS == ("owner_time",)
    assert set(CASH_FREE_ITEMS) < set(ROLE_ITEMS)
    assert not set(ROLE_ITEMS) & set(SHOP_ITEMS)


def test_temps_by_hand():
    found = items(np.zeros((3, 1, 2)), temp_hours=[[[100, 0]], [[0, 0]], [[0, 0]]])
    assert found["temps"][0, 0, 0] == pytest.approx(100 * 23 * 1.1)
    assert sum(amounts.sum() for amounts in found.values()) == pytest.approx(2_530)


@settings(max_examples=30, derandomize=True)
@given(
    heads=st.lists(st.integers(0, 50), min_size=3, max_size=3),
    more=st.integers(1, 20),
    hires=st.floats(0, 10),
    temps=st.floats(0, 1e4),
)
def test_cost_is_linear_in_heads_hires_and_temps(heads, more, hires, temps):
    def total(people, starts, hours) -> np.ndarray:
        shape = np.ones((1, 2))
        found = items(*(np.array(each, dtype=float)[:, None, None] * shape for each in (people, starts, hours)))
        assert list(found) == list(ROLE_ITEMS)
        assert all(amounts.shape == (3, 1, 2) for amounts in found.values())
        assert all((amounts >= 0).all() for amounts in found.values())
        return sum(found.values())

    base = total(heads, [hires] * 3, [temps] * 3)
    parts = total(heads, [0] * 3, [0] * 3) + total([0] * 3, [hires] * 3, [0] * 3) + total([0] * 3, [0] * 3, [temps] * 3)
    np.testing.assert_allclose(base, parts, rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(
        total([more * h for h in heads], [0] * 3, [0] * 3), more * total(heads, [0] * 3, [0] * 3)
    )


def test_an_axis_of_draws_may_stand_between():
    heads = np.array([[[1, 2]], [[3, 4]], [[1, 1]]], dtype=float)
    one = items(heads)
    many = items(np.repeat(heads, 3, axis=1), seat_cost=np.array([[1_200.0], [600.0], [0.0]]))
    np.testing.assert_array_equal(many["pay"][:, 1], one["pay"][:, 0])
    np.testing.assert_array_equal(many["contributions"][:, 2], one["contributions"][:, 0])
    np.testing.assert_array_equal(many["seat"][:, 1], one["seat"][:, 0] / 2)


def test_a_logistics_company_by_hand():
    # 1,000 orders of 1.5 lines: 3.00 for the first line, 0.80 for each further one; 40 come back at 2.50 each.
    assert logistics_company(1000, 1.5, 3.0, 0.8, 0.04, 2.5, 0, 0, 0) == pytest.approx(1000 * 3 + 500 * 0.8 + 40 * 2.5)
    assert logistics_company(np.array([0.0, 10.0]), 1.0, 3.0, 0.8, 0, 0, 0, 0, 0).tolist() == [0, 30]
    # 3,650 orders in a month of 365 / 12 days are 120 a day: 96 square metres at 25, and a fifth on top for storing.
    stored = logistics_company(3650, 1.0, 0.0, 0.0, 0, 0, 1.2, 25, 0.8)
    assert stored == pytest.approx(120 * 0.8 * 25 * 1.2)
    assert warehouse_area(np.array([0.0, 3650.0]), 50, 0.8).tolist() == pytest.approx([50, 96])


def test_an_outside_desk_fills_whole_seats():
    assert loaded_cost.outside_desk(np.array([0.0, 1.0, 165.0, 165.1]), 165, 10).tolist() == [0, 10, 10, 20]


def test_a_newcomer_at_full_speed_loses_nothing():
    assert loaded_cost.months_lost_to_learning(1.0, 20) == 0
    assert loaded_cost.months_lost_to_learning(0.0, 52) == 6, "from nothing to all in a year: half of it"


def test_months_after_the_last_known_figures_are_said_and_before_the_first_refused():
    first, last = payslip.known_range("cn/hangzhou")
    known = pd.period_range(first, periods=3, freq="M")
    months, note = payroll_months(known, "cn/hangzhou")
    assert note is None
    assert months.astype(str).tolist() == known.astype(str).tolist()
    after = pd.period_range(pd.Period(last, "M"), periods=3, freq="M")
    months, note = payroll_months(after, "cn/hangzhou")
    assert months.astype(str).tolist() == [f"{last:%Y-%m}"] * 3
    assert str(note) == (
        f"Contributions after {last:%Y-%m} use the figures of {last:%Y-%m}, the latest known (Hangzhou)."
    )
    before = pd.Period(first, "M") - 1
    with pytest.raises(InputError, match=f"start_month is {before}; the payroll figures of cn/hangzhou begin in"):
        payroll_months(pd.period_range(before, periods=3, freq="M"), "cn/hangzhou")


def test_pay_below_the_minimum_wage_is_named_with_both_figures_and_the_month():
    on = np.array(["2026-03", "2026-04", "2026-05"], dtype="datetime64[M]")
    # 12.21 and from April 12.71 an hour at 162.5 hours a month: 1,984 and 2,065.
    found = loaded_cost.below_minimum_wage({"picker": 2_000, "packer": 2_066, "buyer": 1_000}, "uk", on)
    assert [str(note) for note in found] == [
        "pay_picker comes to 2,000 GBP a month, "
        "below the minimum wage (United Kingdom), 2,065 GBP a month from 2026-04.",
        "pay_buyer comes to 1,000 GBP a month, "
        "below the minimum wage (United Kingdom), 1,984 GBP a month from 2026-03.",
    ]
    assert loaded_cost.below_minimum_wage({}, "uk", on) == []
