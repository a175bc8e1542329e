"""How many orders will come, on which day and in which hour?

orders(day) = level x growth x month season x weekday x event lift; orders(hour) = orders(day) x hour profile. The
profiles are fitted to an order history, whose level and trend are continued; without one they are assumptions.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecteam.inputs.calendar_units import DAYS_PER_WEEK, MONTHS_PER_YEAR
from ecteam.inputs.events import days_of
from ecteam.inputs.history import History

HUBER = 1.345
"""Huber's tuning constant: 95 % efficient on normal errors. [1] P. Huber, Robust Statistics, 1981, ch. 4."""
DAYS_OF_A_MONTH = 30.0
"""Weight, in days, with which months are drawn where none was seen in two years: a month's own length, so that half of
what it shows is taken for a season and half for a change of level."""
MONTH_SPREAD = 0.2
"""Standard deviation of the log of a shop's months about their mean."""
LIFT_SPREAD = 0.4
"""Standard deviation of the log of a shop's own lift about the assumed one: a factor of 1.5 either way."""
RECENT_WEEKS = 4
LEAST_WEEKS_OF_TREND = 13
"""A quarter: three parameters of a trend are not fitted to fewer weeks."""


@dataclass(frozen=True, eq=False)
class Profile:
    """The shape of demand: what is left when level, growth and events are taken out.

    `level` orders a calendar day over an ordinary year, at the end of the history (`ends`); `trend` (weeks,) how many
    times that level in each week after it, the last value from then on; `month` (12,), `weekday` (7, Monday first) with
    mean 1, closed weekdays 0; `hour` (24,) with sum 1; `lifts` of the events that the history has seen; `spread` the
    sorted ratios actual/expected of ordinary days, empty without a history; `variation` their standard deviation over
    mean; `naive` where level and weekdays repeat the last open ones.
    """

    level: float
    month: np.ndarray
    weekday: np.ndarray
    hour: np.ndarray
    lifts: Mapping[str, float]
    variation: float | np.ndarray
    spread: np.ndarray
    source: str
    trend: np.ndarray = field(default_factory=lambda: np.ones(1))
    ends: pd.Timestamp | None = None
    naive: bool = False

    def level_on(self, dates: pd.DatetimeIndex) -> np.ndarray:
        """The level on each date after the history; without a history the same on all."""
        if self.ends is None:
            return np.full(len(dates), self.level)
        weeks = (np.asarray((dates - self.ends).days) - 1) // DAYS_PER_WEEK
        return self.level * self.trend[np.clip(weeks, 0, len(self.trend) - 1)]

    def busy_day_factor(self, quantile: float) -> np.ndarray:
        """How many times its expected orders a day has that is busier than this share of ordinary days?"""
        if len(self.spread):
            return np.asarray(np.quantile(self.spread, quantile))
        sigma = np.sqrt(np.log1p(np.asarray(self.variation) ** 2))
        return np.exp(ndtri(quantile) * sigma - sigma**2 / 2)


def assumed_profile(profiles: pd.DataFrame, region: str, variation: float) -> Profile:
    """The assumed shape of a region, for a shop without a history; `profiles`: region, profile, position, share."""
    rows = profiles[profiles["region"] == region].sort_values("position")
    shape = {name: part["share"].to_numpy() for name, part in rows.groupby("profile")}
    return Profile(
        1.0,
        shape["month"] / shape["month"].mean(),
        shape["weekday"] / shape["weekday"].mean(),
        shape["hour"] / shape["hour"].sum(),
        {},
        variation,
        np.empty(0),
        "planning assumption",
    )


def event_days(dates: pd.DatetimeIndex, calendar: pd.DataFrame, region: str) -> pd.DataFrame:
    """Which lift works on which date: date, lift; a date in two events takes the last in the table.

    `calendar`: event, region, lift, starts (a day or a rule, see `inputs.events`), days, maybe since (its first year).
    """
    day, lift = dates.to_numpy().astype("datetime64[D]"), np.full(len(dates), "", dtype=object)
    here = calendar[calendar["region"] == region]
    since = here["since"] if "since" in here else [0] * len(here)
    for starts, days, name, year in zip(here["starts"].astype(str), here["days"], here["lift"], since, strict=True):
        lift[days_of(starts, int(days), day) & (dates.year >= year)] = name
    return pd.DataFrame({"date": dates, "lift": lift})


