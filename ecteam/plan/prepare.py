"""What a plan starts from: the shop, its calendar, the shape of its demand, the duties of its stage, and the values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.assumptions import Assumptions
from ecteam.inputs.calendar_units import DAYS_PER_WEEK
from ecteam.inputs.checks import InputError
from ecteam.inputs.events import read_events
from ecteam.inputs.history import History, load_history
from ecteam.inputs.own_forecast import own_orders
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.tables import STAGES
from ecteam.inputs.words import Name, Note
from ecteam.pay import loaded_cost, payslip
from ecteam.staffing import forecast, headcount

Floats = npt.NDArray[np.float64]

FLAGS = ("self_shipping", "own_technology")
"""Choices that a duty may hang on."""
HISTORY_FIELDS = {"lines_per_order": ("lines", "orders"), "units_per_line": ("units", "lines")}


@dataclass(frozen=True, eq=False)
class Inputs:
    """What does not depend on the drawn values: the shop, its calendar and the shape of its demand.

    `levels`: of the forecast in each month, (months,), before it is scaled to the orders that are chosen.
    `year_factor`: the mean of an ordinary year, closed days and all, at a level of 1. `orders_times`: how many times
    their forecast the orders of each month are, (draws or 1, months or 1); 1 but where `uncertainty` draws it.
    `hats_settled`: who wears the hats of which trade is the scenario's wish, or found already (`solve.with_hats`).
    `own_days`: orders of each day without events by the shop's own forecast, (days,), whose mean with events is
    `own_mean`; None where it gives none.
    """

    @property
    def orders_per_day(self) -> float:
        """Average orders of a calendar day over an ordinary year, at the size of the first month: as chosen or as the
        history goes on; of an own forecast its mean."""
        if self.own_days is not None:
            return self.own_mean
        chosen = self.scenario.orders_per_day
        return self.levels[0] * self.year_factor if chosen is None else chosen

    @property
    def growth(self) -> Floats:
        """How many times its size in the first month the shop has in each month, (months,): by the growth that is
        stated, else by the trend of the history; an own forecast holds it already."""
        stated = 0.0 if self.own_days is not None else self.scenario.growth_per_month_share
        if stated is None:
            return np.asarray(self.levels / self.levels[0])
        return np.asarray((1.0 + stated) ** np.arange(len(self.months)))

    @property
    def growth_is_given_by_forecast(self) -> bool:
        """Whether growth comes from an own forecast or from the history, not from the scenario."""
        return self.own_days is not None or self.scenario.growth_per_month_share is None

    @property
    def growth_per_month_share(self) -> float:
        """Growth a month from the first month to the last, as stated or by the history."""
        return float(self.growth[-1] ** (1 / max(len(self.months) - 1, 1)) - 1)

    @property
    def training_is_a_duty(self) -> bool:
        """Whether somebody's hours hold the training of newcomers; else a colleague gives the time."""
        return bool((self.duties["rate"] == "training_hours_per_hire").any())

    def wearing(self, hats: pd.Series) -> "Inputs":
        """The same shop with its hats settled: duty -> the role whose people do it."""
        return replace(self, duties=self.duties.assign(worn_by=hats), hats_settled=True)

    scenario: Scenario
    assumptions: Assumptions
    months: pd.PeriodIndex
    profile: forecast.Profile
    levels: Floats
    year_factor: float
    days: pd.DataFrame
    working_days: Floats
    payroll_months: npt.NDArray[np.datetime64]
    from_history: Mapping[str, float]
    duties: pd.DataFrame
    notes: tuple[Note, ...]
    hats_settled: bool = False
    orders_times: Floats = field(default_factory=lambda: np.ones((1, 1)))
    own_days: Floats | None = None
    own_mean: float = 0.0


