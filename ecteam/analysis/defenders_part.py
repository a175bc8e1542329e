"""When does a defender pay? Frequency x severity x reduction against its cost, and the small hole that sinks the ship.

A break-even is shown, not a verdict: the rates of loss are the shop's own. Bonus abuse has no honest default, so the
functions here ask for it.
"""

from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.checks import InputError

Floats = npt.NDArray[np.float64]

_SHARE = Allowed("0 to 1", at_least=0, at_most=1)
_MONEY = Allowed("0 or more", at_least=0, below=inf)
_PER_YEAR = Allowed("0 or more times a year", at_least=0, below=inf)
_ALLOWED = {
    "frequency_per_year": _PER_YEAR,
    "severity": _MONEY,
    "reduction_share": _SHARE,
    "cost_per_year": _MONEY,
    "bad_share": _SHARE,
    "catch_share": _SHARE,
    "false_reject_share": _SHARE,
    "loss_per_bad_order": _MONEY,
    "margin_per_order": _MONEY,
    "review_value": Allowed("a number", below=inf),
    "trials": Allowed("a whole number, 1 or more", at_least=1, below=inf, whole=True),
    "confidence": Allowed("more than 0 and below 1", above=0, below=1),
    "claims_per_year": _PER_YEAR,
    "award": _MONEY,
    "cut_share": _SHARE,
    "fine_per_year_share": _SHARE,
    "fine": _MONEY,
    "fine_cut_share": _SHARE,
    "fee_per_year": _MONEY,
    "cash": _MONEY,
}


def asked(why: str, **given: Any) -> None:
    """Refuse what the shop has not given: one sentence for each missing figure, which nothing here makes up.

    >>> asked("it is the shop's own", abuse_loss=None)
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: abuse_loss is missing; it is the shop's own
    """
    missing = [f"{name} is missing; {why}" for name, value in given.items() if value is None]
    if missing:
        raise InputError(missing)


def expected_saving(
    frequency_per_year: npt.ArrayLike, severity: npt.ArrayLike, reduction_share: npt.ArrayLike
) -> Floats:
    """How much does a defender save a year: frequency x severity x the share of it that is avoided?

    >>> expected_saving(2, 60_000, 0.4).item()
    48000.0
    """
    given = checked(_ALLOWED, frequency_per_year=frequency_per_year, severity=severity, reduction_share=reduction_share)
    return given["frequency_per_year"] * given["severity"] * given["reduction_share"]


def break_even_frequency(
    cost_per_year: npt.ArrayLike, severity: npt.ArrayLike, reduction_share: npt.ArrayLike
) -> Floats:
    """From how many events a year does a defender pay: cost / (severity x reduction)? Infinite where it saves nothing.

    >>> break_even_frequency(48_000, 60_000, 0.4).item()
    2.0
    """
    given = checked(_ALLOWED, cost_per_year=cost_per_year, severity=severity, reduction_share=reduction_share)
    cost, saved = np.broadcast_arrays(given["cost_per_year"], given["severity"] * given["reduction_share"])
    return np.divide(cost, saved, out=np.full(cost.shape, inf), where=saved > 0)


def any_event_share(frequency_per_year: npt.ArrayLike) -> Floats:
    """How likely is at least one event in a year, if they come by chance: 1 - exp(-frequency)?

    >>> any_event_share(2).round(4).item()
    0.8647
    """
    return 1 - np.exp(-checked(_ALLOWED, frequency_per_year=frequency_per_year)["frequency_per_year"])


def rate_upper_bound(trials: npt.ArrayLike, confidence: npt.ArrayLike = 0.95) -> Floats:
    """No event in so many trials: how high may the rate still be? 1 - (1 - confidence)^(1/trials), about 3/trials.

    >>> rate_upper_bound(1000).round(5).item()
    0.00299
    """
    given = checked(_ALLOWED, trials=trials, confidence=confidence)
    return -np.expm1(np.log1p(-given["confidence"]) / given["trials"])


