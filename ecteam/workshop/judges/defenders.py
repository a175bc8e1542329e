"""From growth to maturity. Judges of an expected saving, of a break-even loss, and of the holes that sink the ship."""

from functools import cache
from typing import Any

from ecteam.analysis import defenders as defenders_analysis
from ecteam.plan.plan import Plan, plan_shop
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.lesson import Lesson

SHOP = "tea_shop_maturity"
CASH, MARGIN = 800_000.0, 30.0
NEAR, TOLERANCE = 0.7, 0.02
"""A loss is not far above the break-even if with this share of it a reviewer would not pay."""


def my_saving(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """What does public relations save in a year, at typical figures?"""
    now = _plan().assumptions.region("cn")
    often, severity, share = (
        float(now[key]) for key in ("incidents_per_year", "incident_severity", "incident_mitigated_share")
    )
    right = float(defenders_analysis.expected_saving(often, severity, share))
    found = {"made": made, "often": often, "severity": severity, "share": share, "right": right}
    if abs(made / right - 1) <= TOLERANCE:
        return "passed", found
    if abs(made / (often * severity) - 1) <= TOLERANCE:
        return "all_of_it", found
    return ("one_incident" if abs(made / (severity * share) - 1) <= TOLERANCE else "not_that"), found


def my_loss(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Is this about the loss of a bad order from which a reviewer pays?"""
    if not 0 < made <= 1e6:
        raise NotYet("Write CNY lost by a bad order, more than 0.", "请写一笔坏单亏多少元，要大于 0。")
    net, less = (
        float(
            defenders_analysis.defence(_plan(), "anti_abuse", loss_per_bad_order=loss, margin_per_order=MARGIN)["net"]
        )
        for loss in (made, NEAR * made)
    )
    found = {"made": made, "net": net, "less": NEAR * made}
    if net < 0:
        return "does_not_pay", found
    return ("far_above" if less >= 0 else "passed"), found


def my_holes(made: list[str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Are these the losses, each alone, that the cash cannot pay?"""
    table = defenders_analysis.small_holes(_plan(), CASH).set_index("hole")
    named = [key_of(name, table.index, ("loss", "损失")) for name in made]
    losses = table["largest_loss"].astype(float)
    if afloat := [name for name in named if losses[name] <= CASH]:
        return "can_be_paid", {"loss": float(losses[afloat[0]]), "cash": CASH}
    if missed := [name for name in losses.index if losses[name] > CASH and name not in named]:
        return "missed", {"count": len(missed), "cash": CASH}
    return "passed", {"count": len(set(named)), "cash": CASH}


@cache
def _plan() -> Plan:
    return plan_shop(SHOP)
