"""How much variable pay do results earn, and what does payroll cost when targets are missed or beaten?"""

from collections.abc import Mapping
from datetime import date
from math import inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.posts import PAYOUT_ALLOWED
from ecteam.pay import payslip
from ecteam.pay.payroll import Whole, as_pack, major, minor

LEVELS = (0.6, 0.8, 1.0, 1.2)
"""Shares of the target that a payroll is tried at."""

# Weights are decimal fractions, which floats add up to 1 but for the last digits.
_SAME = 1e-9
MOST_OF_A_KPI = 1.5
"""The highest share of its target that one KPI counts for, so that one cannot make up for all the others."""


def payout_share(attainment: npt.ArrayLike, *, threshold: npt.ArrayLike, cap: npt.ArrayLike) -> Floats:
    """Which share of variable pay is paid out at so much of the target? Arrays broadcast.

    attainment : 0 or more; 1 is the target
    threshold : share of the target from which variable pay begins, 0 or more and below 1; 0 is pay by the piece
    cap : most that is paid out, 1 or more times the variable pay at target

    Formula: (1) below target: max(0, (attainment - threshold) / (1 - threshold)); from the target on:
    min(attainment, cap). No step at the threshold: the last piece before it is worth no more than the next one.

    >>> payout_share([0.4, 0.6, 0.8, 1, 1.2, 1.6], threshold=0.6, cap=1.5).round(6)
    array([0. , 0. , 0.5, 1. , 1.2, 1.5])
    """
    arrays = checked(PAYOUT_ALLOWED, attainment=attainment, threshold=threshold, cap=cap)
    reached, start, most = (arrays[name] for name in ("attainment", "threshold", "cap"))
    # Eq. 1
    return np.where(reached < 1, np.maximum((reached - start) / (1 - start), 0), np.minimum(reached, most))


def attainment(results: Mapping[str, npt.ArrayLike] | pd.DataFrame, kpis: pd.DataFrame) -> Floats:
    """Which share of its targets has a post reached, given what its KPIs came out at?

    results : KPI -> result in the unit of its target; numbers, or arrays of people or months that broadcast
    kpis : rows of one role of `Posts.kpis`: kpi, direction, weight, typical (the target)

    Formula: (1) attainment = sum over KPIs of weight x reached, with reached = result / target where more is better
    ("up") and 2 - result / target where less is better ("down"), held between 0 and `MOST_OF_A_KPI`.
    Raises InputError for a KPI without a result or a result without a KPI (the nearest is offered), a result below 0
    or no number, weights that do not add up to 1, a target that is not more than 0.

    >>> from ecteam.inputs.posts import read_posts
    >>> picker = read_posts().kpis.query("role == 'picker'")
    >>> attainment({"lines_per_hour": [80, 96], "pick_error": 0.002, "ship_on_time_48h": 0.98}, picker)
    array([1.  , 1.08])
    """
    names = kpis["kpi"].to_list()
    mistakes = [
        f"there is no KPI {name!r} among those of the post{did_you_mean(name, names)}"
        for name in results
        if name not in names
    ]
    mistakes += [
        f"results has no KPI {name!r}{did_you_mean(name, list(results))}" for name in names if name not in results
    ]
    if abs((total := float(kpis["weight"].sum())) - 1) > _SAME:
        mistakes.append(f"the weights of the KPIs add up to {total:.12g}, not to 1")
    for name, target in zip(names, kpis["typical"], strict=True):
        if not target > 0:
            mistakes.append(f"the target of {name!r} is {target:.15g}; it must be more than 0")
    given: dict[str, Floats] = {}
    try:
        allowed = Allowed("0 or more in the unit of its target", at_least=0, below=inf)
        given = checked(dict.fromkeys(names, allowed), **{name: results[name] for name in names if name in results})
    except InputError as error:
        mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    # Eq. 1
    per_target = [given[name] / target for name, target in zip(names, kpis["typical"], strict=True)]
    reached = [
        np.clip(share if way == "up" else 2 - share, 0, MOST_OF_A_KPI)
        for share, way in zip(per_target, kpis["direction"], strict=True)
    ]
    return np.asarray(sum(weight * share for weight, share in zip(kpis["weight"], reached, strict=True)))


