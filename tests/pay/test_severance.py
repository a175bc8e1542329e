"""The severance reserve against simulated stays, each paid off by the payslip's own rule, and against sums by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.pay import payslip
from ecteam.pay.severance import severance_reserve

AUGUST = np.datetime64("2026-08")


def reserve(pay, leavers, place="cn/hangzhou", owed=1.0, on=AUGUST):
    return severance_reserve(pay, leavers, owed, place, on)


@pytest.mark.parametrize("place", ["cn/hangzhou", "uk", "de", "us"])
@pytest.mark.parametrize("leavers", [0.15, 0.7])
def test_it_is_the_mean_of_what_simulated_leavers_are_paid(place, leavers):
    # 500 stays at the middles of 500 equal parts of the exponential: no luck, and exact but for the parts' width.
    stays = -np.log(1 - (np.arange(500) + 0.5) / 500) / leavers
    paid = [
        float(payslip.severance(6_000, place, AUGUST.astype("datetime64[D]").item(), t).compensation) for t in stays
    ]
    assert float(reserve(6_000, leavers, place)) == pytest.approx(leavers / 12 * np.mean(paid), rel=0.01)


def test_china_counts_half_years_upwards_and_caps_high_pay_at_twelve_years():
    # 0.4 leavers a year, one month's pay for each year: 0.5 / (1 - e^-0.2) = 2.758 years on average.
    assert float(reserve(8_000, 0.4)) == pytest.approx(0.4 / 12 * 8_000 * 0.5 / (1 - math.exp(-0.2)))
    pack = payslip.load_pack("cn/hangzhou")
    cap = 3 * float(pack.value("average_wage", AUGUST.astype("datetime64[D]").item()))
    by_hand = 0.4 / 12 * cap * 0.5 * (1 - math.exp(-0.4 * 12)) / (1 - math.exp(-0.2))
    assert float(reserve(cap + 1, 0.4)) == pytest.approx(by_hand)
    assert float(reserve(10 * cap, 0.4)) == pytest.approx(by_hand)


def test_the_united_kingdom_pays_nothing_before_two_years():
    # A week's pay for each whole year, from two: 2 e^-0.6 + e^-0.9 + ... + e^-6 years on average at 0.3 a year.
    years = 2 * math.exp(-0.6) + sum(math.exp(-0.3 * k) for k in range(3, 21))
    week = float(payslip.load_pack("uk").value("redundancy_months_per_year", AUGUST.astype("datetime64[D]").item()))
    assert float(reserve(2_400, 0.3, "uk")) == pytest.approx(0.3 / 12 * week * years * 2_400)


@settings(max_examples=60, derandomize=True)
@given(pay=st.floats(0, 1e5), leavers=st.floats(0.01, 3), owed=st.floats(0, 1), more=st.floats(1, 2))
def test_more_pay_or_more_who_are_owed_never_reserve_less(pay, leavers, owed, more):
    found = float(reserve(pay, leavers, owed=owed))
    assert found >= 0
    assert float(reserve(pay, leavers, owed=min(owed * more, 1))) >= found - 1e-9
    # Above the cap fewer years count, so that only pay on one side of it can be compared.
    if pay * more <= 20_000:
        assert float(reserve(pay * more, leavers, owed=owed)) >= found - 1e-9
    # One month's pay for a year of service: never more than half a year above what the stay itself is.
    assert found <= owed * pay / 12 * (1 + leavers / 2) + 1e-9


def test_arguments_broadcast_over_roles_draws_and_months():
    months = np.array(["2026-08", "2026-09", "2026-08"], dtype="datetime64[M]")
    found = reserve(np.array([[[5_000.0]], [[90_000.0]]]), np.array([[[0.3], [0.6]]]), on=months)
    assert found.shape == (2, 2, 3)
    assert found[1, 0, 2] == float(reserve(90_000, 0.3))
    assert float(reserve(5_000, 0.0)) == 0, "nobody leaves"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"pay": -1}, "gross_per_month is -1; it must be 0 or more a month"),
        ({"leavers": -0.1}, "leavers_per_year is -0.1; it must be 0 or more leavers per head and year"),
        ({"owed": 1.5}, "owed_share is 1.5; it must be a share of leavers, 0 to 1"),
        ({"place": "cn/hangzou"}, "did you mean 'cn/hangzhou'"),
        ({"on": np.datetime64("2020-01")}, "on is 2020-01; the figures of cn/hangzhou are known from"),
    ],
)
def test_impossible_figures_are_refused(wrong, told):
    with pytest.raises(InputError) as error:
        reserve(**{"pay": 6_000, "leavers": 0.3} | wrong)
    assert told in str(error.value)
