"""How sure is a plan? It is solved again for many draws of its assumptions and its orders at once."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.analysis.sensitivity import drawn_rows, explained_share, influence, measured_by, swings
from ecteam.inputs.checks import InputError
from ecteam.pay import loaded_cost
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import Inputs, column, values_of
from ecteam.plan.solution import Results, Solution
from ecteam.plan.solve import solve
from ecteam.staffing import forecast

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Calls a function for each of some things, in their order: `map`, or one that asks a cluster."""

TOTAL = "total"
EVERY_DUTY = "every_duty"
_ROUNDING = 1e-9


def orders_spread(plan: Plan) -> tuple[float | None, float | None]:
    """How wide level and months of the orders are by the shop's own history; None where the assumption holds."""
    test, changed = plan.forecast_error, plan.assumptions.changed
    if test is not None and plan.inputs.profile.naive:
        test = test.assign(forecast=test["naive"])
    level, month = (test is not None and forecast.forecast_spread(test)) or (None, None)
    return (None if "orders_level_spread" in changed else level, None if "orders_month_spread" in changed else month)


def orders_times_of(
    values: Mapping[str, Any], spread: tuple[float | None, float | None], draws: int, months: int, seed: int
) -> tuple[Floats, Floats]:
    """How many times their forecast the orders of each month are, (draws, months), and the level, (draws, 1)."""
    keys = ("orders_level_spread", "orders_month_spread")
    factors = []
    for key, own, size in zip(keys, spread, (1, months), strict=True):
        rng = np.random.default_rng([seed, zlib.crc32(f"normal/{key}".encode())])
        sigma = np.sqrt(np.log1p(column(values[key] if own is None else own) ** 2))
        factors.append(np.exp(sigma * rng.standard_normal((draws, size)) - sigma**2 / 2))
    return factors[0] * factors[1], factors[0]


def answers(plan: Plan, inputs: Inputs) -> dict[str, dict[str, Any]]:
    """What some draws say, without the arrays on the way: name -> key -> (draws, months).

    `heads` and `cost` by role and in total, solved again; `enough` by role and `kept` by target for the plan's own
    heads; of the `shop` its orders, and whether the team settles, (draws,).
    """
    solution = solve(inputs, values_of(inputs), team=plan.results, all_settle=False)
    results = solution.results
    lost = ~results.settled
    heads = dict(zip(results.roles, results.heads.copy(), strict=True))
    heads[TOTAL] = results.heads.sum(axis=0)
    paid = cash_by_role(results)
    for amounts in (*heads.values(), *paid.values()):
        amounts[lost] = np.inf
    needs, team = results.team_needs_fte, plan.results.employed_fte + _ROUNDING
    assert needs is not None
    return {
        "heads": heads,
        "cost": paid,
        "enough": {role: needs[i] <= team[i] for i, role in enumerate(results.roles)},
        "kept": _targets_kept(solution, plan.results),
        "shop": {"orders": results.demand.orders, "settled": results.settled},
    }


def _targets_kept(solution: Solution, team: Results) -> dict[str, Bools]:
    """Target -> whether the people of a given team keep it, (draws, months); desk and parcels before other duties."""
    inputs, results = solution.inputs, solution.results
    duties, roles = inputs.duties, results.roles
    shrinkage = inputs.assumptions.role_columns["shrinkage"]
    first = duties["method"].isin(["queue", "deadline"]).to_numpy()
    able = {}
    for i, role in enumerate(roles):
        hours = results.staffed_hours[first & (duties["worn_by"] == role).to_numpy()].sum(axis=0)
        needed = hours / (results.paid_hours * (1 - column(solution.values[shrinkage[role]])))
        able[role] = (needed <= team.employed_fte[i] + _ROUNDING) & (results.on_shift[i] <= team.heads[i])
    kept = {}
    reply = "reply_target" if inputs.scenario.dedicated_desk else "chats_answered"
    for target, method in ((reply, "queue"), ("ship_on_time", "deadline")):
        at_it = duties.loc[duties["method"] == method, "worn_by"].unique()
        if len(at_it):
            kept[target] = np.logical_and.reduce([able[role] for role in at_it])
    assert results.team_needs_fte is not None
    kept[EVERY_DUTY] = (results.team_needs_fte <= team.employed_fte + _ROUNDING).all(axis=0)
    return kept


