"""Does a defender pay in this shop? Anti-abuse, quality inspection, public relations, legal; and the small holes.

The frequency of loss is the shop's own: what is not given is asked for, and until then the break-even alone is shown.
"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ecteam.analysis import decisions, defenders_part, inspection
from ecteam.analysis.options import Floats, head_cost_per_month, hours_per_head
from ecteam.inputs.calendar_units import MINUTES_PER_HOUR, MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import values_of

ASKS = {
    "anti_abuse": ("loss_per_bad_order", "margin_per_order"),
    "quality": ("defect_share",),
    "public_relations": (),
    "legal": (),
}
"""Defender -> the shop's own figures without which nothing can be said but the break-even."""
CASES = ("low", "typical", "high")


def defence(
    plan: Plan,
    defender: str,
    *,
    loss_per_bad_order: float | None = None,
    margin_per_order: float | None = None,
    defect_share: float | None = None,
) -> dict[str, Any]:
    """What does a defender save a year, at the low end too, against its cost; and from which frequency does it pay?

    Gives defender, answer (hire, part_time, measure_first, not_yet), what it is (a head, or outside counsel), cost,
    saving_low, saving, saving_high, net_low, net, net_high (all a year, in the plan's currency), break_even and its
    unit, has (the shop's own frequency in that unit). The low end takes every factor of the saving at its low figure.

    Raises `InputError` for a figure of the shop that is missing (`ASKS`), and for one that is out of its range.
    """
    if defender not in ASKS:
        raise InputError(f"there is no defender {defender!r}{did_you_mean(defender, ASKS)}")
    own = {
        "loss_per_bad_order": loss_per_bad_order,
        "margin_per_order": margin_per_order,
        "defect_share": defect_share,
    }
    needed = {name: own[name] for name in ASKS[defender]}
    defenders_part.asked("there is no honest default for it: give the shop's own figure", **needed)
    terms = _RECKON[defender](plan, **needed)
    low, typical, high = terms.pop("saving")
    net = low - terms["cost"], typical - terms["cost"], high - terms["cost"]
    return (
        {"defender": defender, "answer": decisions.answer(*net)}
        | terms
        | {"saving_low": low, "saving": typical, "saving_high": high}
        | {"net_low": net[0], "net": net[1], "net_high": net[2]}
    )


def all_defences(plan: Plan, **own: float | None) -> pd.DataFrame:
    """Which defenders pay: `defence` for each, one row each?

    Where the shop's own figure is missing, `asks` names it, the answer is `asked`, savings are unknown, and the
    break-even still stands where it does not need the figure.
    """
    known = {name for names in ASKS.values() for name in names}
    if unknown := [name for name in own if name not in known]:
        raise InputError([f"there is no figure {name!r}{did_you_mean(name, sorted(known))}" for name in unknown])
    rows = []
    for defender, names in ASKS.items():
        missing = [name for name in names if own.get(name) is None]
        if missing:
            terms = {k: v for k, v in _RECKON[defender](plan, **dict.fromkeys(names)).items() if k != "saving"}
            rows.append({"defender": defender, "answer": "asked", **terms, "asks": ", ".join(missing)})
        else:
            rows.append(defence(plan, defender, **{n: own[n] for n in names}) | {"asks": ""})
    columns = ["defender", "answer", "means", "cost", "saving_low", "saving", "saving_high", "net_low", "net",
               "net_high", "break_even", "unit", "has", "asks"]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=columns)


def _cases(plan: Plan) -> pd.DataFrame:
    """low, typical and high of every assumption of the region; the shop's own figure in all three."""
    rows = plan.assumptions.rows(plan.scenario.region)
    is_own = rows.index.isin(list(plan.assumptions.changed))
    return pd.DataFrame({case: rows[case].mask(is_own, rows["value"]) for case in CASES})


def _orders_per_year(plan: Plan) -> float:
    return float(plan.results.demand.orders.sum()) / len(plan.months) * MONTHS_PER_YEAR


def _head(plan: Plan, role: str) -> tuple[float, float]:
    """Cost of a head of a role a year, and the hours it works."""
    values = values_of(plan.inputs)
    year = MONTHS_PER_YEAR * float(head_cost_per_month(plan.inputs, values, role)[0])
    return year, MONTHS_PER_YEAR * float(hours_per_head(plan.inputs, values, role)[0])


def _anti_abuse(plan: Plan, loss_per_bad_order: float | None, margin_per_order: float | None) -> dict[str, Any]:
    of, orders = _cases(plan), _orders_per_year(plan)
    cost, hours = _head(plan, "risk_analyst")
    flagged = orders * of.loc["reviewed_orders_share"].to_numpy()
    most = hours * MINUTES_PER_HOUR / of.loc["review_minutes"].to_numpy()[::-1]
    reviews = np.minimum(flagged, most)
    terms = {"means": "per_head", "cost": cost, "has": float(reviews[1]), "unit": "reviews_per_year"}
    if loss_per_bad_order is None or margin_per_order is None:
        return terms | {"break_even": np.nan, "saving": (np.nan,) * 3}
    # A good order turned away costs: its share stands at its high figure where the saving is at its low one.
    value = defenders_part.review_value(
        bad_share=of.loc["reviewed_bad_share"].to_numpy(),
        catch_share=of.loc["review_catch_share"].to_numpy(),
        false_reject_share=of.loc["review_false_reject_share"].to_numpy()[::-1],
        loss_per_bad_order=loss_per_bad_order,
        margin_per_order=margin_per_order,
    )
    # A review that loses money is not made.
    saving = np.sort(reviews * np.maximum(value, 0.0))
    return terms | {
        "break_even": float(defenders_part.break_even_reviews(cost, value[1])),
        "saving": tuple(saving.tolist()),
    }


