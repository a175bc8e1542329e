"""Workload: each way to write a rate down gives the hours that a person reckoning by hand gets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.tables import BASES
from ecteam.staffing.workload import driver_amounts, duty_hours, minutes_per_unit

DAY, MONTH = 8, 132  # paid hours a day, hours a full-time person works on tasks in an average month


@pytest.mark.parametrize(
    ("basis", "rate", "minutes"),
    [
        ("minutes_per_unit", 2.5, 2.5),
        ("hours_per_unit", 1.5, 90),
        ("days_per_unit", 2.5, 2.5 * 8 * 60),  # a shop front takes two and a half days
        ("units_per_hour", 80, 0.75),  # 80 lines an hour
        ("units_per_day", 15, 32),  # 15 listings in 480 minutes
        ("units_per_fte", 5, 132 / 5 * 60),  # five ad accounts fill a person's month
        ("units_per_fte_year", 11_000, 132 * 12 / 11_000 * 60),  # 11,000 invoices fill a person's year
    ],
)
def test_minutes_per_unit_by_hand(basis, rate, minutes):
    given_hours = {"hours_per_day": DAY, "productive_hours_per_month": MONTH}
    assert minutes_per_unit(basis, rate, **given_hours) == pytest.approx(minutes, rel=1e-14)
    arrays = minutes_per_unit(basis, np.array([[rate], [2 * rate]]), **given_hours)
    assert arrays[0, 0] == pytest.approx(minutes, rel=1e-14)
    assert arrays[1, 0] == pytest.approx(minutes * (0.5 if basis.startswith("units_per") else 2), rel=1e-14)


def test_every_basis_of_the_tables_is_known():
    for basis in BASES:
        assert minutes_per_unit(basis, 1.0, hours_per_day=DAY, productive_hours_per_month=MONTH) > 0
    with pytest.raises(ValueError, match="basis is 'per_moon'; it must be one of minutes_per_unit"):
        minutes_per_unit("per_moon", 1.0, hours_per_day=DAY, productive_hours_per_month=MONTH)


def test_drivers_follow_one_after_the_other():
    formulas = [
        ("orders", None),
        ("lines", lambda v: v["orders"] * v["lines_per_order"]),
        ("checked", lambda v: v["lines"] * 0.1),
    ]
    given_values = {"orders": np.array([[100.0, 200.0]]), "lines_per_order": np.array([[1.0], [2.0]])}
    amounts = driver_amounts(formulas, given_values)
    assert list(amounts) == ["orders", "lines", "checked"]
    assert amounts["lines"].tolist() == [[100, 200], [200, 400]]
    assert amounts["checked"].tolist() == [[10, 20], [20, 40]]
    assert list(given_values) == ["orders", "lines_per_order"], "what is given is left alone"


def test_a_formula_outranks_a_given_value_of_the_same_name():
    formulas = [("suppliers", lambda v: v["suppliers"] + 1)]
    assert driver_amounts(formulas, {"suppliers": 4})["suppliers"] == 5


@settings(max_examples=50, derandomize=True)
@given(amount=st.floats(0, 1e9), minutes=st.floats(0, 1e6), parts=st.integers(1, 9))
def test_hours_are_conserved_when_work_is_cut_in_parts(amount, minutes, parts):
    whole = duty_hours(amount, minutes)
    assert sum(duty_hours(amount / parts, minutes) for _ in range(parts)) == pytest.approx(whole, rel=1e-12)
    assert duty_hours(np.full(3, amount), minutes) == pytest.approx(np.full(3, whole))