def cash_by_role(results: Results) -> dict[str, Floats]:
    """Cash cost of each role, of the shop as a whole ("") and in total: (draws, months)."""
    cash = {item: amounts for item, amounts in results.items.items() if item not in loaded_cost.CASH_FREE_ITEMS}
    by_role = np.sum([amounts for item, amounts in cash.items() if item in loaded_cost.ROLE_ITEMS], axis=0)
    shop = np.sum([amounts for item, amounts in cash.items() if item in loaded_cost.SHOP_ITEMS], axis=0)
    shop = shop + np.zeros(by_role.shape[1:])
    return dict(zip(results.roles, by_role, strict=True)) | {"": shop, TOTAL: by_role.sum(axis=0) + shop}


def quantile(values: npt.ArrayLike, share: float) -> Any:
    """The smallest of the values, (..., draws), that at least this share of the draws do not exceed.

    Always one of the values: whole heads stay whole.

    >>> float(quantile([5, 1, 4, 2, 3, 6, 7, 8, 9, 10], 0.9))
    9.0
    """
    ordered = np.sort(np.asarray(values, dtype=float), axis=-1)
    return ordered[..., int(np.ceil(share * ordered.shape[-1] - _ROUNDING)) - 1]


__all__ = ["HELD_FIXED", "Uncertainty", "how_sure", "influence"]

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
FEWEST_DRAWS, MOST_DRAWS = 10, 20_000
_CELLS_AT_ONCE = 3000
"""Draws x months that are solved at once: what bounds the memory. It depends on nothing but the plan."""

