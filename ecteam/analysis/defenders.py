"""Does a defender pay in this shop: anti-abuse, quality inspection, public relations, legal? And the small holes.

A break-even is shown, not a verdict: the rates of loss are the shop's own and have no honest default. Until they are
given the break-even stands alone. The sampling tables of ISO 2859-1 are in `data/quality/`.

References
----------
.. [1] ISO 2859-1, single sampling, normal inspection. Two tables in circulation are shifted by two columns: a lot of
   4,000 at level II and AQL 2.5 is n = 200, Ac = 10.
.. [2] W. E. Deming, Out of the Crisis (1986), ch. 15: inspect all or nothing.
"""

from collections.abc import Mapping
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ecteam.analysis import options
from ecteam.analysis.options import Floats, head_cost_per_month, hours_per_head
from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.assumptions import formula_function, names_in
from ecteam.inputs.calendar_units import MINUTES_PER_HOUR, MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import read_table
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import values_of

_MONEY = Allowed("0 or more", at_least=0, below=inf)
_OWN = {
    **dict.fromkeys(("loss_per_bad_order", "margin_per_order", "cash", "largest_loss"), _MONEY),
    "defect_share": Allowed("0 to 1", at_least=0, at_most=1),
}
"""What the shop's own figures may be; all others are those of the assumptions."""
Amount = Any
"""A number, or an array of low, typical and high figures."""


def break_even(cost_per_year: Amount, saved_each: Amount) -> Floats:
    """From how many events, reviews or claims a year does a defender pay? Infinite where each saves nothing.

    >>> break_even(48_000, 60_000 * 0.4).item()
    2.0
    """
    cost, saved = np.broadcast_arrays(np.asarray(cost_per_year, dtype=float), saved_each)
    return np.divide(cost, saved, out=np.full(cost.shape, inf), where=saved > 0)


def review_value(
    *,
    bad_share: Amount,
    catch_share: Amount,
    false_reject_share: Amount,
    loss_per_bad_order: float,
    margin_per_order: float,
) -> Amount:
    """What is the review of one suspicious order worth: bad x catch x loss - (1 - bad) x false reject x margin?

    >>> round(review_value(bad_share=0.18, catch_share=0.8, false_reject_share=0.05, loss_per_bad_order=100,
    ...                    margin_per_order=30), 2)
    13.17
    """
    return bad_share * catch_share * loss_per_bad_order - (1 - bad_share) * false_reject_share * margin_per_order


def advice_saving(
    claims_per_year: Amount,
    award: Amount,
    cut_share: Amount,
    fine_per_year_share: Amount,
    fine: Amount,
    fine_cut_share: Amount,
) -> Amount:
    """What does legal advice save a year: claims x award x cut + chance of a fine x fine x cut?

    >>> advice_saving(36.4, 2000, 0.5, fine_per_year_share=0.03, fine=200_000, fine_cut_share=0.6)
    40000.0
    """
    return claims_per_year * award * cut_share + fine_per_year_share * fine * fine_cut_share


def inspection_cost(
    lot: int, sample: int, accept: int, *, defect_share: Amount, inspection_cost: float, defect_cost: Amount
) -> tuple[Amount, Amount]:
    """What does a lot cost, defects that reach customers included: not inspected at all, or by a sampling plan?

    Formula: none = N p cd; sampled = n ci + Pa (N - n) p cd + (1 - Pa)(N - n) ci, a rejected lot being inspected to the
    end, Pa = P(at most `accept` defects in the sample), binomial. All or nothing is best: all above p* = ci / cd [2]_.

    >>> none, sampled = inspection_cost(4000, 200, 10, defect_share=0.025, inspection_cost=1.2, defect_cost=24)
    >>> round(none), round(sampled)
    (2400, 2549)
    """
    kept, rest = stats.binom.cdf(accept, sample, defect_share), lot - sample
    sampled = sample * inspection_cost + kept * rest * defect_share * defect_cost + (1 - kept) * rest * inspection_cost
    return lot * defect_share * defect_cost, sampled