def simulate_payroll(
    heads: Mapping[str, float] | pd.Series,
    gross_typical_per_month: float | Mapping[str, float] | pd.Series,
    variable_share: float | Mapping[str, float] | pd.Series,
    attainment: npt.ArrayLike = LEVELS,
    *,
    place: str | payslip.Pack,
    on: date,
    threshold: float | Mapping[str, float] | pd.Series,
    cap: float | Mapping[str, float] | pd.Series,
    months_paid: float = 12.0,
) -> pd.DataFrame:
    """What does payroll cost when everybody reaches so much of the target, and who gains?

    Parameters
    ----------
    heads : role -> people on the payroll; an owner who draws no pay is left out
    gross_typical_per_month : role -> gross pay a month at target, variable pay included, in the place's currency
    variable_share : role -> share of that pay that is variable, 0 to 1
    attainment : levels to try; 1 is the target
    threshold, cap : role -> as in `payout_share`. These two, share and pay may be one figure for all
    months_paid : a year; more than 12 raise the base of contributions by their share

    Returns: One row a role and level: role, attainment, heads; in `currency` a month, for all heads of the role:
    fixed_pay, variable_pay, top_up_pay, contributions (employer's side), employer_cost, and change (of that cost
    against everybody on target); pay_per_head, and gain_per_head against a head on target. Formula: variable = gross x
    variable_share x payout_share; fixed = gross - gross x variable_share, both to the smallest unit; top-up = what is
    missing to the full-time minimum wage, where one is known (nobody may be paid less; a Shanghai minimum is after the
    employee's own contributions, and this is reckoned before them). Contributions are those of `payroll.employer_extra`
    at the pay that results, as if the level held long enough to move the declared base.

    >>> payroll_at = simulate_payroll({"cs_agent": 2}, 5800, 0.35, place="cn/hangzhou", on=date(2026, 7, 1),
    ...     threshold=0.6, cap=1.2)
    >>> payroll_at[["attainment", "contributions", "employer_cost", "change", "gain_per_head"]]
       attainment  contributions  employer_cost   change  gain_per_head
    0         0.6        3536.60       11076.60 -4977.80        -2030.0
    1         0.8        3780.60       13350.60 -2703.80        -1015.0
    2         1.0        4454.40       16054.40     0.00            0.0
    3         1.2        4766.76       17178.76  1124.36          406.0
    """
    pack, day = as_pack(place), np.datetime64(on, "D").item()
    team = pd.Series(heads, dtype=float)
    given = {
        name: pd.Series(figures, index=team.index, dtype=float).to_numpy()[:, None]
        for name, figures in (
            ("heads", team),
            ("gross_typical_per_month", gross_typical_per_month),
            ("variable_share", variable_share),
            ("threshold", threshold),
            ("cap", cap),
        )
    }
    asked = np.ravel(np.asarray(attainment, dtype=float))
    levels = np.concatenate([[1.0], asked])

    gross = minor(pack, "gross_typical_per_month", given["gross_typical_per_month"])
    at_target = np.rint(gross * given["variable_share"]).astype(np.int64)
    fixed = np.broadcast_to(gross - at_target, (len(team), len(levels)))
    paid_out = payout_share(levels, threshold=given["threshold"], cap=given["cap"])
    variable = np.rint(at_target * paid_out).astype(np.int64)
    least = minor(pack, "minimum wage", float(payslip.minimum_wage(pack, day) or 0))
    top_up = np.where(gross > 0, np.maximum(least - fixed - variable, 0), 0)
    pay: Whole = fixed + variable + top_up
    extra = minor(
        pack, "contributions", payslip.employer_extra(major(pack, pay) * (months_paid / MONTHS_PER_YEAR), pack, on)
    )
    cost = pay + extra

    # The first level is the target itself, against which the others are held.
    a_role = {
        "fixed_pay": fixed,
        "variable_pay": variable,
        "top_up_pay": top_up,
        "contributions": extra,
        "employer_cost": cost,
        "change": cost - cost[:, :1],
    }
    a_head = {"pay_per_head": pay, "gain_per_head": pay - pay[:, :1]}
    amounts = {name: amount * given["heads"] / pack.minor_units for name, amount in a_role.items()}
    amounts |= {name: amount / pack.minor_units for name, amount in a_head.items()}
    return pd.DataFrame(
        {
            "role": np.repeat(team.index.to_numpy(), len(asked)),
            "attainment": np.tile(asked, len(team)),
            "heads": np.repeat(given["heads"].ravel(), len(asked)),
        }
        | {name: amount[:, 1:].ravel() for name, amount in amounts.items()}
    ).assign(currency=pack.currency)