def review_value(
    *,
    bad_share: npt.ArrayLike,
    catch_share: npt.ArrayLike,
    false_reject_share: npt.ArrayLike,
    loss_per_bad_order: npt.ArrayLike | None,
    margin_per_order: npt.ArrayLike | None,
) -> Floats:
    """What is the review of one suspicious order worth: losses caught less good orders turned away?

    Formula: bad x catch x loss - (1 - bad) x false reject x margin. Raises `InputError` where the loss or the margin is
    not given: they are the shop's own.

    >>> review_value(bad_share=0.18, catch_share=0.8, false_reject_share=0.05, loss_per_bad_order=100,
    ...              margin_per_order=30).round(2).item()
    13.17
    """
    asked(
        "there is no honest default for it: give the shop's own figure",
        loss_per_bad_order=loss_per_bad_order,
        margin_per_order=margin_per_order,
    )
    given = checked(
        _ALLOWED,
        bad_share=bad_share,
        catch_share=catch_share,
        false_reject_share=false_reject_share,
        loss_per_bad_order=np.asarray(loss_per_bad_order, dtype=float),
        margin_per_order=np.asarray(margin_per_order, dtype=float),
    )
    caught = given["bad_share"] * given["catch_share"] * given["loss_per_bad_order"]
    return caught - (1 - given["bad_share"]) * given["false_reject_share"] * given["margin_per_order"]


def break_even_reviews(cost_per_year: npt.ArrayLike, review_value: npt.ArrayLike) -> Floats:
    """How many reviews a year earn the cost of a reviewer? Infinite where a review is worth nothing.

    A reviewer pays where this is no more than the orders flagged and than what one can review.

    >>> break_even_reviews(170_000, 10.29).round().item()
    16521.0
    """
    given = checked(_ALLOWED, cost_per_year=cost_per_year, review_value=review_value)
    cost, value = np.broadcast_arrays(given["cost_per_year"], given["review_value"])
    return np.divide(cost, value, out=np.full(cost.shape, inf), where=value > 0)


def legal_saving(
    claims_per_year: npt.ArrayLike,
    *,
    award: npt.ArrayLike,
    cut_share: npt.ArrayLike,
    fine_per_year_share: npt.ArrayLike,
    fine: npt.ArrayLike,
    fine_cut_share: npt.ArrayLike,
) -> Floats:
    """What does legal advice save a year: claims x award x cut + chance of a fine x fine x cut?

    >>> legal_saving(36.4, award=2000, cut_share=0.5, fine_per_year_share=0.03, fine=200_000,
    ...              fine_cut_share=0.6).item()
    40000.0
    """
    given = checked(
        _ALLOWED,
        claims_per_year=claims_per_year,
        award=award,
        cut_share=cut_share,
        fine_per_year_share=fine_per_year_share,
        fine=fine,
        fine_cut_share=fine_cut_share,
    )
    return (
        given["claims_per_year"] * given["award"] * given["cut_share"]
        + given["fine_per_year_share"] * given["fine"] * given["fine_cut_share"]
    )


def legal_break_even_claims(
    fee_per_year: npt.ArrayLike,
    *,
    award: npt.ArrayLike,
    cut_share: npt.ArrayLike,
    fine_per_year_share: npt.ArrayLike,
    fine: npt.ArrayLike,
    fine_cut_share: npt.ArrayLike,
) -> Floats:
    """From how many claims a year does legal advice pay: (fee - chance x fine x cut) / (award x cut), not below 0?

    >>> legal_break_even_claims(40_000, award=2000, cut_share=0.5, fine_per_year_share=0.03, fine=200_000,
    ...                         fine_cut_share=0.6).item()
    36.4
    """
    fines = legal_saving(
        0, award=award, cut_share=cut_share, fine_per_year_share=fine_per_year_share, fine=fine,
        fine_cut_share=fine_cut_share,
    )  # fmt: skip
    fee = checked(_ALLOWED, fee_per_year=fee_per_year)["fee_per_year"]
    return break_even_frequency(np.maximum(fee - fines, 0.0), award, cut_share)


def small_holes(losses: pd.DataFrame, cash: float | None) -> pd.DataFrame:
    """Which single loss could sink the ship: each largest loss against the cash at hand, the largest first.

    losses : columns hole, largest_loss (one event, same currency as the cash)
    Returns them with cash_left and sinks (True, False). Without a cash figure both are unknown (NaN, None), and nothing
    is made up.

    >>> table = small_holes(pd.DataFrame({"hole": ["fine", "recall"], "largest_loss": [2e5, 9e5]}), cash=5e5)
    >>> table["hole"].tolist(), table["sinks"].tolist()
    (['recall', 'fine'], [True, False])
    """
    checked(_ALLOWED | {"largest_loss": _MONEY}, largest_loss=losses["largest_loss"].to_numpy(float))
    ordered = losses.sort_values(["largest_loss", "hole"], ascending=[False, True], ignore_index=True)
    if cash is None:
        return ordered.assign(cash_left=np.nan, sinks=None)
    left = float(checked(_ALLOWED, cash=cash)["cash"]) - ordered["largest_loss"]
    return ordered.assign(cash_left=left, sinks=left < 0)