class SamplingPlan(NamedTuple):
    """Pieces to inspect and the most defects a lot may show; everything where the sample is as large as the lot."""

    letter: str
    sample: int
    accept: int
    everything: bool


def sampling_plan(lot: int, aql: str | float, level: str = "II") -> SamplingPlan:
    """How many pieces of a lot are inspected at an acceptance quality limit (percent), normal single sampling [1]_?

    >>> sampling_plan(4000, 2.5)
    SamplingPlan(letter='L', sample=200, accept=10, everything=False)
    >>> sampling_plan(60, 0.10).everything
    True
    """
    letters, plans = read_sampling_tables(data_dir() / "quality")
    limits = sorted({name.split("_")[1] for name in plans.columns if name.endswith("_n")}, key=float)
    wanted = next((limit for limit in limits if _same(aql, limit)), None)
    mistakes = []
    if isinstance(lot, bool) or lot != lot or lot != int(lot) or lot < letters["lot_from"].min():
        mistakes.append(f"lot is {lot}; it must be a whole number of pieces, {letters['lot_from'].min()} or more")
    if wanted is None:
        mistakes.append(f"aql is {aql}; it must be one of {', '.join(limits)} (percent)")
    levels = letters.columns.drop(["lot_from", "lot_to"])
    if level not in levels:
        mistakes.append(f"level is {level}; it must be one of {', '.join(levels)}")
    if mistakes:
        raise InputError(mistakes)
    letter = str(letters.loc[(letters["lot_from"] <= lot).to_numpy().nonzero()[0][-1], level])
    sample, accept = int(plans.loc[letter, f"AQL_{wanted}_n"]), int(plans.loc[letter, f"AQL_{wanted}_ac"])
    if sample >= lot:
        return SamplingPlan(letter, int(lot), 0, True)
    return SamplingPlan(letter, sample, accept, False)


def _same(given: str | float, limit: str) -> bool:
    try:
        return float(given) == float(limit)
    except ValueError:
        return False


@cache
def read_sampling_tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Code letters by lot and level, and the plans by code letter; a plan has a size and a number for each limit."""
    letters = read_table(folder / "aql_code_letters.csv", ("lot_from", "II"), numbers=("lot_from",))
    path = folder / "aql_single_normal.csv"
    plans = read_table(path, ("level_II_letter", "AQL_1.0_n", "AQL_1.0_ac")).set_index("level_II_letter")
    limits = [name for name in plans if name.startswith("AQL_")]
    read_table(path, limits, numbers=limits)
    return letters, plans


ASKS = {
    "anti_abuse": ("loss_per_bad_order", "margin_per_order"),
    "quality": ("defect_share",),
    "public_relations": (),
    "legal": (),
}
"""Defender -> the shop's own figures without which nothing can be said but the break-even."""
NO_DEFAULT = "there is no honest default for it: give the shop's own figure"
CASES = ("low", "typical", "high")
COLUMNS = ["defender", "answer", "means", "cost", "saving_low", "saving", "saving_high", "net_low", "net", "net_high",
           "break_even", "unit", "has", "asks"]  # fmt: skip


def defence(plan: Plan, defender: str, **own: float | None) -> dict[str, Any]:
    """What does a defender save a year, at the low end too, against its cost; and from which frequency does it pay?

    Gives defender, answer (hire, part_time, measure_first, not_yet), means (a head, or outside counsel), cost,
    saving_low, saving, saving_high, net_low, net, net_high (all a year, in the plan's currency), break_even and its
    unit, has (the shop's own frequency in that unit). The low end takes every factor of the saving at its low figure.
    Raises `InputError` for a figure of the shop that is missing (`ASKS`) or out of its range.
    """
    if defender not in ASKS:
        raise InputError(f"there is no defender {defender!r}{did_you_mean(defender, ASKS)}")
    row = _weighed(plan, defender, own)
    if row["asks"]:
        raise InputError([f"{name} is missing; {NO_DEFAULT}" for name in row["asks"].split(", ")])
    return row