HELD_FIXED = ("held_scheme", "held_team", "held_first", "held_temps", "held_shape", "held_orders")
"""What the draws hold fixed: keys of texts."""


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """A plan under many draws. Arrays end in (draws, months); frames are made when first asked for.

    orders : (draws, months); heads, cost : role or "total" -> (draws, months), solved again in each draw, infinite
    where headcount does not converge; spread : how wide level and months of the orders are by the shop's history, None
    where the assumption holds; enough : role -> whether the plan's own heads are enough; kept : target -> whether the
    plan's own heads keep it; inputs : (rows, draws), what was drawn, the rows being those of `drawn_rows`.
    """

    plan: Plan
    draws: int
    seed: int
    spread: tuple[float | None, float | None]
    orders: Floats
    heads: Mapping[str, Floats]
    cost: Mapping[str, Floats]
    enough: Mapping[str, Bools]
    kept: Mapping[str, Bools]
    inputs: Floats
    drawn_rows: pd.DataFrame
    settled: Bools

    @property
    def unsettled_share(self) -> float:
        """The share of draws in which every head asks for more than one further head, so that no team is enough."""
        return float(1 - self.settled.mean())

    @cached_property
    def heads_by_month(self) -> pd.DataFrame:
        """Heads that the draws need: month, role ("total" for the team), plan, p10, p50, p90; whole people.

        The quantiles of the total are those of the sum: never the sum of the roles' own quantiles.
        """
        results = self.plan.results
        planned = dict(zip(results.roles, results.heads[:, 0], strict=True))
        return self._by_month(self.heads, planned | {TOTAL: results.heads[:, 0].sum(axis=0)})

    @cached_property
    def cost_by_month(self) -> pd.DataFrame:
        """Cash cost of the draws' own teams: month, role ("" for the shop as a whole, "total"), plan, p10, p50, p90."""
        planned = {role: amounts[0] for role, amounts in cash_by_role(self.plan.results).items()}
        return self._by_month(self.cost, planned)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The figures a boss asks first: figure, plan, p10, p50, p90, share_above_plan (of the draws).

        heads_first_month, heads_last_month, orders_total, cost_total, cost_per_month, cost_per_order (cash). A plan at
        typical figures, which are the means of what is drawn, lies near the middle; heads are whole and nobody is
        released after a busy month, so that often more than half of the draws lie above it.
        """
        heads, paid, orders = self.heads[TOTAL], self.cost[TOTAL].sum(axis=1), self.orders.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            per_order = np.where(orders > 0, paid / orders, np.nan)
        drawn = {
            "heads_first_month": heads[:, 0],
            "heads_last_month": heads[:, -1],
            "orders_total": orders,
            "cost_total": paid,
            "cost_per_month": paid / len(self.plan.months),
            "cost_per_order": per_order,
        }
        planned = self.plan.totals
        frame = pd.DataFrame(
            {"figure": name, "plan": planned[name], **{at: float(quantile(values, q)) for at, q in QUANTILES.items()}}
            for name, values in drawn.items()
        )
        # A draw that equals the plan to the last digits is not above it.
        above = [float((values > planned[name] * (1 + _ROUNDING)).mean()) for name, values in drawn.items()]
        return frame.assign(share_above_plan=above)

    @cached_property
    def chance_by_month(self) -> pd.DataFrame:
        """The chance that the plan's own team is enough: kind ("target" or "role"), name, month, chance.

        The chance is the share of the draws.
        Targets: `reply_target` (a staffed desk replies in time) or `chats_answered` (without one), `ship_on_time`, and
        `every_duty` (those, and the hours of every other duty, in every role). A role is enough if its heads do its
        FTE and stand at desk and packing table at once; that is the chance of each of its duties too.
        """
        rows = [
            {"kind": kind, "name": name, "month": month, "chance": chance}
            for kind, by_name in (("target", self.kept), ("role", self.enough))
            for name, good in by_name.items()
            for month, chance in zip(self.plan.months, good.mean(axis=0), strict=True)
        ]
        return pd.DataFrame(rows)

    @cached_property
    def chance(self) -> pd.DataFrame:
        """The same for the whole plan: kind, name, chance (in all months of it), worst_month, chance_in_worst_month,
        standard_error (of `chance`, from the number of draws)."""
        rows = []
        for (kind, name), months in self.chance_by_month.groupby(["kind", "name"], sort=False):
            worst = months.loc[months["chance"].idxmin()]
            good = (self.kept if kind == "target" else self.enough)[name]
            chance = float(good.all(axis=1).mean())
            error = float(np.sqrt(chance * (1 - chance) / self.draws))
            rows.append((kind, name, chance, worst["month"], worst["chance"], error))
        columns = ["kind", "name", "chance", "worst_month", "chance_in_worst_month", "standard_error"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def tornado(self) -> pd.DataFrame:
        """What moves the cost most, each alone from its own P10 to its own P90, all else as planned?

        Heads are solved again for each. Unlike `influence`, which goes from the lowest to the highest figure, this puts
        the orders ("orders_times", times their forecast) and the assumptions on one footing. Columns: key, en, zh, p10,
        typical, p90, unit, cost_p10, cost_p90 (cash, the whole plan; infinite where headcount does not converge),
        swing, source, as_of, kind; largest first.
        """
        low, high = (quantile(self.inputs, q) for q in (0.1, 0.9))
        rows = swings(self.plan, self.drawn_rows, low, high, all_settle=False)
        rows = rows.rename(columns={"low": "p10", "high": "p90", "cost_low": "cost_p10", "cost_high": "cost_p90"})
        return rows[rows["swing"] > 0].sort_values(["swing", "key"], ascending=[False, True], ignore_index=True)

    @cached_property
    def explained(self) -> pd.DataFrame:
        """How much of the uncertain cost comes from each assumption, and what would measuring it save?

        variance_share : the part of the variance of the plan's cash cost over the draws that goes with this figure
            alone, Var(E[cost | figure]) / Var(cost), from a quadratic fit over the draws, corrected for the two degrees
            of freedom that chance gives it; inputs are drawn independently, so the shares add up to 1 at most.
        range_saved : by how much P10 to P90 of the cost would come closer if the figure were known for sure:
            (1 - sqrt(1 - variance_share)) x (P90 - P10), in currency.
        measure : how a shop finds it out within a week; empty where it cannot (events and orders to come).

        Other columns: key, en, zh, unit, source, as_of, kind. The largest share first. Source: A. Saltelli et al.,
        Global Sensitivity Analysis, 2008, ch. 1 (first-order index).
        """
        rows, used = self.drawn_rows, self.settled
        paid = self.cost[TOTAL][used].sum(axis=1)
        share = explained_share(self.inputs[:, used], paid)
        low, high = (float(quantile(paid[None], q)[0]) for q in (0.1, 0.9))
        frame = rows[["key", "en", "zh", "unit"]].assign(
            variance_share=share,
            range_saved=(1 - np.sqrt(1 - share)) * (high - low),
            measure=[measured_by(row) for row in rows.to_dict("records")],
        )
        frame = pd.concat([frame, rows[["source", "as_of", "kind"]]], axis=1)
        return frame.sort_values(["variance_share", "key"], ascending=[False, True], ignore_index=True)

    @cached_property
    def worth_measuring(self) -> pd.DataFrame:
        """The three numbers most worth measuring this week, as rows of `explained`, the most worth first.

        Those whose knowledge brings P10 and P90 of the cost closest, among planning assumptions that a shop can measure
        within a week: a sourced figure has been measured by somebody, what the shop has set itself is known, and an
        event or next month's orders cannot be measured now.
        """
        explained_rows = self.explained
        worth = explained_rows[
            (explained_rows["kind"] == "planning assumption")
            & (explained_rows["measure"] != "")
            & (explained_rows["variance_share"] > 0)
        ]
        return worth.head(3).reset_index(drop=True)

    def _by_month(self, drawn: Mapping[str, Floats], planned: Mapping[str, Floats]) -> pd.DataFrame:
        """One row a month and role, month by month, for the roles that have anybody or cost anything."""
        roles = [role for role, values in drawn.items() if _is_there(values, planned[role])]
        levels = np.stack([[quantile(drawn[role].T, q) for q in QUANTILES.values()] for role in roles])
        months = self.plan.months
        return pd.DataFrame(
            {
                "month": months.repeat(len(roles)),
                "role": np.tile(np.asarray(roles, dtype=object), len(months)),
                "plan": np.stack([planned[role] for role in roles]).T.ravel(),
                **{name: levels[:, i].T.ravel() for i, name in enumerate(QUANTILES)},
            }
        )


def how_sure(plan: Plan, draws: int = 1000, seed: int = 1, *, each: Each = map) -> Uncertainty:
    """What may this plan come to, and is its team enough, if every assumption and the orders are drawn?

    Each assumption is drawn with its typical figure as the mean (`Assumptions.draw`); figures the user has set stay.
    Orders of a month are the forecast x level x month, both log-normal with mean 1: one level for all months of a draw,
    and a factor for each month by itself. How wide they are comes from the test of the shop's own history
    (`demand.forecast_spread`) where there is one, else from orders_level_spread and orders_month_spread, which are
    drawn too. All draws run through the recipe as one more axis. Heads are solved again in each draw; the chance that
    the plan's team is enough holds its heads fixed (`HELD_FIXED` names all that is). A draw in which the team does not
    settle counts as one whose heads and cost are above every quantile.

    draws : 10 to 20,000; seed : 0 or more; the same ones give the same bytes. Raises `InputError` for others.
    each : asks for parts of the draws, as `map` does, maybe on a cluster (`publish.cluster.spread`): the same bytes

    >>> from ecteam import load_scenario, make_plan
    >>> sure = how_sure(make_plan(load_scenario("tea_shop_startup", months=2)), draws=50)
    >>> total = sure.totals.set_index("figure").loc["cost_total"]
    >>> bool(total["p10"] < total["p50"] < total["p90"])
    True
    """
    _check(draws, seed)
    months = len(plan.months)
    drawn = plan.assumptions.draw(draws, seed)
    inputs = replace(plan.inputs, assumptions=drawn)
    spread = orders_spread(plan)
    times, level = orders_times_of(values_of(inputs), spread, draws, months, seed)
    step = max(1, _CELLS_AT_ONCE // months)
    parts = [
        replace(
            inputs,
            assumptions=drawn.with_draws(drawn.draws[:, first : first + step]),
            orders_times=times[first : first + step],
        )
        for first in range(0, draws, step)
    ]
    answered = list(each(partial(answers, plan), parts))
    merged = {
        name: {key: np.concatenate([answer[name][key] for answer in answered]) for key in answered[0][name]}
        for name in answered[0]
    }
    if not merged["shop"]["settled"].any():
        raise InputError(
            f"in none of {draws} draws does the headcount converge: each hire creates more than one person's extra "
            "work; look at the ranges of leading_hours_per_head, hr_hours_per_head, it_hours_per_head and "
            "training_hours_per_hire"
        )
    team = dict(zip(plan.results.roles, plan.results.heads[:, 0], strict=True))
    table, rows = drawn_rows(plan, spread)
    return Uncertainty(
        plan,
        int(draws),
        int(seed),
        spread,
        merged["shop"]["orders"],
        merged["heads"],
        merged["cost"],
        {role: good for role, good in merged["enough"].items() if _is_there(merged["heads"][role], team[role])},
        merged["kept"],
        np.vstack([drawn.draws[rows], level[:, 0]]),
        table,
        merged["shop"]["settled"],
    )


def _check(draws: int, seed: int) -> None:
    mistakes = []
    for name, value, low, high, words in (
        ("draws", draws, FEWEST_DRAWS, MOST_DRAWS, f"{FEWEST_DRAWS} to {MOST_DRAWS:,}, since P10 needs ten draws"),
        ("seed", seed, 0, np.inf, "0 or more"),
    ):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
            mistakes.append(f"{name} is {value!r}; it must be a whole number, {words}")
    if mistakes:
        raise InputError(mistakes)


def _is_there(drawn: Floats, planned: Floats) -> bool:
    """Whether a role has anybody, or costs anything, in the plan or in a draw that settles."""
    return bool(planned.any() or drawn[np.isfinite(drawn)].any())