def fit_profile(
    daily: pd.DataFrame,
    hourly: pd.DataFrame,
    lift_days: pd.DataFrame,
    assumed_lifts: Mapping[str, float],
    *,
    source: str,
    assumed_month: np.ndarray | None = None,
    ridge: float = 4.0,
) -> Profile:
    """Level, trend, month, weekday, hour and event shape of a history, by a robust log-linear ridge regression.

    log(orders) = level + trend + weekday + month + event, fitted by iterated Huber weights [1] on the days with `use`.
    Weekdays are drawn towards 1 and the trend towards none with the weight of `ridge` days, events towards their
    assumed lift by `LIFT_SPREAD`, months towards `assumed_month` (12,), by default 1: one year cannot tell a season
    from a change of level, so that `DAYS_OF_A_MONTH` leave half of it to the level; the better the months of several
    years agree, the less they are drawn. What is left of a week is its level; `continued` forecasts it.

    `daily`: date, orders, use; `hourly`: hour_start, orders; `lift_days`: date, lift for the same dates.
    """
    used = daily[daily["use"]]
    dates, orders = pd.DatetimeIndex(used["date"]), used["orders"].to_numpy(float)
    lift = lift_days.set_index("date")["lift"].reindex(dates).to_numpy()
    names = sorted({name for name in lift if name})
    before_end = np.asarray((dates[-1] - dates).days)
    design = np.column_stack(
        [
            np.ones(len(used)),
            *(dates.day_of_week == d for d in range(7)),
            *(dates.month == m for m in range(1, 13)),
            *(lift == name for name in names),
            -before_end / 365,
        ]
    ).astype(float)
    month_shape = np.zeros(12) if assumed_month is None else np.log(assumed_month)
    towards = np.r_[np.zeros(8), month_shape, np.log([assumed_lifts[name] for name in names]), 0.0]
    in_year = np.asarray(dates.year * MONTHS_PER_YEAR + dates.month - 1)
    again = np.bincount(np.unique(in_year) % MONTHS_PER_YEAR, minlength=MONTHS_PER_YEAR) > 1
    month_ridge = DAYS_OF_A_MONTH
    y = np.log(np.maximum(orders, 0.5))
    ordinary = lift == ""
    beta, weight, noise = towards, np.ones(len(used)), LIFT_SPREAD
    # Orders that come by chance alone scatter by the root of their number: no history is less noisy.
    least_noise = max(orders.mean(), 0.5) ** -0.5
    for _ in range(12):
        penalty = np.diag(
            np.r_[
                1e-9,
                np.full(7, ridge),
                np.full(12, month_ridge),
                np.full(len(names), (noise / LIFT_SPREAD) ** 2),
                ridge,
            ]
        )
        w = weight[:, None]
        beta = np.linalg.solve(design.T @ (w * design) + penalty, design.T @ (weight * y) + penalty @ towards)
        residual = y - design @ beta
        noise = max(1.4826 * float(np.median(np.abs(residual))), least_noise)
        # A strong event is no outlier: its few days count in full.
        weight = np.where(ordinary, np.minimum(1.0, HUBER * noise / np.maximum(np.abs(residual), 1e-12)), 1.0)
        if again.any():
            # How far a month differs between years tells what is season and what is a change of level.
            blocks = pd.DataFrame({"residual": weight * residual, "weight": weight}).groupby(in_year).sum()
            apart = (blocks["residual"] / blocks["weight"])[again[blocks.index % MONTHS_PER_YEAR]]
            wander = float((apart**2).sum() / (len(apart) - again.sum()))
            month_ridge = float(np.clip(DAYS_OF_A_MONTH * wander / MONTH_SPREAD**2, ridge, DAYS_OF_A_MONTH))
    season = np.exp(design[:, 1:-1] @ beta[1:-1])
    week = -(before_end // DAYS_PER_WEEK)
    # A day is wild against its own week: where the level has moved since, it is no outlier.
    off = pd.Series(y - np.log(season))
    off = np.abs(off - off.groupby(week).transform("median")).to_numpy()
    weight = np.where(ordinary, np.minimum(1.0, HUBER * noise / np.maximum(off, 1e-12)), 1.0)
    sums = pd.DataFrame({"orders": weight * orders, "season": weight * season}).groupby(week).sum()
    levels = np.log(np.maximum(sums["orders"], 0.5) / sums["season"]).reindex(range(week.min(), 1)).interpolate()
    path = np.exp(continued(levels.to_numpy()))
    around = np.exp(levels.rolling(2 * RECENT_WEEKS + 1, center=True, min_periods=1).mean())
    ratio = (orders / (season * around[week].to_numpy()))[ordinary]
    ratio = np.sort(ratio) / ratio.mean()
    open_weekdays = np.isin(np.arange(7), dates.day_of_week.unique())
    weekday, month = np.where(open_weekdays, np.exp(beta[1:8]), 0.0), np.exp(beta[8:20])
    hours = (
        hourly.groupby(hourly["hour_start"].dt.hour)["orders"].sum().reindex(range(24), fill_value=0).to_numpy(float)
    )
    return Profile(
        float(path[0] * weekday.mean() * month.mean()),
        month / month.mean(),
        weekday / weekday.mean(),
        hours / hours.sum(),
        dict(zip(names, np.exp(beta[20:-1]).tolist(), strict=True)),
        float(np.std(ratio)),
        ratio,
        source,
        trend=path / path[0],
        ends=dates[-1],
    )


def continued(levels: np.ndarray) -> np.ndarray:
    """How does the log level of a history, (weeks,), go on for half as many weeks as it has?

    The mean of exponential smoothing with a damped trend (ETS), the Theta method with half the trend, and the last four
    weeks' mean; a history of fewer than `LEAST_WEEKS_OF_TREND` weeks shows a level only. Sources: Hyndman et al.,
    Forecasting with Exponential Smoothing, 2008; Assimakopoulos and Nikolopoulos, Int. J. Forecasting 16, 2000.
    """
    steps, recent = max(len(levels) // 2, 1), np.log(np.exp(levels[-RECENT_WEEKS:]).mean())
    paths = [np.full(steps, recent)]
    if len(levels) >= LEAST_WEEKS_OF_TREND and np.ptp(levels) > 1e-9:
        # statsmodels takes a second to import: only who has a history waits for it.
        from statsmodels.tsa.forecasting.theta import ThetaModel
        from statsmodels.tsa.holtwinters import ExponentialSmoothing

        with warnings.catch_warnings():
            # An optimiser that stops early has still found a forecast; the backtest shows what it is worth.
            warnings.simplefilter("ignore")
            smoothing = ExponentialSmoothing(levels, trend="add", damped_trend=True).fit()
            theta = ThetaModel(pd.Series(levels), period=1, deseasonalize=False).fit()
        paths += [np.asarray(smoothing.forecast(steps)), np.asarray(theta.forecast(steps))]
    return np.mean(paths, axis=0)


def last_open_days(daily: pd.DataFrame) -> np.ndarray:
    """Orders on the last open day of each weekday, (7,), Monday first; 0 where the shop was never open."""
    used = daily[daily["use"]]
    last = used.groupby(used["date"].dt.day_of_week)["orders"].last()
    return last.reindex(range(7), fill_value=0.0).to_numpy(float)


def naive_profile(fitted: Profile, daily: pd.DataFrame, lift_days: pd.DataFrame) -> Profile:
    """The last ordinary open day of each weekday, with the fitted hours, lifts and spread, no trend and no season; the
    fitted one where an open weekday had no orders: it would be taken for closed.
    """
    last = last_open_days(daily[(lift_days["lift"] == "").to_numpy()])
    if ((last == 0) & (fitted.weekday > 0)).any():
        return fitted
    return replace(
        fitted, level=last.mean(), weekday=last / last.mean(), month=np.ones(12), trend=np.ones(1), naive=True
    )


def daily_orders(
    profile: Profile,
    calendar_month: np.ndarray,
    growth: np.ndarray,
    weekday: np.ndarray,
    closed: np.ndarray,
    lift: np.ndarray,
    *,
    orders_per_day: float,
    event_strength: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Orders of every day of the plan: without events (days,), and with them, in the shape of `lift` (..., days).

    growth : (days,), times the size at the start; lift : (..., days), times an ordinary day; `orders_per_day` of an
    ordinary year at the size of the start; calendar_month 1 to 12, weekday 0 = Monday, closed : (days,)

    Formula: orders_per_day x growth x season x weekday x (1 + strength x (lift - 1)), never below 0.

    >>> flat = Profile(1.0, np.ones(12), np.ones(7), np.full(24, 1 / 24), {}, 0.2, np.empty(0), "")
    >>> daily_orders(flat, np.array([11]), np.array([1.1]), np.array([0]), np.array([False]), np.array([[3.0]]),
    ...              orders_per_day=100, event_strength=0.5)[1].round(6).tolist()
    [[220.0]]
    """
    season = profile.month[calendar_month - 1] * profile.weekday[weekday]
    ordinary = np.where(closed, 0.0, orders_per_day * growth * season)
    return ordinary, with_events(ordinary, lift, event_strength)


def with_events(ordinary: np.ndarray, lift: np.ndarray, event_strength: float) -> np.ndarray:
    """Orders of every day, (..., days), of those without events, (days,): x (1 + strength x (lift - 1)), at least 0."""
    return ordinary * np.maximum(1 + event_strength * (lift - 1), 0.0)


def sizing_days(
    ordinary: np.ndarray, orders: np.ndarray, month: np.ndarray, weekday: np.ndarray, closed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Orders by month and weekday: the mean ordinary day (1, months, 7), and the busiest day with events (..., months,
    7).
    """
    cells, size = month * 7 + weekday, (int(month[-1]) + 1) * 7
    open_days = np.bincount(cells, weights=~closed, minlength=size)
    mean = np.bincount(cells, weights=ordinary, minlength=size) / np.maximum(open_days, 1)
    peak = np.zeros((*orders.shape[:-1], size))
    np.maximum.at(peak.T, cells, orders.T)
    return mean.reshape(1, -1, 7), peak.reshape(*orders.shape[:-1], -1, 7)


def backtest(
    history: History,
    lift_days: pd.DataFrame,
    assumed_lifts: Mapping[str, float],
    *,
    assumed_month: np.ndarray | None = None,
    horizon_days: int = 28,
) -> pd.DataFrame:
    """How wrong would the forecast have been, against repeating the last open day of each weekday (seasonal naive)?

    Rolling origin: from half of the history on, every `horizon_days` days, `fit_profile` and `daily_orders` are fitted
    on what was known and asked for the next `horizon_days`. Columns: origin, days (open ones), orders, forecast and
    naive (sums of orders), model_error, naive_error (sums of absolute errors); wMAPE = sum of errors / sum of orders.
    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.10.
    """
    daily, rows = history.daily, []
    for origin in range(max(len(daily) // 2, 56), len(daily) - 7, horizon_days):
        past, future = daily.iloc[:origin], daily.iloc[origin : origin + horizon_days]
        counted = future["use"].to_numpy()
        if not counted.any() or not past.loc[past["use"], "orders"].any():
            continue
        past_hours = history.hourly[history.hourly["hour_start"] < future["date"].iloc[0]]
        known = fit_profile(
            past, past_hours, lift_days.iloc[:origin], assumed_lifts, source="", assumed_month=assumed_month
        )
        dates, lift = pd.DatetimeIndex(future["date"]), lift_days["lift"].iloc[origin : origin + horizon_days]
        _, orders = daily_orders(
            known,
            dates.month.to_numpy(),
            known.level_on(dates),
            dates.day_of_week.to_numpy(),
            future["closed"].to_numpy(),
            lift.map({"": 1.0, **assumed_lifts, **known.lifts}).to_numpy(float)[None],
            orders_per_day=1.0,
            event_strength=1.0,
        )
        actual, model = future["orders"].to_numpy()[counted], orders[0][counted]
        naive = last_open_days(past)[dates.day_of_week][counted]
        rows.append(
            {
                "origin": dates[0],
                "days": int(counted.sum()),
                "orders": actual.sum(),
                "forecast": model.sum(),
                "naive": naive.sum(),
                "model_error": np.abs(model - actual).sum(),
                "naive_error": np.abs(naive - actual).sum(),
            }
        )
    return pd.DataFrame(rows, columns=["origin", "days", "orders", "forecast", "naive", "model_error", "naive_error"])


def forecast_spread(test: pd.DataFrame) -> tuple[float, float] | None:
    """How far do orders miss the forecast, by what `backtest` gives: in all months together, and in one month by
    itself?

    With m the log of orders over forecast of each origin, the mean of m^2 is what the forecast misses by; half the mean
    square of the differences between neighbouring origins changes from one to the next (J. von Neumann, Annals of
    Mathematical Statistics 12, 1941), the rest is common to them. Standard deviations over the mean; None for fewer
    than three origins with orders.

    >>> found = forecast_spread(pd.DataFrame({"orders": [110.0, 121.0, 110.0, 121.0], "forecast": 100.0}))
    >>> [round(part, 4) for part in found]
    [0.1348, 0.0674]
    """
    seen = test[(test["orders"] > 0) & (test["forecast"] > 0)]
    if len(seen) < 3:
        return None
    miss = np.log(seen["orders"].to_numpy(float) / seen["forecast"].to_numpy(float))
    alone = np.mean(np.diff(miss) ** 2) / 2
    return float(np.sqrt(max(np.mean(miss**2) - alone, 0.0))), float(np.sqrt(alone))