def _quality(plan: Plan, defect_share: float | None) -> dict[str, Any]:
    of, shop = _cases(plan), plan.scenario
    year, hours = _head(plan, "qc_inspector")
    pieces = float(np.sum(plan.results.amounts["pieces_received"])) / len(plan.months) * MONTHS_PER_YEAR
    lots = max(shop.purchase_orders_per_month * MONTHS_PER_YEAR, 1.0)
    lot = max(round(pieces / lots), 2)
    each = year / hours / of.loc["inspected_pieces_per_hour"].to_numpy()[::-1]
    escaped = of.loc["escaped_defect_cost"].to_numpy()
    threshold = float(inspection.inspect_all_above(each[1], escaped[1]))
    sampled = inspection.sampling_plan(lot, float(of.loc["aql_percent", "typical"]))
    cost = float(lots * sampled.sample * each[1])
    terms = {
        "means": "sampling",
        "cost": cost,
        "break_even": threshold,
        "unit": "share_of_defects",
        "has": defect_share if defect_share is not None else np.nan,
    }
    if defect_share is None:
        return terms | {"saving": (np.nan,) * 3}
    weighed = inspection.inspection_cost(
        lot, sampled.sample, sampled.accept, defect_share=defect_share, inspection_cost=each[1], defect_cost=escaped
    )
    # What the inspection itself costs is in `cost`: the saving is what customers no longer get.
    saving = lots * (weighed.none - weighed.sampled) + cost
    return terms | {"saving": tuple(np.maximum(saving, 0.0).tolist())}


def _public_relations(plan: Plan) -> dict[str, Any]:
    of = _cases(plan)
    cost, _ = _head(plan, "pr_specialist")
    often, severity, share = (
        of.loc[key].to_numpy() for key in ("incidents_per_year", "incident_severity", "incident_mitigated_share")
    )
    return {
        "means": "per_head",
        "cost": cost,
        "break_even": float(defenders_part.break_even_frequency(cost, severity[1], share[1])),
        "unit": "incidents_per_year_unit",
        "has": float(often[1]),
        "saving": tuple(defenders_part.expected_saving(often, severity, share).tolist()),
    }


def _legal(plan: Plan) -> dict[str, Any]:
    of = _cases(plan)
    claims = _orders_per_year(plan) * of.loc["claims_per_100k_orders"].to_numpy() / 100_000
    terms = {
        "award": of.loc["claim_award"].to_numpy(),
        "cut_share": of.loc["claim_cut_share"].to_numpy(),
        "fine_per_year_share": of.loc["fine_per_year_share"].to_numpy(),
        "fine": of.loc["fine_amount"].to_numpy(),
        "fine_cut_share": of.loc["fine_cut_share"].to_numpy(),
    }
    fee = float(of.loc["legal_retainer_per_year", "typical"])
    return {
        "means": "counsel",
        "cost": fee,
        "break_even": float(defenders_part.legal_break_even_claims(fee, **{n: v[1] for n, v in terms.items()})),
        "unit": "claims_per_year",
        "has": float(claims[1]),
        "saving": tuple(defenders_part.legal_saving(claims, **terms).tolist()),
    }


_RECKON: dict[str, Any] = {
    "anti_abuse": _anti_abuse,
    "quality": _quality,
    "public_relations": _public_relations,
    "legal": _legal,
}


def small_holes(plan: Plan, cash: float | None = None, **largest_losses: float) -> pd.DataFrame:
    """Which single loss could sink the ship: the largest one of each kind against the cash at hand.

    A fine, a public incident and a bad lot at their high figures, and all orders of the busiest day leaving late; own
    largest losses by name (a coupon that leaked). Columns as in `model.defenders.small_holes`, and months_of_cost: how
    many mean months of the plan the loss is. Without a cash figure nothing is said of what is left.
    """
    of = partial(_high, _cases(plan))
    shop = plan.scenario
    pieces = float(np.sum(plan.results.amounts["pieces_received"])) / len(plan.months)
    lot = pieces / max(shop.purchase_orders_per_month, 1.0)
    losses = {
        "fine": of("fine_amount"),
        "incident": of("incident_severity"),
        "bad_lot": lot * of("escaped_defect_cost"),
        "late_peak_day": float(plan.days["orders"].max()) * of("late_order_cost"),
    } | largest_losses
    frame = pd.DataFrame({"hole": list(losses), "largest_loss": list(losses.values())})
    holes = defenders_part.small_holes(frame, cash)
    month = plan.totals()["cost_per_month"]
    return holes.assign(months_of_cost=holes["largest_loss"] / month if month else np.nan)


def _high(cases: pd.DataFrame, key: str) -> float:
    return float(cases.loc[key, "high"])


def needed_loss_per_bad_order(plan: Plan, margin_per_order: float) -> Floats:
    """How much must a bad order lose before a reviewer pays, at low, typical and high assumptions?

    The break-even to hold the shop's own figure against, the largest first: (3,).

    Formula: (cost / reviews + (1 - bad) x false reject x margin) / (bad x catch).
    """
    if not margin_per_order >= 0:
        raise InputError(f"margin_per_order is {margin_per_order:g}; it must be 0 or more")
    of, reviewer = _cases(plan), _anti_abuse(plan, None, None)
    bad, catch = of.loc["reviewed_bad_share"].to_numpy(), of.loc["review_catch_share"].to_numpy()
    rejected = of.loc["review_false_reject_share"].to_numpy()[::-1]
    per_review = reviewer["cost"] / reviewer["has"] if reviewer["has"] else np.inf
    return (per_review + (1 - bad) * rejected * margin_per_order) / (bad * catch)
