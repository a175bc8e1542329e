"""What must be put aside for those who will have to be paid off? A severance reserve, by the country pack's rule."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError
from ecteam.pay.country_pack import Pack, SeveranceRule
from ecteam.pay.payroll import as_pack, known_day

_ALLOWED = {
    "gross_per_month": Allowed("0 or more a month", at_least=0, below=np.inf),
    "leavers_per_year": Allowed("0 or more leavers per head and year", at_least=0, below=np.inf),
    "owed_share": Allowed("a share of leavers, 0 to 1", at_least=0, at_most=1),
}
_STEP = {"whole_years": 1.0, "half_years_up": 0.5, "exact": 0.0}


def severance_reserve(
    gross_per_month: ArrayLike, leavers_per_year: ArrayLike, owed_share: ArrayLike, place: str | Pack, on: Any
) -> Floats:
    """How much must be put aside each month, for each head, for leavers who are owed severance? Arrays broadcast.

    gross_per_month : average pay of a month, variable and year-end pay included, in the place's currency
    leavers_per_year : leavers per head and year; the same chance in every month of a stay
    owed_share : share of the leavers who are owed severance, 0 to 1; the others resign
    place, on : payroll pack, and months (datetime64) whose figures hold

    Formula: (1) reserve = leavers_per_year / 12 x owed_share x months of pay per year of service x E[years] x counted
    pay.
    Pay is cut at the pack's cap. With a leavers a year a stay lasts T, exponential with mean 1/a; the pack counts T in
    half years upwards (China), whole years (United Kingdom) or exactly, nothing below its least years and no more than
    its most years. For steps of s years, the least L, the most M and o = s - 1 in whole, -1/2 in half years:
    (2) E = L S(L + o) + s (S(L + s + o) - S(M + s + o)) / (1 - exp(-a s)) with S(t) = exp(-a t),
    and without steps L S(L) + (S(L) - S(M)) / a. Where nobody leaves, nothing is put aside.
    Raises InputError for a place whose pack has no rule, a month outside the pack. Source: the pack's severance rule.

    >>> float(severance_reserve(6_000, 0.4, 0.5, "cn/hangzhou", np.datetime64("2026-08")).round(2)) * 12
    3309.96
    """
    given = checked(_ALLOWED, gross_per_month=gross_per_month, leavers_per_year=leavers_per_year, owed_share=owed_share)
    pack = as_pack(place)
    rule = pack.severance
    if rule is None:
        raise InputError(f"the pack of {pack.place} says nothing of severance")
    months = np.asarray(on, dtype="datetime64[M]")
    figures = _figures(pack, rule, months)
    pay, leavers = given["gross_per_month"], given["leavers_per_year"]
    capped = pay > figures["cap"]
    most = np.where(capped, np.minimum(figures["most"], figures["most_if_capped"]), figures["most"])
    years = _years_counted(leavers, _STEP[rule.counting], figures["least"], most)
    # Eq. 1
    owed = figures["months_per_year"] * years * np.minimum(pay, figures["cap"])
    return np.asarray(leavers / MONTHS_PER_YEAR * given["owed_share"] * owed)


def _years_counted(leavers: Floats, step: float, least: Floats, most: Floats) -> Floats:
    """Mean years that count for a leaver, Eq. 2; 0 where nobody leaves."""
    rate = np.where(leavers > 0, leavers, 1.0)

    def stays(years: Floats) -> Floats:
        return np.exp(-rate * np.maximum(years, 0))

    if step:
        # So long must somebody have been there for `c` years to count: c itself in whole years, c - 1/2 in half years.
        offset = step - 1
        steps = (stays(least + step + offset) - stays(most + step + offset)) / -np.expm1(-rate * step)
        years = np.where(least > 0, least * stays(least + offset), 0) + step * steps
    else:
        years = least * stays(least) + (stays(least) - stays(most)) / rate
    return np.where(leavers > 0, years, 0.0)


def severance_figures(place: str | Pack, on: Any) -> dict[str, Floats]:
    """The figures of Eq. 1 and 2 in each of some months: months_per_year, cap, least, most, most_if_capped, step.

    Infinite where the rule sets no limit; `step` is 0 where a stay is counted exactly.

    >>> float(severance_figures("uk", np.array(["2026-08"], dtype="datetime64[M]"))["cap"][0])
    3254.33
    """
    pack = as_pack(place)
    months = np.asarray(on, dtype="datetime64[M]")
    if pack.severance is None:
        raise InputError(f"the pack of {pack.place} says nothing of severance")
    return _figures(pack, pack.severance, months) | {"step": np.full(months.shape, _STEP[pack.severance.counting])}


def _figures(pack: Pack, rule: SeveranceRule, months: NDArray[np.datetime64]) -> dict[str, Floats]:
    """The rule's figures in each month, in the shape of `months`; infinite where the rule sets no limit."""
    kinds, which = np.unique(months, return_inverse=True)
    days = [known_day(pack, month.astype("datetime64[D]").item()) for month in kinds]

    def each(name: str | None, without: float) -> Floats:
        found = [float(pack.value(name, day)) if name else without for day in days]
        return np.array(found)[which].reshape(months.shape)

    cap = each(rule.wage_cap, np.inf)
    if rule.average_wage and rule.wage_cap_of_average:
        cap = each(rule.average_wage, np.inf) * each(rule.wage_cap_of_average, np.inf)
    return {
        "months_per_year": each(rule.months_per_year, 0),
        "cap": cap,
        "least": each(rule.least_years, 0),
        "most": each(rule.most_years, np.inf),
        "most_if_capped": each(rule.years_if_capped, np.inf),
    }
