"""Demand: the fit finds a known truth again, the forecast is the product of its factors, and the backtest is honest."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.history import History, load_history
from ecteam.staffing.forecast import (
    Profile,
    assumed_profile,
    backtest,
    daily_orders,
    event_days,
    fit_profile,
    sizing_days,
)

WEEKDAY = np.array([1.25, 1.1, 1.05, 1.0, 0.95, 0.85, 0.8])
MONTH = np.array([0.8, 0.75, 0.9, 0.95, 1.0, 1.05, 0.95, 0.9, 1.0, 1.1, 1.35, 1.25])
HOUR = np.r_[np.zeros(8), np.full(12, 1 / 12), np.zeros(4)]
LIFTS = {"event_a": 3.0, "event_b": 0.5}
CALENDAR = pd.DataFrame(
    [("a", "cn", "event_a", "06-16", 5), ("b", "cn", "event_b", "2025-02-01", 6), ("c", "uk", "event_c", "06-16", 5)],
    columns=["event", "region", "lift", "starts", "days"],
)


def synthetic(
    *, level: float = 400, noise: float = 0.1, years: int = 2, closed: tuple[int, ...] = (), seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Days, hours and event days of a shop whose truth is known: level x month x weekday x lift x log-normal noise."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2024-01-01", periods=365 * years + 1)
    weekday = np.where(np.isin(np.arange(7), closed), 0.0, WEEKDAY)
    lift_days = event_days(dates, CALENDAR, "cn")
    mean = level * (MONTH / MONTH.mean())[dates.month - 1] * (weekday / weekday.mean())[dates.day_of_week]
    mean = mean * lift_days["lift"].map({"": 1.0, **LIFTS}).to_numpy()
    orders = rng.poisson(mean * np.exp(rng.normal(-(noise**2) / 2, noise, len(dates)))).astype(float)
    daily = pd.DataFrame({"date": dates, "orders": orders, "use": mean > 0, "closed": mean == 0})
    hours = np.flatnonzero(HOUR)
    hourly = pd.DataFrame(
        {
            "hour_start": np.repeat(dates, len(hours)) + pd.to_timedelta(np.tile(hours, len(dates)), unit="h"),
            "orders": np.repeat(orders / len(hours), len(hours)),
        }
    )
    return daily, hourly, lift_days


def fitted(assumed: dict[str, float] | None = None, **truth) -> Profile:
    daily, hourly, lift_days = synthetic(**truth)
    return fit_profile(daily, hourly, lift_days, assumed or {"event_a": 2.0, "event_b": 1.0}, source="synthetic")


# The fit. Tolerances: 700 days with noise of 10 % leave about 1 % on a weekday (100 days each) and 1.5 % on a month
# (60 days each); the ridge of 4 days towards 1 adds up to 4/100 and 4/60 of an effect's distance from 1.


@pytest.mark.parametrize("seed", range(4))
def test_level_weekday_and_month_are_found_again(seed):
    profile = fitted(seed=seed)
    assert profile.level == pytest.approx(400, rel=0.02)
    np.testing.assert_allclose(profile.weekday, WEEKDAY / WEEKDAY.mean(), rtol=0.03)
    np.testing.assert_allclose(profile.month, MONTH / MONTH.mean(), rtol=0.06)
    np.testing.assert_allclose(profile.hour, HOUR, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_event_lifts_are_found_again(seed):
    # The assumed lifts are true: ten and six days with noise of 10 % leave 3 and 4 % each.
    right = fitted(assumed=LIFTS, seed=seed)
    assert right.lifts["event_a"] == pytest.approx(3.0, rel=0.08)
    assert right.lifts["event_b"] == pytest.approx(0.5, rel=0.08)
    # They are wrong: the ridge of 4 days and the Huber weights leave part of the way, and never go past the truth.
    drawn = fitted(assumed={"event_a": 2.0, "event_b": 1.0}, seed=seed)
    assert 2.5 < drawn.lifts["event_a"] < 3.0
    assert 0.5 < drawn.lifts["event_b"] < 0.85


def test_a_strong_event_is_learnt_from_fifteen_days():
    # A ridge of 4 days alone would go 15/19 of the way from 2 to 6: to 4.8.
    rng = np.random.default_rng(1)
    dates = pd.date_range("2023-01-01", periods=3 * 365)
    lift_days = event_days(dates, CALENDAR, "cn")
    lift_days["lift"] = lift_days["lift"].where(lift_days["lift"] == "event_a", "")
    orders = rng.poisson(400 * np.where(lift_days["lift"] == "event_a", 6.0, 1.0)).astype(float)
    daily = pd.DataFrame({"date": dates, "orders": orders, "use": True})
    hourly = pd.DataFrame({"hour_start": dates, "orders": orders})
    profile = fit_profile(daily, hourly, lift_days, {"event_a": 2.0}, source="")
    assert profile.lifts["event_a"] > 4


def test_an_event_that_the_history_has_not_seen_is_left_to_the_assumptions():
    profile = fitted(assumed={"event_a": 2.0, "event_b": 1.0, "event_z": 7.0})
    assert "event_z" not in profile.lifts


def test_without_noise_the_fit_is_nearly_exact():
    profile = fitted(level=40_000, noise=0.001)
    # The ridge draws months and weekdays some 5 % of the way to 1, and with them what is called an ordinary day.
    assert profile.level == pytest.approx(40_000, rel=0.015)
    np.testing.assert_allclose(profile.weekday, WEEKDAY / WEEKDAY.mean(), rtol=0.02)
    assert profile.variation < 0.03


def test_means_are_1_and_hours_sum_to_1():
    profile = fitted(closed=(5, 6))
    assert profile.weekday.mean() == pytest.approx(1, abs=1e-12)
    assert profile.month.mean() == pytest.approx(1, abs=1e-12)
    assert profile.hour.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("closed", [(6,), (5, 6), (0, 2, 4)])
def test_closed_weekdays_get_no_orders(closed):
    profile = fitted(closed=closed)
    assert (profile.weekday[list(closed)] == 0).all()
    open_days = np.setdiff1d(np.arange(7), closed)
    weekday = np.where(np.isin(np.arange(7), closed), 0, WEEKDAY)
    np.testing.assert_allclose(profile.weekday[open_days], (weekday / weekday.mean())[open_days], rtol=0.04)


def test_days_out_of_use_do_not_count():
    daily, hourly, lift_days = synthetic()
    gone = daily.assign(
        use=~daily["date"].between("2025-07-01", "2025-07-20"),
        orders=daily["orders"].where(~daily["date"].between("2025-07-01", "2025-07-20"), 0),
    )
    profile = fit_profile(gone, hourly, lift_days, LIFTS, source="")
    assert profile.month[6] == pytest.approx((MONTH / MONTH.mean())[6], rel=0.06)


def test_a_few_wild_days_move_the_fit_little():
    daily, hourly, lift_days = synthetic()
    calm = fit_profile(daily, hourly, lift_days, LIFTS, source="")
    wild = daily.copy()
    strange = np.random.default_rng(5).choice(len(daily), 14, replace=False)
    wild.loc[strange[:7], "orders"] *= 15
    wild.loc[strange[7:], "orders"] = 0.0
    found = fit_profile(wild, hourly, lift_days, LIFTS, source="")
    np.testing.assert_allclose(found.weekday, calm.weekday, rtol=0.04)
    np.testing.assert_allclose(found.month, calm.month, rtol=0.06)
    # The level is a mean of what was counted: 7 days of 15 times a day add 7 x 14 / 731 = 13 %.
    assert found.level / calm.level == pytest.approx(1 + (7 * 14 - 7) / 731, abs=0.05)


def test_the_fit_agrees_with_the_counted_orders():
    daily, hourly, lift_days = synthetic(seed=9)
    profile = fit_profile(daily, hourly, lift_days, LIFTS, source="")
    dates = pd.DatetimeIndex(daily["date"])
    lift = lift_days["lift"].map({"": 1.0, **profile.lifts}).to_numpy()
    expected = profile.level * profile.month[dates.month - 1] * profile.weekday[dates.day_of_week] * lift
    assert expected.sum() == pytest.approx(daily["orders"].sum(), rel=1e-9)


def test_the_busy_day_of_a_history_is_a_quantile_of_its_own_days():
    profile = fitted(noise=0.2)
    for quantile in (0.5, 0.8, 0.95):
        share = (profile.spread <= profile.busy_day_factor(quantile)).mean()
        assert share == pytest.approx(quantile, abs=0.005)
    # Log-normal noise of 0.2 and the counting noise of some 400 orders: sqrt(0.2^2 + 1/400) = 0.206.
    assert profile.variation == pytest.approx(0.206, abs=0.02)


def test_the_busy_day_of_an_assumed_spread_is_log_normal():
    flat = Profile(1.0, np.ones(12), np.ones(7), np.full(24, 1 / 24), {}, 0.25, np.empty(0), "")
    days = np.random.default_rng(2).lognormal(-np.log1p(0.25**2) / 2, np.sqrt(np.log1p(0.25**2)), 400_000)
    assert days.mean() == pytest.approx(1, abs=0.002)
    assert days.std() / days.mean() == pytest.approx(0.25, abs=0.002)
    for quantile in (0.5, 0.8, 0.99):
        assert float(flat.busy_day_factor(quantile)) == pytest.approx(np.quantile(days, quantile), rel=0.005)
    steady = Profile(1.0, np.ones(12), np.ones(7), np.full(24, 1 / 24), {}, 0.0, np.empty(0), "")
    assert float(steady.busy_day_factor(0.99)) == 1


# Events


def test_event_days_fall_on_their_dates_in_their_region():
    dates = pd.date_range("2024-06-01", "2026-12-31")
    days = event_days(dates, CALENDAR, "cn").set_index("date")["lift"]
    assert days[days == "event_a"].index.strftime("%Y-%m-%d").tolist() == [
        f"{year}-06-{day}" for year in (2024, 2025, 2026) for day in range(16, 21)
    ]
    assert days[days == "event_b"].index.strftime("%Y-%m-%d").tolist() == [f"2025-02-0{day}" for day in range(1, 7)]
    assert "event_c" not in set(days)
    assert set(event_days(dates, CALENDAR, "uk")["lift"]) == {"", "event_c"}


def test_an_event_passes_the_end_of_the_year_and_the_last_of_two_wins():
    calendar = pd.DataFrame(
        [("x", "cn", "long", "12-28", 10), ("y", "cn", "peak", "01-02", 1)],
        columns=["event", "region", "lift", "starts", "days"],
    )
    days = event_days(pd.date_range("2026-01-01", "2026-01-08"), calendar, "cn")["lift"].tolist()
    assert days == ["long", "peak", "long", "long", "long", "long", "", ""]


def test_the_peak_days_of_the_house_stand_out_of_their_periods():
    calendar = load_assumptions().calendar
    days = event_days(pd.date_range("2027-01-01", "2027-12-31"), calendar, "cn").set_index("date")["lift"]
    assert days["2027-11-11"] == "event_1111"
    assert days["2027-11-10"] == "event_1111_period"
    assert days["2027-06-18"] == "event_618"
    # Spring Festival: first day of the first lunar month, 6 February 2027.
    assert days["2027-02-06"] == "event_spring_festival"
    assert (event_days(pd.date_range("2027-01-01", "2027-12-31"), calendar, "uk")["lift"] == "").all()


# The forecast


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    level=st.floats(0, 1e6),
    growth=st.floats(-0.5, 1),
    strength=st.floats(0, 3),
    lift=st.floats(0, 10),
    weekday=st.integers(0, 6),
    calendar_month=st.integers(1, 12),
    month=st.integers(0, 35),
    closed=st.booleans(),
)
def test_a_day_is_the_product_of_its_factors(level, growth, strength, lift, weekday, calendar_month, month, closed):
    profile = Profile(1.0, MONTH / MONTH.mean(), WEEKDAY / WEEKDAY.mean(), HOUR, {}, 0.2, np.empty(0), "")
    ordinary, orders = daily_orders(
        profile,
        np.array([calendar_month]),
        np.array([month]),
        np.array([weekday]),
        np.array([closed]),
        np.array([[lift]]),
        orders_per_day=level,
        growth_per_month_share=growth,
        event_strength=strength,
    )
    season = MONTH[calendar_month - 1] / MONTH.mean() * WEEKDAY[weekday] / WEEKDAY.mean()
    expected = 0.0 if closed else level * (1 + growth) ** month * season
    assert ordinary == pytest.approx([expected], rel=1e-12)
    assert orders[0] == pytest.approx([expected * max(1 + strength * (lift - 1), 0)], rel=1e-12)


def forecast(**changes):
    dates = pd.date_range("2027-01-01", "2027-12-31")
    flat = Profile(1.0, np.ones(12), np.ones(7), np.full(24, 1 / 24), {}, 0.2, np.empty(0), "")
    lift = np.where(dates == "2027-11-11", 6.0, 1.0)[None, :]
    given = {"orders_per_day": 100.0, "growth_per_month_share": 0.0, "event_strength": 1.0} | changes
    return daily_orders(
        flat, dates.month.to_numpy(), dates.month.to_numpy() - 1, dates.day_of_week.to_numpy(),
        np.zeros(len(dates), dtype=bool), lift, **given
    )  # fmt: skip


def test_events_of_no_strength_do_nothing():
    ordinary, orders = forecast(event_strength=0.0)
    assert (orders[0] == ordinary).all()
    assert forecast(event_strength=1.0)[1].sum() == pytest.approx(365 * 100 + 500)
    assert forecast(event_strength=2.0)[1].max() == pytest.approx(1100)


def test_growth_compounds_by_month():
    by_month = forecast(growth_per_month_share=0.1)[0][[0, 31, 364]]
    assert by_month == pytest.approx([100, 110, 100 * 1.1**11])


def test_sizing_days():
    # Two weeks of one month: ordinary 10 a day, the first Wednesday at 60, the second Friday closed.
    ordinary = np.full(14, 10.0)
    ordinary[11] = 0
    orders = ordinary.copy()[None, :]
    orders[0, 2] = 60
    closed = np.arange(14) == 11
    mean, peak = sizing_days(ordinary, orders, np.zeros(14, dtype=int), np.tile(np.arange(7), 2), closed)
    assert mean.shape == peak.shape == (1, 1, 7)
    assert mean[0, 0].tolist() == [10] * 7
    assert peak[0, 0].tolist() == [10, 10, 60, 10, 10, 10, 10]


@pytest.mark.parametrize("region", ["cn", "uk"])
def test_the_assumed_profile_is_whole(region):
    profile = assumed_profile(load_assumptions().profiles, region, 0.25)
    assert (len(profile.month), len(profile.weekday), len(profile.hour)) == (12, 7, 24)
    assert profile.month.mean() == pytest.approx(1)
    assert profile.weekday.mean() == pytest.approx(1)
    assert profile.hour.sum() == pytest.approx(1)
    assert profile.source == "planning assumption"


# The backtest


def as_history(daily: pd.DataFrame, hourly: pd.DataFrame) -> History:
    return History("synthetic", hourly, daily)


@pytest.mark.parametrize("seed", range(3))
def test_the_forecast_beats_last_week_repeated_where_there_is_a_pattern(seed):
    daily, hourly, lift_days = synthetic(seed=seed)
    errors = backtest(as_history(daily, hourly), lift_days, LIFTS)
    assert len(errors) >= 12
    assert errors["days"].sum() <= len(daily) // 2 + 1
    assert errors["model_error"].sum() < 0.9 * errors["naive_error"].sum()
    # Noise of 10 % and counting noise of 5 %: a forecast that knew the truth would err by 0.8 x 11 % = 9 %; the
    # half-life of 56 days forgets last year's season, which costs the rest.
    assert errors["model_error"].sum() / errors["orders"].sum() < 0.16


def test_repeating_last_week_wins_nothing_on_pure_noise_either():
    daily, hourly, lift_days = synthetic(noise=0.3, seed=4)
    flat = daily.assign(orders=np.random.default_rng(4).poisson(300, len(daily)).astype(float))
    errors = backtest(as_history(flat, hourly), lift_days.assign(lift=""), {})
    assert errors["model_error"].sum() < 0.85 * errors["naive_error"].sum()


def test_the_backtest_knows_nothing_of_the_future():
    daily, hourly, lift_days = synthetic()
    errors = backtest(as_history(daily, hourly), lift_days, LIFTS)
    late = daily["date"] >= errors["origin"].iloc[-1]
    altered = daily.assign(orders=daily["orders"].where(~late, 9_999.0))
    again = backtest(as_history(altered, hourly), lift_days, LIFTS)
    pd.testing.assert_frame_equal(errors.iloc[:-1], again.iloc[:-1])
    assert again["model_error"].iloc[-1] > errors["model_error"].iloc[-1]


def test_the_errors_on_the_real_orders_are_those_of_the_decisions():
    history = load_history("online_retail_hourly")
    past = event_days(pd.DatetimeIndex(history.daily["date"]), load_assumptions().calendar, "uk")
    errors = backtest(history, past, {})
    wmape = errors[["model_error", "naive_error"]].sum() / errors["orders"].sum()
    # DECISIONS.md says 24.4 % against 24.9 %: whoever changes the fit changes that sentence.
    assert wmape["model_error"] == pytest.approx(0.244, abs=0.001)
    assert wmape["naive_error"] == pytest.approx(0.249, abs=0.001)