def prepare(scenario: Scenario, assumptions: Assumptions) -> Inputs:
    """Read the history if there is one, lay out the calendar, choose the duties of the stage and who wears them."""
    months, place = scenario.month_index, PLACES[scenario.city]
    dates = pd.date_range(months[0].start_time, months[-1].end_time.normalize(), name="date")
    history = load_history(scenario.history) if scenario.history else None
    profile, from_history, history_notes = _shape_of_demand(history, assumptions, scenario.region, scenario.events)
    working_days, unannounced = headcount.working_days(months, place["holiday_country"], place["holiday_subdivision"])
    set_days = "working_days_per_month" in assumptions.changed
    rows = assumptions.rows(scenario.region)
    working_days = np.full(
        len(months), rows.loc["working_days_per_month", "value"] if set_days else working_days.mean()
    )
    month = np.repeat(np.arange(len(months)), months.days_in_month)
    levels = np.bincount(month, weights=profile.level_on(dates)) / months.days_in_month.to_numpy()
    payroll_months, late = loaded_cost.payroll_months(months, scenario.place)
    duties = stage_duties(scenario, assumptions)
    notes = (
        *history_notes,
        _forecast_note(scenario, profile, levels),
        unannounced,
        late,
        payslip.stale_note(scenario.place, months[0].start_time.date()),
        _days_promised(scenario),
        _undated_events(assumptions, scenario),
    )
    days = forecast.event_days(dates, _calendar(assumptions, scenario.region, scenario.events), scenario.region).assign(
        closed=history.closed_on(dates) if history else False,
        month=month,
        weekday=dates.day_of_week,
    )
    own_days, own_mean = None, 0.0
    if scenario.orders_per_month is not None:
        own_days, own_mean = _own_days(scenario, assumptions, profile, days)
        days["closed"] = own_days == 0
    return Inputs(
        scenario,
        assumptions,
        months,
        profile,
        levels,
        _year_factor(profile, history, months),
        days,
        working_days,
        payroll_months,
        from_history,
        duties,
        tuple(note for note in notes if note),
        hats_settled=scenario.hats is not None,
        own_days=own_days,
        own_mean=own_mean,
    )


def _calendar(assumptions: Assumptions, region: str, events: str | None) -> pd.DataFrame:
    """The events of the assumptions, and the shop's own after them, which so go before."""
    own = [(event.name, region, event.name, event.starts, event.days, 0) for event in read_events(events or "")]
    return pd.concat(
        [assumptions.calendar, pd.DataFrame(own, columns=["event", "region", "lift", "starts", "days", "since"])]
    )


def _own_days(
    scenario: Scenario, assumptions: Assumptions, profile: forecast.Profile, days: pd.DataFrame
) -> tuple[Floats, float]:
    """Orders of each day without events, such that with them they are the shop's own figures; and their mean.

    Monthly figures spread over the days as season, weekdays and events have it.
    """
    figures, daily = own_orders(scenario.orders_per_month or "", scenario.month_index)
    values = assumptions.rows(scenario.region)["value"].to_dict() | {"": 1.0} | dict(profile.lifts)
    times = forecast.with_events(np.ones(len(days)), days["lift"].map(values).to_numpy(float), scenario.event_strength)
    if daily:
        return np.divide(figures, times, out=figures.copy(), where=times > 0), float(figures.mean())
    month = days["month"].to_numpy()
    ordinary = np.where(days["closed"], 0.0, profile.weekday[days["weekday"]])
    total = np.bincount(month, weights=ordinary * times)
    if ((total == 0) & (figures > 0)).any():
        raise InputError(Note("own_forecast_closed", month=str(scenario.month_index[int(np.argmin(total))])))
    return ordinary * np.divide(figures, total, out=np.zeros(len(total)), where=total > 0)[month], float(
        figures.sum() / len(days)
    )


def _forecast_note(scenario: Scenario, profile: forecast.Profile, levels: Floats) -> Note | None:
    """A note on an own forecast, or where the history goes on with a trend that can be seen in whole percent."""
    if scenario.orders_per_month is not None:
        return Note("own_forecast_planned")
    from_end, in_plan = levels[0] / profile.level, levels[-1] / levels[0]
    if scenario.growth_per_month_share is not None:
        in_plan = 1.0
    if scenario.orders_per_day is not None:
        from_end = 1.0
    if profile.ends is None or max(abs(from_end - 1), abs(in_plan - 1)) < 0.005:
        return None
    return Note("trend_continued", file=profile.source, before=float(from_end - 1), within=float(in_plan - 1))


def _days_promised(scenario: Scenario) -> Note | None:
    days = scenario.warehouse_days_per_week
    if not scenario.self_shipping or days == DAYS_PER_WEEK:
        return None
    return Note("days_promised", rule=scenario.ship_rule, rule_name=Name(scenario.ship_rule), days=days)


