"""How many pieces are inspected? Inspect all or none, or by a sampling plan, and what each costs.

The tables of ISO 2859-1 stand in `data/quality/`. A break-even is shown; the share of defects is the shop's own and is
asked for.

References
----------
.. [1] ISO 2859-1, single sampling, normal inspection. Two tables in circulation are shifted by two columns: a lot of
   4,000 at level II and AQL 2.5 is n = 200, Ac = 10.
.. [2] W. E. Deming, Out of the Crisis (1986), ch. 15: inspect all or nothing.
"""

from functools import cache
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ecteam.analysis.defenders_part import asked
from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir

Floats = npt.NDArray[np.float64]

_SHARE = Allowed("0 to 1", at_least=0, at_most=1)
_WHOLE = Allowed("a whole number of pieces, 0 or more", at_least=0, below=inf, whole=True)
_ALLOWED = {
    "inspection_cost": Allowed("0 or more", at_least=0, below=inf),
    "defect_cost": Allowed("more than 0", above=0, below=inf),
    "lot": Allowed("a whole number of pieces, 1 or more", at_least=1, below=inf, whole=True),
    "sample": _WHOLE,
    "accept": _WHOLE,
    "defect_share": _SHARE,
}


def inspect_all_above(inspection_cost: npt.ArrayLike, defect_cost: npt.ArrayLike) -> Floats:
    """Above which share of defects is every piece worth inspecting, and below it none: p* = k1/k2 [2]_?

    >>> inspect_all_above(1.2, 24).round(3).item()
    0.05
    """
    given = checked(_ALLOWED, inspection_cost=inspection_cost, defect_cost=defect_cost)
    return given["inspection_cost"] / given["defect_cost"]


def accepted_share(defect_share: npt.ArrayLike, sample: npt.ArrayLike, accept: npt.ArrayLike) -> Floats:
    """How likely is a lot accepted with so many defects: P(at most `accept` in the sample), binomial?

    >>> accepted_share([0.025, 0.08], 200, 10).round(4).tolist()
    [0.9874, 0.0691]
    """
    given = checked(_ALLOWED, defect_share=defect_share, sample=sample, accept=accept)
    return np.asarray(stats.binom.cdf(given["accept"], given["sample"], given["defect_share"]))


class Inspection(NamedTuple):
    """What a lot costs, defects that reach customers included: inspected not at all, whole, or by a sampling plan."""

    none: Floats
    whole_lot: Floats
    sampled: Floats


def inspection_cost(
    lot: npt.ArrayLike,
    sample: npt.ArrayLike,
    accept: npt.ArrayLike,
    *,
    defect_share: npt.ArrayLike | None,
    inspection_cost: npt.ArrayLike,
    defect_cost: npt.ArrayLike,
) -> Inspection:
    """No inspection, all pieces, or a sampling plan: what does a lot cost at a share of defects?

    Formula: none = N p cd; all = N ci; sampled = n ci + Pa (N - n) p cd + (1 - Pa)(N - n) ci, a rejected lot being
    inspected to the end. A sample as large as the lot inspects everything. Raises where defect_share is not given.

    >>> inspection_cost(4000, 200, 10, defect_share=0.025, inspection_cost=1.2, defect_cost=24).sampled.round().item()
    2549.0
    """
    asked("measure it on one inspected lot: defective pieces over pieces", defect_share=defect_share)
    given = checked(
        _ALLOWED,
        lot=lot,
        sample=sample,
        accept=accept,
        defect_share=np.asarray(defect_share, dtype=float),
        inspection_cost=inspection_cost,
        defect_cost=defect_cost,
    )
    pieces, share, each = given["lot"], given["defect_share"], given["inspection_cost"]
    taken = np.minimum(given["sample"], pieces)
    kept = accepted_share(share, taken, given["accept"])
    rest = pieces - taken
    return Inspection(
        pieces * share * given["defect_cost"],
        pieces * each,
        taken * each + kept * rest * share * given["defect_cost"] + (1 - kept) * rest * each,
    )


class SamplingPlan(NamedTuple):
    """Pieces to inspect and the most defects a lot may show; everything where the sample is as large as the lot."""

    letter: str
    sample: int
    accept: int
    everything: bool


def sampling_plan(lot: int, aql: str | float, level: str = "II") -> SamplingPlan:
    """How many pieces of a lot are inspected at an acceptance quality limit (percent), normal single sampling [1]_?

    Raises `InputError` for a lot below 2 pieces, and for an AQL or level that the tables do not have.

    >>> sampling_plan(4000, 2.5)
    SamplingPlan(letter='L', sample=200, accept=10, everything=False)
    >>> sampling_plan(60, 0.10).everything
    True
    """
    letters, plans = _tables(data_dir() / "quality")
    limits = sorted({name.split("_")[1] for name in plans.columns if name.endswith("_n")}, key=float)
    wanted = next((limit for limit in limits if _same(aql, limit)), None)
    mistakes = []
    if isinstance(lot, bool) or lot != lot or lot != int(lot) or lot < letters["lot_from"].min():
        mistakes.append(f"lot is {lot}; it must be a whole number of pieces, {letters['lot_from'].min()} or more")
    if wanted is None:
        mistakes.append(f"aql is {aql}; it must be one of {', '.join(limits)} (percent)")
    levels = list(letters.columns[2:])
    if level not in levels:
        mistakes.append(f"level is {level!r}{did_you_mean(level, levels)}")
    if mistakes:
        raise InputError(mistakes)
    letter = str(letters.loc[(letters["lot_from"] <= lot).to_numpy().nonzero()[0][-1], level])
    if letter not in plans.index:
        raise InputError(
            f"level {level!r} asks for code letter {letter} at {lot:,} pieces, which the table does not have"
        )
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
def _tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Code letters by lot and level, and the plans by code letter."""
    letters = pd.read_csv(folder / "aql_code_letters.csv")
    plans = pd.read_csv(folder / "aql_single_normal.csv").set_index("level_II_letter")
    return letters, plans
