"""Demand: the fit finds a known truth again, the forecast is the product of its factors, and the backtest is honest."""

from pathlib import Path

import holidays
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
    continued,
    daily_orders,
    event_days,
    fit_profile,
    last_open_days,
    naive_profile,
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


# The fit. Tolerances: 700 days with noise of 10 % leave about 1 % on a weekday (100 days each), 1.5 % on a month
# (60 days each) and 2 % on the level of the last weeks; the ridge of 4 days towards 1 adds up to 4/100 and 4/60 of an
# effect's distance from 1.


@pytest.mark.parametrize("seed", range(4))
def test_level_weekday_and_month_are_found_again(seed):
    profile = fitted(seed=seed)
    assert profile.level == pytest.approx(400, rel=0.04)
    np.testing.assert_allclose(profile.weekday, WEEKDAY / WEEKDAY.mean(), rtol=0.03)
    # February shares its days with an event: what one of them takes, the other lacks.
    np.testing.assert_allclose(profile.month, MONTH / MONTH.mean(), rtol=0.08)
    np.testing.assert_allclose(profile.hour, HOUR, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_event_lifts_are_found_again(seed):
    # The assumed lifts are true: ten and six days with noise of 10 % leave 3 and 4 % each.
    right = fitted(assumed=LIFTS, seed=seed)
    assert right.lifts["event_a"] == pytest.approx(3.0, rel=0.08)
    assert right.lifts["event_b"] == pytest.approx(0.5, rel=0.08)
    # They are wrong: days that scatter by 10 % outweigh an assumption that may be off by 40 % from the first one on.
    drawn = fitted(assumed={"event_a": 2.0, "event_b": 1.0}, seed=seed)
    assert drawn.lifts["event_a"] == pytest.approx(3.0, rel=0.08)
    assert drawn.lifts["event_b"] == pytest.approx(0.5, rel=0.12)


def test_an_event_is_learnt_the_sooner_the_less_the_days_scatter():
    def found(noise: float) -> float:
        return np.mean([fitted({"event_a": 1.0, "event_b": 1.0}, noise=noise, level=30, seed=seed).lifts["event_a"]
                        for seed in range(6)])  # fmt: skip

    assert found(0.05) > found(0.8)
    assert found(0.05) == pytest.approx(3.0, rel=0.1)


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
    # A December drawn towards 1 leaves 2 % of its season to the level of the last weeks.
    assert profile.level == pytest.approx(40_000, rel=0.02)
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
    assert found.level == pytest.approx(calm.level, rel=0.04)


def test_a_season_is_what_years_agree_on():
    # Two years with the same months, and two in which the level rose once: the second is no season.
    dates = pd.date_range("2024-01-01", periods=731)
    none = pd.DataFrame({"date": dates, "lift": ""})

    def months_of(orders: np.ndarray) -> np.ndarray:
        daily = pd.DataFrame({"date": dates, "orders": orders, "use": True})
        return fit_profile(daily, pd.DataFrame({"hour_start": dates, "orders": orders}), none, {}, source="").month

    season = months_of(400 * (MONTH / MONTH.mean())[dates.month - 1])
    np.testing.assert_allclose(season, MONTH / MONTH.mean(), rtol=0.03)
    step = months_of(np.where(dates < "2024-10-01", 300.0, 600.0))
    assert np.ptp(np.log(step)) < 0.5 * np.log(2)


def test_the_assumed_season_fills_in_months_that_were_not_seen():
    daily, hourly, lift_days = synthetic(years=1)
    seen = daily["date"] < "2024-07-01"
    profile = fit_profile(daily[seen], hourly, lift_days[seen], LIFTS, source="", assumed_month=MONTH)
    assert profile.month[10] / profile.month[3] == pytest.approx(MONTH[10] / MONTH[3], rel=0.1)
    flat = fit_profile(daily[seen], hourly, lift_days[seen], LIFTS, source="")
    assert flat.month[10] / flat.month[6] == pytest.approx(1)


# Level and trend


def test_a_constant_history_goes_on_as_it_is():
    assert continued(np.full(60, np.log(80.0))) == pytest.approx(np.log(80.0))
    assert continued(np.log([50.0, 100.0])) == pytest.approx(np.log(75.0))


@pytest.mark.parametrize("weekly", [-0.02, 0.0, 0.013])
def test_a_trend_goes_on_damped(weekly):
    path = continued(4 + weekly * np.arange(104) + np.random.default_rng(3).normal(0, 0.03, 104))
    assert len(path) == 52
    last, rise = 4 + weekly * 103, path[-1] - path[0]
    assert path[0] == pytest.approx(last, abs=0.05)
    assert rise / 51 == pytest.approx(weekly / 2, abs=abs(weekly) / 4 + 0.001)
    assert abs(rise) <= 51 * abs(weekly) + 0.06


def test_a_history_that_doubles_each_year_is_planned_at_its_end():
    dates = pd.date_range("2023-11-01", "2026-10-31")
    orders = np.random.default_rng(3).poisson(50 * 2 ** (np.arange(len(dates)) / 365)).astype(float)
    daily = pd.DataFrame({"date": dates, "orders": orders, "use": True})
    hourly = pd.DataFrame({"hour_start": dates, "orders": orders})
    profile = fit_profile(daily, hourly, pd.DataFrame({"date": dates, "lift": ""}), {}, source="")
    levels = profile.level_on(pd.date_range("2026-11-01", "2027-10-31"))
    assert levels[0] == pytest.approx(400, rel=0.05)
    assert 450 < levels[-1] < 800


def test_naive_repeats_the_last_ordinary_open_day_of_each_weekday():
    dates = pd.date_range("2026-01-05", periods=21)
    orders = np.arange(21.0) + 1
    use = np.array([True] * 20 + [False])
    daily = pd.DataFrame({"date": dates, "orders": orders, "use": use})
    none = pd.DataFrame({"date": dates, "lift": ""})
    assert last_open_days(daily).tolist() == [15, 16, 17, 18, 19, 20, 14]
    fitted = fit_profile(daily, pd.DataFrame({"hour_start": dates, "orders": orders}), none, {}, source="")
    profile = naive_profile(fitted, daily, none.assign(lift=["", "event"] * 10 + [""]))
    assert (profile.level * profile.weekday).tolist() == pytest.approx([15, 9, 17, 11, 19, 13, 7])
    assert profile.naive
    assert (profile.level_on(dates + pd.Timedelta(days=90)) == profile.level).all()
    # An open weekday without orders would be taken for closed: the fit stays.
    empty = daily.assign(orders=daily["orders"].where(daily["date"] != dates[14], 0.0))
    assert naive_profile(fitted, empty, none) is fitted


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
    british = event_days(pd.date_range("2013-01-01", "2027-12-31"), calendar, "uk").set_index("date")["lift"]
    assert british["2027-11-26"] == british["2024-11-29"] == "event_black_friday"
    assert british["2027-11-29"] == "event_cyber_monday"
    assert (british[:"2013"] == "").all(), "no such sale in Britain then"


def test_spring_festival_moves_as_the_lunar_calendar_has_it():
    calendar = load_assumptions().calendar
    dated = calendar.loc[calendar["recurs"] == "dated", "starts"].tolist()
    assert [starts[:4] for starts in dated] == [str(year) for year in range(2018, 2030)]
    for starts in dated:
        first = pd.Timestamp(starts) + pd.Timedelta(days=3)
        # The calendar of `holidays` names the day, and from 2025 on its eve as well.
        named = holidays.country_holidays("CN", years=first.year, language="en_US")
        assert "Spring Festival" in named[first.date()], starts
        assert "Spring Festival" not in named.get((first - pd.Timedelta(days=2)).date(), "")


# The forecast


@settings(max_examples=50, derandomize=True)
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
        np.array([(1 + growth) ** month]),
        np.array([weekday]),
        np.array([closed]),
        np.array([[lift]]),
        orders_per_day=level,
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
    given = {"orders_per_day": 100.0, "event_strength": 1.0} | changes
    growth = np.asarray((1 + given.pop("growth", 0.0)) ** (dates.month - 1))
    return daily_orders(
        flat, dates.month.to_numpy(), growth, dates.day_of_week.to_numpy(),
        np.zeros(len(dates), dtype=bool), lift, **given
    )  # fmt: skip


def test_growth_compounds_by_month():
    by_month = forecast(growth=0.1)[0][[0, 31, 364]]
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
    # Noise of 10 % and counting noise of 5 %: a forecast that knew the truth would err by 0.8 x 11 % = 9 %.
    assert errors["model_error"].sum() / errors["orders"].sum() < 0.13


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


def errors_of(
    daily: pd.DataFrame, hourly: pd.DataFrame | None = None, region: str | None = None
) -> tuple[float, float]:
    """Error of the forecast and of repeating the last open days, by the orders; of a shop in a region or anywhere."""
    assumptions, dates = load_assumptions(), pd.DatetimeIndex(daily["date"])
    calendar = assumptions.calendar if region else assumptions.calendar.iloc[:0]
    rows = assumptions.rows(region or "uk")["typical"].to_dict()
    month = assumed_profile(assumptions.profiles, region, 0.0).month if region else None
    hourly = daily.rename(columns={"date": "hour_start"}) if hourly is None else hourly
    test = backtest(as_history(daily, hourly), event_days(dates, calendar, region or ""), rows, assumed_month=month)
    return (test[["model_error", "naive_error"]].sum() / test["orders"].sum()).tolist()


def test_the_errors_on_the_real_orders_are_those_of_the_decisions():
    history = load_history("online_retail_hourly")
    model, naive = errors_of(history.daily, history.hourly, "uk")
    # DECISIONS.md says 16.1 % against 23.3 %: whoever changes the fit changes that sentence.
    assert model == pytest.approx(0.161, abs=0.001)
    assert naive == pytest.approx(0.233, abs=0.001)


def test_the_error_on_orders_that_double_each_year():
    dates = pd.date_range("2023-11-01", "2026-10-31")
    orders = np.random.default_rng(3).poisson(50 * 2 ** (np.arange(len(dates)) / 365)).astype(float)
    # In a region whose sales events this shop does not take part in: that has to be learnt.
    model, naive = errors_of(pd.DataFrame({"date": dates, "orders": orders, "use": True, "closed": False}), None, "cn")
    assert model < naive
    assert model < 0.08


SERIES = pd.read_csv(Path(__file__).parents[1] / "data" / "daily_series.csv", parse_dates=["date"])
"""Public series of days; sources and licences stand in daily_series.md beside it."""


@pytest.mark.parametrize("name", SERIES["series"].unique())
def test_the_forecast_errs_by_less_than_the_last_open_days_on_public_series(name):
    daily = SERIES[SERIES["series"] == name].rename(columns={"count": "orders"}).reset_index(drop=True)
    closed = daily["orders"] == 0
    model, naive = errors_of(daily.assign(orders=daily["orders"].astype(float), closed=closed, use=~closed))
    assert model < naive


def test_windows_without_an_open_day_or_without_orders_are_no_crash():
    daily, hourly, lift_days = synthetic()
    gone = daily["date"].between("2025-03-01", "2025-06-15")
    holiday = daily.assign(orders=daily["orders"].where(~gone, 0.0), use=daily["use"] & ~gone, closed=gone)
    errors = backtest(as_history(holiday, hourly), lift_days, LIFTS)
    assert (errors["days"] > 0).all()
    assert not errors["origin"].between("2025-03-10", "2025-05-10").any()
    silent = backtest(as_history(daily.assign(orders=holiday["orders"]), hourly), lift_days, LIFTS)
    assert np.isfinite(silent.drop(columns="origin").to_numpy(float)).all()
    assert (silent["orders"] == 0).any()