def underpaid(inputs: Inputs) -> list[Note]:
    """Notes about pay below the minimum wage, of this shop's roles or set for others; the owner draws no pay."""
    assumptions, scenario, on = inputs.assumptions, inputs.scenario, inputs.payroll_months
    value = assumptions.rows(scenario.region)["value"]
    level = value[PLACES[scenario.city]["pay_level"]]
    paid_roles = {*inputs.duties["worn_by"], *(key.removeprefix("pay_") for key in assumptions.changed)}
    roles = [role for role in assumptions.roles.index if role in paid_roles and role != "owner"]
    return loaded_cost.below_minimum_wage(
        {role: float(value[f"pay_{role}"] * level) for role in roles}, scenario.place, on
    )


def _undated_events(assumptions: Assumptions, scenario: Scenario) -> Note | None:
    """A note where the calendar ends before the plan: events that move with the moon have a date for each year."""
    mine = assumptions.calendar[assumptions.calendar["region"] == scenario.region]
    if mine.empty:
        return Note("no_sales_events")
    dated = mine.loc[mine["recurs"] == "dated", "starts"]
    last = int(dated.str[:4].max()) if len(dated) else 9999
    missing = [str(year) for year in sorted(set(scenario.month_index.year)) if year > last]
    return Note("no_spring_festival", years=missing) if missing else None


def _year_factor(profile: forecast.Profile, history: History | None, months: pd.PeriodIndex) -> float:
    """What a calendar day has on average over an ordinary year, closed days and all, at a level of 1."""
    year = pd.date_range(months[0].start_time, periods=365)
    closed = history.closed_on(year) if history else np.zeros(len(year), dtype=bool)
    return float(np.mean(~closed * profile.month[year.month - 1] * profile.weekday[year.day_of_week]))


@lru_cache(maxsize=32)
def _shape_of_demand(
    history: History | None, assumptions: Assumptions, region: str, events: str | None
) -> tuple[forecast.Profile, Mapping[str, float], list[Note]]:
    """The fitted or assumed profile, what an order of the history holds, and what there is to say of it.

    Kept, since a slider asks for the same shape again and again; all arguments are frozen.
    """
    if history is None:
        variation = float(assumptions.rows(region).loc["day_spread", "value"])
        profile = forecast.assumed_profile(assumptions.profiles, region, variation)
        return replace(profile, lifts=_own_lifts(profile, events)), {}, []
    past, prior, month = _before_the_fit(history, assumptions, region, events)
    profile = forecast.fit_profile(history.daily, history.hourly, past, prior, source=history.name, assumed_month=month)
    if not history.clock:
        hour = forecast.assumed_profile(assumptions.profiles, region, 0.0).hour
        profile = replace(profile, hour=hour)
    per_order = {}
    for name, (top, bottom) in HISTORY_FIELDS.items():
        above, below = history.per_order(top), 1.0 if bottom == "orders" else history.per_order(bottom)
        if above is not None and below:
            per_order[name] = above / below
    notes = []
    if missing := int((~history.daily["use"] & ~history.daily["closed"]).sum()):
        notes.append(Note("days_left_out", file=history.name, n=missing))
    model, naive, orders = tested_forecast(history, assumptions, region, events)[
        ["model_error", "naive_error", "orders"]
    ].sum()
    if model > naive:
        profile = forecast.naive_profile(profile, history.daily, past)
    if profile.naive:
        notes.append(Note("naive_is_better", file=history.name, model=model / orders, naive=naive / orders))
    return replace(profile, lifts=_own_lifts(profile, events)), per_order, notes


def _own_lifts(profile: forecast.Profile, events: str | None) -> Mapping[str, float]:
    """The lifts of a profile with those of the shop's own events: as stated, else as the history has shown."""
    own = read_events(events or "")
    if unknown := [event.name for event in own if event.factor is None and event.name not in profile.lifts]:
        raise InputError([Note("event_not_seen", event=name) for name in unknown])
    return {**profile.lifts, **{event.name: event.factor for event in own if event.factor is not None}}


