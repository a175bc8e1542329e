"""What would the shops of a fleet save by sharing a service desk, or a warehouse?

A desk can be shared by shops whose customers speak one language, whose people are paid in one currency and take as many
chats at once; the strictest reply target and the longest hours then hold for all. A warehouse can be shared by shops of
one city with the same opening hours and the same promise to ship. Apart and together are computed alike: as if desk and
warehouse had people of their own, in whole heads, at the pay of those who do it now. Work is the same, pooled or not;
what falls is the waiting for it. The busy days of all are added.

References
----------
.. [1] D. R. Smith, W. Whitt, "Resource sharing for efficiency in traffic systems", Bell System Technical Journal 60
   (1981): one queue needs no more servers than several if all take the same time over a customer; if they do not, it
   may, and so it may where the promise is of the first reply, since the agents of a full pool have the most chats whose
   replies come first. A shared desk can still keep its agents apart, so that it never has to need more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.analysis.options import flat, head_cost_per_month
from ecteam.inputs.arguments import Floats, whole
from ecteam.inputs.calendar_units import DAYS_PER_MONTH, DAYS_PER_WEEK, HOURS_PER_DAY
from ecteam.inputs.scenario import PLACES
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import column
from ecteam.plan.staffing import open_week, think_minutes
from ecteam.staffing import deadlines, headcount, queueing, shifts

DESK, WAREHOUSE = "service_desk", "warehouse"
SHARED = ("pool", "shops", "language", "city", "currency", "from_hour", "until_hour", "target_seconds", "target_share",
          "ship_rule", "cutoff_hour")  # fmt: skip
MEASURED = ("at_once_apart", "at_once_pooled", "hours_apart", "hours_pooled", "heads_apart", "heads_pooled",
            "saved_per_month", "rent_saved_per_month")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Part:
    """What one shop would bring to a pool: the little of its plan that sharing depends on.

    `terms`: who can share with whom; `work` (months, 7, 24): contacts, or person-hours, of a busy week; `agents` the
    same, people at once at the shop's own desk; `open_days` (months, 7); `hours` (months,) of a month alone;
    `head_hours` (months,) that a head works; `limits`: what the pool must keep, and prices.
    """

    pool: str
    terms: tuple[Any, ...]
    months: pd.PeriodIndex
    work: Floats
    agents: Floats
    open_days: Floats
    hours: Floats
    head_hours: Floats
    limits: Mapping[str, Any]


def parts_of(plan: Plan) -> tuple[Part, ...]:
    """What the shop of a plan would bring to a pool: its desk and its warehouse, where it has them."""
    return (*_desk(plan), *_warehouse(plan))


def shared(parts: Mapping[str, tuple[Part, ...]]) -> pd.DataFrame:
    """What would these shops save by sharing? Name -> parts of its plan, small enough to be kept for a whole fleet.

    A row for each group of shops that could share: pool (service_desk, warehouse), shops (their names), the conditions
    language, city ("" where any will do), currency, from_hour, until_hour, target_seconds and target_share (the
    strictest of them), ship_rule, cutoff_hour; apart and pooled: people at once in the busiest hour, hours a month,
    heads; and saved_per_month of people and rent_saved_per_month, in the currency.

    >>> from ecteam import load_scenario, make_plan
    >>> shop = load_scenario("tea_shop_startup", dedicated_desk=True, months=1)
    >>> plans = {"A": make_plan(shop), "B": make_plan(shop.with_changes(orders_per_day=90))}
    >>> table = shared({name: parts_of(plan) for name, plan in plans.items()})
    >>> table[["pool", "heads_apart", "heads_pooled"]].values.tolist()
    [['service_desk', 10, 7], ['warehouse', 3, 2]]
    """
    groups: dict[tuple[Any, ...], dict[str, Part]] = {}
    for name, own_parts in parts.items():
        for part in own_parts:
            groups.setdefault((part.pool, *part.terms), {})[name] = part
    table = pd.DataFrame([_row(group) for group in groups.values() if len(group) > 1], columns=[*SHARED, *MEASURED])
    order = ["pool", "saved_per_month"]
    return table.sort_values(order, ascending=[True, False], ignore_index=True, kind="stable")


def _desk(plan: Plan) -> list[Part]:
    """The staffed desk of a shop, none where chats are answered between other tasks."""
    shop, results, values = plan.scenario, plan.results, plan.values
    desks = []
    for role, desk in results.desks.items():
        chats = (desk.chats_per_order[..., None] * results.demand.busy)[0]
        hours = shop.service_from_hour, shop.service_until_hour
        place = PLACES[shop.city]
        patterns = shifts.read_patterns(region=shop.region)
        paid = (shifts.shift_hours_bound(desk.agents[0], patterns) * results.demand.open_days).sum(axis=-1)
        limits = {
            "reply_minutes": desk.reply_minutes[0], "think_minutes": think_minutes(values, desk.reply_minutes)[0],
            "from_hour": hours[0], "until_hour": hours[1], "target_seconds": shop.reply_target_seconds,
            "target_share": shop.reply_target_share, "chats_at_once": shop.chats_at_once,
            "max_occupancy": float(np.ravel(values["service_occupancy_max"])[0]), "patterns": patterns,
            "replies": np.ravel(values["replies_per_chat"]),
            "reachable": float(np.ravel(values["reachable_reply_share"])[0]),
            "head_cost": _head_cost(plan, role),
        }  # fmt: skip
        desks.append(
            Part(
                DESK, (place["language"], place["currency"], shop.chats_at_once), plan.months,
                headcount.desk_arrivals(chats, plan.inputs.profile.hour, *hours), desk.agents[0].astype(float),
                results.demand.open_days, paid, _head_hours(plan, role), limits,
            )
        )  # fmt: skip
    # A shop has one desk, whoever sits there; with several, the largest is the one to share.
    return sorted(desks, key=lambda part: -part.work.sum())[:1]


def _warehouse(plan: Plan) -> list[Part]:
    """The warehouse of a shop that ships itself."""
    shop, results, duties = plan.scenario, plan.results, plan.inputs.duties
    packing = (duties["method"] == "deadline").to_numpy()
    hours = (results.hours[packing] - results.temp_work[packing])[:, 0].sum(axis=0)
    if not hours.any():
        return []
    orders = results.demand.orders[0]
    per_order = np.divide(results.hours[packing][:, 0].sum(axis=0), orders, out=np.zeros_like(orders), where=orders > 0)
    week = per_order[:, None] * results.demand.busy[0]
    role = str(duties.loc[packing, "worn_by"].mode().iloc[0])
    terms = (
        shop.city, shop.ship_rule, shop.cutoff_hour, shop.warehouse_from_hour, shop.warehouse_until_hour,
        tuple(open_week(plan.inputs)),
    )  # fmt: skip
    least, each, rent = (
        float(flat(plan.values, key)[0])
        for key in ("warehouse_area_least", "warehouse_area_per_daily_order", "warehouse_rent_per_square_metre")
    )
    limits = {
        "from_hour": shop.warehouse_from_hour, "until_hour": shop.warehouse_until_hour, "ship_rule": shop.ship_rule,
        "cutoff_hour": shop.cutoff_hour, "is_open": open_week(plan.inputs), "area_least": least,
        "area": each * float(orders.mean()) / DAYS_PER_MONTH, "rent": rent, "head_cost": _head_cost(plan, role),
        "place": shop.city,
    }  # fmt: skip
    work = week[..., None] * plan.inputs.profile.hour
    nobody = np.zeros((len(plan.months), DAYS_PER_WEEK, HOURS_PER_DAY))
    return [
        Part(
            WAREHOUSE, terms, plan.months, work, nobody, results.demand.open_days, hours, _head_hours(plan, role),
            limits,
        )
    ]  # fmt: skip


def _head_cost(plan: Plan, role: str) -> float:
    return float(head_cost_per_month(plan.inputs, plan.values, role)[0])


def _head_hours(plan: Plan, role: str) -> Floats:
    """Hours that a head of a role works in each month."""
    shrinkage = column(plan.values[plan.assumptions.roles.loc[role, "shrinkage"]])
    return (plan.results.paid_hours * (1 - shrinkage))[0]


def _row(group: Mapping[str, Part]) -> dict[str, Any]:
    """A group of shops apart and together, over all the months that any of them plans."""
    parts = list(group.values())
    months = parts[0].months
    for part in parts[1:]:
        months = months.union(part.months)
    work, agents, open_days, hours, head_hours = (
        np.stack([_over(months, part, getattr(part, name)) for part in parts])
        for name in ("work", "agents", "open_days", "hours", "head_hours")
    )
    limits = [part.limits for part in parts]
    row: dict[str, Any] = dict.fromkeys(SHARED, "") | {
        "pool": parts[0].pool, "shops": tuple(group), "from_hour": min(own["from_hour"] for own in limits),
        "until_hour": max(own["until_hour"] for own in limits), "rent_saved_per_month": 0.0,
    }  # fmt: skip
    if parts[0].pool == DESK:
        row |= {"language": parts[0].terms[0], "currency": parts[0].terms[1]}
        apart, together, pooled_hours, terms = _shared_desk(months, parts, work, agents, open_days)
        row |= terms
    else:
        row |= {"city": limits[0]["place"], "currency": PLACES[limits[0]["place"]]["currency"]}
        row |= {name: limits[0][name] for name in ("ship_rule", "cutoff_hour")}
        own = limits[0]
        apart, together = pooled_crew(work, own["is_open"], own["ship_rule"], own["cutoff_hour"])
        pooled_hours = hours.sum(axis=0)
        areas = [max(own["area_least"], own["area"]) for own in limits]
        one_area = max(max(own["area_least"] for own in limits), sum(own["area"] for own in limits))
        rent = np.mean([own["rent"] for own in limits])
        row["rent_saved_per_month"] = float(rent * (sum(areas) - min(one_area, sum(areas))))
    # Months in which a shop plans nothing take the hours of the heads of the others.
    there = head_hours > 0
    mean_hours = head_hours.sum(axis=0) / there.sum(axis=0)
    heads = np.maximum(whole(hours / np.where(there, head_hours, mean_hours)), apart).max(axis=1)
    one = float(np.maximum(whole(pooled_hours / mean_hours), together).max())
    one = min(one, float(heads.sum()))
    cost = float(np.average([own["head_cost"] for own in limits], weights=np.maximum(heads, 1e-9)))
    return row | {
        "at_once_apart": int(apart.sum(axis=0).max()), "at_once_pooled": int(together.max()),
        "hours_apart": float(hours.sum(axis=0).mean()), "hours_pooled": float(pooled_hours.mean()),
        "heads_apart": int(heads.sum()), "heads_pooled": int(one),
        "saved_per_month": float((heads.sum() - one) * cost),
    }  # fmt: skip


def _over(months: pd.PeriodIndex, part: Part, values: Floats) -> Floats:
    """Values by month of one plan, over the months of all: 0 where it plans none."""
    over_all = np.zeros((len(months), *values.shape[1:]))
    over_all[months.get_indexer(part.months)] = values
    return over_all


def _shared_desk(
    months: pd.PeriodIndex, parts: list[Part], chats: Floats, agents: Floats, open_days: Floats
) -> tuple[Floats, Floats, Floats, dict[str, Any]]:
    """People at once apart (shops, months) and together (months,), the hours of a month together, and the terms."""
    limits = [part.limits for part in parts]
    reply, think, replies = (
        np.stack([_over(months, part, np.broadcast_to(part.limits[name], part.hours.shape)) for part in parts])
        for name in ("reply_minutes", "think_minutes", "replies")
    )
    terms = {
        "target_seconds": min(own["target_seconds"] for own in limits),
        "target_share": max(own["target_share"] for own in limits),
    }
    together = pooled_agents(
        chats, agents, reply_minutes=reply[..., None, None], think_minutes=think[..., None, None], **terms,
        chats_at_once=limits[0]["chats_at_once"],
        max_occupancy=min(own["max_occupancy"] for own in limits), replies_per_chat=replies[..., None, None],
        reachable_share=min(own["reachable"] for own in limits),
    )  # fmt: skip
    days = open_days.max(axis=0)
    hours = (shifts.shift_hours_bound(together, limits[0]["patterns"]) * days).sum(axis=-1)
    apart_hours = np.stack([_over(months, part, part.hours) for part in parts]).sum(axis=0)
    return agents.max(axis=(-1, -2)), together.max(axis=(-1, -2)).astype(float), np.minimum(hours, apart_hours), terms


def pooled_agents(
    arrivals_per_hour: npt.ArrayLike,
    separate: npt.ArrayLike,
    *,
    reply_minutes: npt.ArrayLike,
    think_minutes: npt.ArrayLike,
    target_seconds: float,
    target_share: float,
    chats_at_once: int,
    max_occupancy: float,
    replies_per_chat: npt.ArrayLike,
    reachable_share: float,
) -> npt.NDArray[np.int64]:
    """How many agents, (...), does one desk need for the contacts of several, (desks, ...), who need `separate` alone?

    `queueing.agents_required` for the sum of the contacts, whose minutes are the mean over contacts, so that no work is
    lost; but never more than all agents apart, and somebody wherever a desk has somebody [1]_.

    >>> int(pooled_agents([20.0, 20.0], [3, 3], reply_minutes=3, think_minutes=0, target_seconds=60, target_share=0.8,
    ...     chats_at_once=1, max_occupancy=1, replies_per_chat=6, reachable_share=0.95))
    5
    """
    arrivals, alone = np.asarray(arrivals_per_hour, dtype=float), np.asarray(separate)
    total = arrivals.sum(axis=0)
    reply, think, replies = (
        np.divide((arrivals * each).sum(axis=0), total, out=np.zeros(total.shape), where=total > 0)
        for each in map(np.asarray, (reply_minutes, think_minutes, replies_per_chat))
    )
    busy = (total > 0) & (reply > 0)
    agents = np.zeros(total.shape, dtype=np.int64)
    if busy.any():
        seconds = 60 * reply[busy] / replies[busy]
        agents[busy] = queueing.agents_required(
            total[busy],
            60 * (reply + think)[busy],
            target_seconds,
            headcount.promised_share(target_share, target_seconds, seconds, reachable_share),
            concurrency=chats_at_once,
            reply_seconds=seconds,
            think_seconds=60 * think[busy] / replies[busy],
            first_reply=True,
            max_occupancy=max_occupancy,
        )
    return np.clip(agents, alone.max(axis=0) > 0, alone.sum(axis=0)).astype(np.int64)


def pooled_crew(hours: Floats, is_open: Floats, rule: str, cutoff_hour: int) -> tuple[Floats, Floats]:
    """The people who ship every order in time, for each shop and for all their orders together.

    hours : (shops, months, 7, 24), person-hours of work by the hour of the week in which its orders come
    """
    due = deadlines.due_hours(is_open, rule, cutoff_hour=cutoff_hour, cyclic=True)
    weeks = hours.reshape(*hours.shape[:-2], -1)
    apart, one = (
        deadlines.crew_required(each, is_open, due, rate_per_hour=1.0, cyclic=True)
        for each in (weeks, weeks.sum(axis=0))
    )
    return np.asarray(whole(apart.people)), np.asarray(whole(one.people))
