"""What a plan starts from: the shop, its calendar, the shape of its demand, the duties of its stage, and the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.assumptions import STAGES, Assumptions
from ecteam.model import cost, demand, headcount
from ecteam.model.history import load_history
from ecteam.scenario import PLACES, Scenario

Floats = npt.NDArray[np.float64]

HISTORY_FIELDS = {"lines_per_order": ("lines", "orders"), "units_per_line": ("units", "lines")}


@dataclass(frozen=True, eq=False)
class Inputs:
    """What does not depend on the drawn values: the shop, its calendar and the shape of its demand."""

    scenario: Scenario
    assumptions: Assumptions
    months: pd.PeriodIndex
    profile: demand.Profile
    days: pd.DataFrame
    working_days: Floats
    payroll_months: npt.NDArray[np.datetime64]
    from_history: Mapping[str, float]
    duties: pd.DataFrame
    notes: tuple[str, ...]


def prepare(scenario: Scenario, assumptions: Assumptions) -> Inputs:
    """Read the history if there is one, lay out the calendar, choose the duties of the stage and who wears them."""
    months, region = scenario.month_index, scenario.region
    place = PLACES[scenario.city]
    known = assumptions.rows(region)["value"]
    dates = pd.date_range(months[0].start_time, months[-1].end_time.normalize(), name="date")
    lift_days = demand.event_days(dates, assumptions.calendar, region)
    lifts = {name: known[name] for name in assumptions.calendar.loc[assumptions.calendar["region"] == region, "lift"]}
    notes: list[str | None] = []
    from_history: dict[str, float] = {}
    if scenario.history:
        history = load_history(scenario.history)
        past = demand.event_days(pd.DatetimeIndex(history.daily["date"]), assumptions.calendar, region)
        profile = demand.fit_profile(history.daily, history.hourly, past, lifts, source=history.name)
        closed = history.closed_on(dates)
        for field, (top, bottom) in HISTORY_FIELDS.items():
            above, below = history.per_order(top), 1.0 if bottom == "orders" else history.per_order(bottom)
            if above is not None and below:
                from_history[field] = above / below
        if missing := int((~history.daily["use"] & ~history.daily["closed"]).sum()):
            days_are = "1 day is" if missing == 1 else f"{missing} days are"
            notes.append(f"{history.name}: {days_are} missing or incomplete and left out of the fit.")
    else:
        profile = demand.assumed_profile(assumptions.profiles, region, lifts, known["day_spread"])
        closed = np.zeros(len(dates), dtype=bool)
    working_days, note = headcount.working_days(months, place["holiday_country"], place["holiday_subdivision"])
    payroll_months, late = cost.payroll_months(months, scenario.place)
    notes += [note, late, cost.stale_pack(months, scenario.place)]
    days = lift_days.assign(
        closed=closed,
        month=np.asarray(dates.to_period("M").astype("int64")) - months[0].ordinal,
        weekday=dates.day_of_week,
    )
    return Inputs(
        scenario,
        assumptions,
        months,
        profile,
        days,
        working_days,
        payroll_months,
        from_history,
        stage_duties(scenario, assumptions),
        tuple(note for note in notes if note),
    )


def stage_duties(scenario: Scenario, assumptions: Assumptions) -> pd.DataFrame:
    """The duties that exist at the shop's stage and by its choices; `worn_by` is the role whose seat does them."""
    duties = assumptions.duties
    stage = STAGES.index(scenario.stage)
    exists = duties["from_stage"].map(STAGES.index) <= stage
    chosen = duties["when"].map(lambda flag: not flag or getattr(scenario, flag))
    kept = duties[exists & chosen]
    return kept.assign(worn_by=kept["role"].map(assumptions.roles[scenario.hat_scheme]))


def values_of(inputs: Inputs) -> dict[str, Any]:
    """Name -> value: the assumptions of the region, then the history's own figures, then the scenario's choices.

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
    return values | dict(inputs.from_history) | chosen


def column(value: Any) -> Floats:
    """A number or (draws, 1) as (draws or 1, 1), to broadcast against months."""
    return np.reshape(np.asarray(value, dtype=float), (-1, 1))