def _before_the_fit(
    history: History, assumptions: Assumptions, region: str, events: str | None
) -> tuple[pd.DataFrame, Mapping[str, float], Floats]:
    """What a fit starts from: the event days of the history, the assumed lifts and the assumed months."""
    past = forecast.event_days(pd.DatetimeIndex(history.daily["date"]), _calendar(assumptions, region, events), region)
    rows = assumptions.rows(region)
    # The same fit for every draw: drawn towards the typical lifts, or those the shop has set.
    prior = rows["typical"].mask(rows.index.isin(list(assumptions.changed)), rows["value"]).to_dict()
    prior |= {event.name: event.factor or 1.0 for event in read_events(events or "")}
    return past, prior, forecast.assumed_profile(assumptions.profiles, region, 0.0).month


@lru_cache(maxsize=32)
def tested_forecast(history: History, assumptions: Assumptions, region: str, events: str | None) -> pd.DataFrame:
    """The rolling-origin test of the forecast that a plan with this history is made from; kept, as the fit is."""
    past, prior, month = _before_the_fit(history, assumptions, region, events)
    return forecast.backtest(history, past, prior, assumed_month=month)


def stage_duties(scenario: Scenario, assumptions: Assumptions) -> pd.DataFrame:
    """The duties that exist at the shop's stage and by its choices; `worn_by` is the role whose seat does them: as
    the scenario wishes, or of the duty's own trade until `solve.with_hats` has found out."""
    duties = assumptions.duties
    stages, flags = set(STAGES[: STAGES.index(scenario.stage) + 1]), {"", *(f for f in FLAGS if getattr(scenario, f))}
    kept = duties[duties["from_stage"].isin(stages) & duties["when"].isin(flags)]
    trades = kept["role"]
    return kept.assign(worn_by=trades if scenario.hats is None else trades.map(assumptions.role_columns[scenario.hats]))


ESTIMATED = {
    "active_skus": "active_skus_times",
    "new_skus_per_month": "new_skus_per_month_times",
    "return_share": "return_share_times",
    "pieces_handled_together": "pieces_handled_together_times",
}
"""Fields that a shop estimates -> the assumption that says how many times its figure they may be."""


def estimated(field: str, value: Any, times: Any) -> Any:
    """What a shop says of itself, times how far it may be off, within what the field may be."""
    if isinstance(times, float) and times == 1:
        return value
    limits = field_info(field)
    return np.clip(value * times, limits["low"], limits["high"])


def values_of(inputs: Inputs) -> dict[str, Any]:
    """Name -> value: the assumptions of the region, then the history's own figures, then the scenario's choices.

    Working days are those of the plan's calendar unless the shop has set them: rates a month and FTE take one figure.
    One case gives numbers, many draws give arrays (draws, 1).
    """
    table, draws = inputs.assumptions.drawn(inputs.scenario.region)
    single = draws.shape[1] == 1
    values: dict[str, Any] = {
        key: float(row[0]) if single else row[:, None] for key, row in zip(table.index, draws, strict=True)
    }
    chosen = {
        field: value
        for field, value in inputs.scenario.model_dump().items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    # One number of working days for both: rates that count units a person and month, and the person's hours.
    days = {"working_days_per_month": float(inputs.working_days[0])}
    chosen |= {field: estimated(field, chosen[field], values[times]) for field, times in ESTIMATED.items()}
    return values | days | dict(inputs.from_history) | chosen


def column(value: Any) -> Floats:
    """A number or (draws, 1) as (draws or 1, 1), to broadcast against months."""
    return np.reshape(np.asarray(value, dtype=float), (-1, 1))


def of_roles(inputs: Inputs, values: Mapping[str, Any], roles: list[str], name: str) -> Floats:
    """The value that a column of the roles table points at, or else that of the key NAME_ROLE: (roles, draws or 1, 1).

    0 where the column points at nothing.
    """
    cells = inputs.assumptions.role_columns.get(name)
    keys = [cells[role] if cells else f"{name}_{role}" for role in roles]
    return np.stack(np.broadcast_arrays(*(np.reshape(values[key] if key else 0.0, (-1, 1)) for key in keys)))


def month_position(months: pd.PeriodIndex, month: int | str | None) -> int:
    """Which month of the plan is meant, counted from 0."""
    if month is None:
        return len(months) - 1
    positions = [i for i, m in enumerate(months) if m.month == month or str(m) == str(month)]
    if not positions:
        raise InputError(f"month is {month!r}; it must lie in the plan, {months[0]} to {months[-1]}")
    return positions[0]
