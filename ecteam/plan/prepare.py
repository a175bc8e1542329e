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
from ecteam.inputs.history import History, load_history
from ecteam.inputs.scenario import PLACES, Scenario
from ecteam.inputs.tables import STAGES
from ecteam.inputs.words import Name, Note
from ecteam.pay import loaded_cost
from ecteam.staffing import forecast, headcount

Floats = npt.NDArray[np.float64]

FLAGS = ("self_shipping", "own_technology")
"""Choices that a duty may hang on."""
HISTORY_FIELDS = {"lines_per_order": ("lines", "orders"), "units_per_line": ("units", "lines")}


@dataclass(frozen=True, eq=False)
class Inputs:
    """What does not depend on the drawn values: the shop, its calendar and the shape of its demand.

    `year_factor`: the mean of an ordinary year, closed days and all, at a level of 1. `orders_times`: how many times
    their forecast the orders of each month are, (draws or 1, months or 1); 1 but where `uncertainty` draws it.
    """

    @property
    def orders_per_day(self) -> float:
        """Average orders of a calendar day over an ordinary year, as chosen or as in the history."""
        chosen = self.scenario.orders_per_day
        return self.profile.level * self.year_factor if chosen is None else chosen

    @property
    def training_is_a_duty(self) -> bool:
        """Whether somebody's hours hold the training of newcomers; else a colleague gives the time."""
        return bool((self.duties["rate"] == "training_hours_per_hire").any())

    scenario: Scenario
    assumptions: Assumptions
    months: pd.PeriodIndex
    profile: forecast.Profile
    year_factor: float
    days: pd.DataFrame
    working_days: Floats
    payroll_months: npt.NDArray[np.datetime64]
    from_history: Mapping[str, float]
    duties: pd.DataFrame
    notes: tuple[Note, ...]
    orders_times: Floats = field(default_factory=lambda: np.ones((1, 1)))


def prepare(scenario: Scenario, assumptions: Assumptions) -> Inputs:
    """Read the history if there is one, lay out the calendar, choose the duties of the stage and who wears them."""
    months, place = scenario.month_index, PLACES[scenario.city]
    dates = pd.date_range(months[0].start_time, months[-1].end_time.normalize(), name="date")
    history = load_history(scenario.history) if scenario.history else None
    profile, from_history, gaps = _shape_of_demand(history, assumptions, scenario.region)
    working_days, unannounced = headcount.working_days(months, place["holiday_country"], place["holiday_subdivision"])
    set_days = "working_days_per_month" in assumptions.changed
    rows = assumptions.rows(scenario.region)
    working_days = np.full(
        len(months), rows.loc["working_days_per_month", "value"] if set_days else working_days.mean()
    )
    payroll_months, late = loaded_cost.payroll_months(months, scenario.place)
    duties = stage_duties(scenario, assumptions)
    notes = (
        gaps,
        unannounced,
        late,
        loaded_cost.stale_pack(months, scenario.place),
        _days_promised(scenario),
        _undated_events(assumptions, scenario),
        *_underpaid(assumptions, scenario, duties, payroll_months),
    )
    days = forecast.event_days(dates, assumptions.calendar, scenario.region).assign(
        closed=history.closed_on(dates) if history else False,
        month=np.repeat(np.arange(len(months)), months.days_in_month),
        weekday=dates.day_of_week,
    )
    return Inputs(
        scenario,
        assumptions,
        months,
        profile,
        _year_factor(profile, history, months),
        days,
        working_days,
        payroll_months,
        from_history,
        duties,
        tuple(note for note in notes if note),
    )


def _days_promised(scenario: Scenario) -> Note | None:
    days = scenario.warehouse_days_per_week
    if not scenario.self_shipping or days == DAYS_PER_WEEK:
        return None
    return Note("days_promised", rule=scenario.ship_rule, rule_name=Name(scenario.ship_rule), days=days)


def _underpaid(
    assumptions: Assumptions, scenario: Scenario, duties: pd.DataFrame, on: npt.NDArray[np.datetime64]
) -> list[Note]:
    """Notes about pay below the minimum wage, of this shop's roles or set for others; the owner draws no pay."""
    value = assumptions.rows(scenario.region)["value"]
    level = value[PLACES[scenario.city]["pay_level"]]
    paid_roles = {*duties["worn_by"], *(key.removeprefix("pay_") for key in assumptions.changed)}
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
    history: History | None, assumptions: Assumptions, region: str
) -> tuple[forecast.Profile, Mapping[str, float], Note | None]:
    """The fitted or assumed profile, what an order of the history holds, and what is missing in it.

    Kept, since a slider asks for the same shape again and again; all three arguments are frozen.
    """
    rows = assumptions.rows(region)
    if history is None:
        return forecast.assumed_profile(assumptions.profiles, region, float(rows.loc["day_spread", "value"])), {}, None
    past = forecast.event_days(pd.DatetimeIndex(history.daily["date"]), assumptions.calendar, region)
    # The same fit for every draw: drawn towards the typical lifts, or those the shop has set.
    prior = rows["typical"].mask(rows.index.isin(list(assumptions.changed)), rows["value"]).to_dict()
    profile = forecast.fit_profile(history.daily, history.hourly, past, prior, source=history.name)
    if not history.clock:
        usual = forecast.assumed_profile(assumptions.profiles, region, float(rows.loc["day_spread", "value"]))
        profile = replace(profile, hour=usual.hour)
    per_order = {}
    for name, (top, bottom) in HISTORY_FIELDS.items():
        above, below = history.per_order(top), 1.0 if bottom == "orders" else history.per_order(bottom)
        if above is not None and below:
            per_order[name] = above / below
    missing = int((~history.daily["use"] & ~history.daily["closed"]).sum())
    gaps = Note("days_left_out", file=history.name, n=missing) if missing else None
    return profile, per_order, gaps


def stage_duties(scenario: Scenario, assumptions: Assumptions) -> pd.DataFrame:
    """The duties that exist at the shop's stage and by its choices; `worn_by` is the role whose seat does them."""
    duties = assumptions.duties
    stages, flags = set(STAGES[: STAGES.index(scenario.stage) + 1]), {"", *(f for f in FLAGS if getattr(scenario, f))}
    kept = duties[duties["from_stage"].isin(stages) & duties["when"].isin(flags)]
    return kept.assign(worn_by=kept["role"].map(assumptions.role_columns[scenario.hat_scheme]))


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