def all_defences(plan: Plan, **own: float | None) -> pd.DataFrame:
    """Which defenders pay: `defence` for each, one row each?

    Where the shop's own figure is missing, `asks` names it, the answer is `asked`, savings are unknown, and the
    break-even still stands where it does not need the figure.
    """
    known = {name for names in ASKS.values() for name in names}
    if unknown := [name for name in own if name not in known]:
        raise InputError([f"there is no figure {name!r}{did_you_mean(name, sorted(known))}" for name in unknown])
    return pd.DataFrame([_weighed(plan, defender, own) for defender in ASKS])[COLUMNS]


def _weighed(plan: Plan, defender: str, own: Mapping[str, float | None]) -> dict[str, Any]:
    given = {name: own.get(name) for name in ASKS[defender]}
    missing = [name for name, value in given.items() if value is None]
    checked(_OWN, **{name: value for name, value in given.items() if value is not None})
    terms = _RECKON[defender](plan, **given)
    saving = terms.pop("saving")
    net = [each - terms["cost"] for each in saving]
    asked = {"answer": "asked" if missing else options.answer(*net), "asks": ", ".join(missing)}
    figures = {f"{name}{end}": value for name, values in (("saving", saving), ("net", net))
               for end, value in zip(("_low", "", "_high"), values, strict=True)}  # fmt: skip
    return {"defender": defender} | asked | terms | figures


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
    formula = plan.assumptions.drivers["formula"]["reviewed_orders"]
    figures = {key: of["typical"][key] for key in names_in(formula) if key in of.index}
    figures |= {"orders": orders / MONTHS_PER_YEAR, "reviewed_orders_share": of.loc["reviewed_orders_share"].to_numpy()}
    flagged = MONTHS_PER_YEAR * formula_function(formula)(figures)
    most = hours * MINUTES_PER_HOUR / of.loc["review_minutes"].to_numpy()[::-1]
    reviews = np.minimum(flagged, most)
    terms = {"means": "per_head", "cost": cost, "has": float(reviews[1]), "unit": "reviews_per_year"}
    if loss_per_bad_order is None or margin_per_order is None:
        return terms | {"break_even": np.nan, "saving": (np.nan,) * 3}
    # A good order turned away costs: its share stands at its high figure where the saving is at its low one.
    value = review_value(
        bad_share=of.loc["reviewed_bad_share"].to_numpy(),
        catch_share=of.loc["review_catch_share"].to_numpy(),
        false_reject_share=of.loc["review_false_reject_share"].to_numpy()[::-1],
        loss_per_bad_order=loss_per_bad_order,
        margin_per_order=margin_per_order,
    )
    # A review that loses money is not made.
    saving = np.sort(reviews * np.maximum(value, 0.0))
    # More reviews than one analyst can do earn no more than one: then there is no break-even.
    pays_from = float(break_even(cost, value[1]))
    return terms | {"break_even": pays_from if pays_from <= most[1] else inf, "saving": tuple(saving.tolist())}


def _quality(plan: Plan, defect_share: float | None) -> dict[str, Any]:
    of, shop = _cases(plan), plan.scenario
    year, hours = _head(plan, "qc_inspector")
    pieces = float(np.sum(plan.results.amounts["pieces_received"])) / len(plan.months) * MONTHS_PER_YEAR
    lots = max(shop.purchase_orders_per_month * MONTHS_PER_YEAR, 1.0)
    lot = max(round(pieces / lots), 2)
    each = year / hours / of.loc["inspected_pieces_per_hour"].to_numpy()[::-1]
    escaped = of.loc["escaped_defect_cost"].to_numpy()
    sampled = sampling_plan(lot, float(of.loc["aql_percent", "typical"]))
    cost = float(lots * sampled.sample * each[1])
    terms = {
        "means": "sampling",
        "cost": cost,
        "break_even": float(each[1] / escaped[1]),
        "unit": "share_of_defects",
        "has": defect_share if defect_share is not None else np.nan,
    }
    if defect_share is None:
        return terms | {"saving": (np.nan,) * 3}
    none, sample = inspection_cost(
        lot, sampled.sample, sampled.accept, defect_share=defect_share, inspection_cost=each[1], defect_cost=escaped
    )
    # What the inspection itself costs is in `cost`: the saving is what customers no longer get.
    saving = lots * (none - sample) + cost
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
        "break_even": float(break_even(cost, severity[1] * share[1])),
        "unit": "incidents_per_year_unit",
        "has": float(often[1]),
        "saving": tuple((often * severity * share).tolist()),
    }


def _legal(plan: Plan) -> dict[str, Any]:
    of = _cases(plan)
    claims = _orders_per_year(plan) * of.loc["claims_per_100k_orders"].to_numpy() / 100_000
    keys = ("claim_award", "claim_cut_share", "fine_per_year_share", "fine_amount", "fine_cut_share")
    terms = [of.loc[key].to_numpy() for key in keys]
    award, cut, *fines = (cases[1] for cases in terms)
    fee = float(of.loc["legal_retainer_per_year", "typical"])
    return {
        "means": "counsel",
        "cost": fee,
        "break_even": float(break_even(max(fee - advice_saving(0, award, cut, *fines), 0.0), award * cut)),
        "unit": "claims_per_year",
        "has": float(claims[1]),
        "saving": tuple(advice_saving(claims, *terms).tolist()),
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
    largest losses by name (a coupon that leaked). hole, largest_loss (one event), cash_left, sinks, months_of_cost
    (mean months of the plan); the largest first. Without a cash figure cash_left and sinks are unknown (NaN, None).
    """
    of = _cases(plan)["high"]
    pieces = float(np.sum(plan.results.amounts["pieces_received"])) / len(plan.months)
    lot = pieces / max(plan.scenario.purchase_orders_per_month, 1.0)
    losses = {
        "fine": of["fine_amount"],
        "incident": of["incident_severity"],
        "bad_lot": lot * of["escaped_defect_cost"],
        "late_peak_day": float(plan.days["orders"].max()) * of["late_order_cost"],
    } | largest_losses
    checked(_OWN, largest_loss=list(losses.values()), **({} if cash is None else {"cash": cash}))
    holes = pd.DataFrame({"hole": list(losses), "largest_loss": list(losses.values())})
    holes = holes.sort_values(["largest_loss", "hole"], ascending=[False, True], ignore_index=True)
    left = np.nan if cash is None else cash - holes["largest_loss"]
    month = plan.totals["cost_per_month"]
    return holes.assign(
        cash_left=left,
        sinks=None if cash is None else left < 0,
        months_of_cost=holes["largest_loss"] / month if month else np.nan,
    )


def needed_loss_per_bad_order(plan: Plan, margin_per_order: float) -> Floats:
    """How much must a bad order lose before a reviewer pays, at low, typical and high assumptions, (3,)?

    Formula: (cost / reviews + (1 - bad) x false reject x margin) / (bad x catch).
    """
    if not margin_per_order >= 0:
        raise InputError(f"margin_per_order is {margin_per_order:g}; it must be 0 or more")
    of, reviewer = _cases(plan), _anti_abuse(plan, None, None)
    bad, catch = of.loc["reviewed_bad_share"].to_numpy(), of.loc["review_catch_share"].to_numpy()
    rejected = of.loc["review_false_reject_share"].to_numpy()[::-1]
    per_review = reviewer["cost"] / reviewer["has"] if reviewer["has"] else np.inf
    return (per_review + (1 - bad) * rejected * margin_per_order) / (bad * catch)
