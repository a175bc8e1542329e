"""Who wears which trade's hats: a trade that fills a person has its own, smaller ones are worn by another's people,
and single duties of it go to whoever has time where they would take one more person for little work."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ecteam.inputs.arguments import ROUNDING, whole

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]


def wearers(
    fte: Mapping[str, float],
    own_from_fte: Mapping[str, float],
    schemes: Sequence[Mapping[str, str]],
    *,
    generalists: Mapping[str, str],
    generalist_below_fte: float,
    owner: str = "owner",
    owner_most_fte: float = 1.0,
    hat_loss_share: float = 0.0,
    can_be_bought: Collection[str] = (),
    owner_only: Collection[str] = (),
    owner_can: Collection[str] = (),
) -> dict[str, str]:
    """Which role's people do the work of each trade?

    Parameters
    ----------
    fte : trade -> its work in full-time equivalents
    own_from_fte : trade -> the work from which on it has people of its own
    schemes : who wears a trade that is too small, first with whom it is nearest to, last in the smallest shop
    generalists : who wears a trade in a shop where one person does nearly everything; those that are still smaller
        than `generalist_below_fte` go there, unless they can be bought
    owner_most_fte : the most that the owner wears, `hat_loss_share` for each further trade included; beyond it what
        can be bought leaves the owner, the largest trade first, and so does what nobody but the owner could do, where
        that alone is too much

    One scheme after the other, trades that share a wearer are added up; below what a person of the wearer's own takes
    they go on to the next scheme.

    >>> near, small = {"buyer": "buyer", "planner": "buyer"}, {"buyer": "owner", "planner": "stock"}
    >>> few = {"generalists": {"buyer": "owner", "planner": "helper"}, "generalist_below_fte": 0.3}
    >>> wearers({"buyer": 0.7, "planner": 0.4}, {"buyer": 1, "planner": 1}, [near, small], **few)
    {'buyer': 'buyer', 'planner': 'buyer'}
    >>> wearers({"buyer": 0.2, "planner": 0.4}, {"buyer": 1, "planner": 1}, [near, small], **few)
    {'buyer': 'owner', 'planner': 'stock'}
    >>> wearers({"buyer": 0.2, "planner": 0.2}, {"buyer": 1, "planner": 1}, [near, small], **few)
    {'buyer': 'owner', 'planner': 'helper'}
    """
    worn = {trade: trade for trade in fte}
    for scheme in schemes:
        together = _together(fte, worn)
        worn = {
            trade: wearer if together[wearer] >= own_from_fte[wearer] else scheme[trade]
            for trade, wearer in worn.items()
        }
    together = _together(fte, worn)
    small = {wearer for wearer, work in together.items() if work < generalist_below_fte} - {owner}
    worn = {
        trade: generalists[trade] if wearer in small and trade not in can_be_bought else wearer
        for trade, wearer in worn.items()
    }
    by_hand = [trade for trade in fte if fte[trade] > 0 and trade not in can_be_bought]
    alone = sum(fte[trade] for trade in by_hand) + hat_loss_share * max(len(by_hand) - 1, 0)
    if set(by_hand) <= set(owner_can) and alone <= owner_most_fte:
        worn = {trade: owner if trade in owner_can else wearer for trade, wearer in worn.items()}
    for too_much, may_leave in ((worn, can_be_bought), (owner_only, owner_only)):
        of_owner = [fte[trade] for trade in too_much if worn.get(trade) == owner]
        over = sum(of_owner) + hat_loss_share * max(len(of_owner) - 1, 0) - owner_most_fte
        for trade in sorted(may_leave, key=lambda trade: (-fte.get(trade, 0.0), trade)):
            if over > 0 and worn.get(trade) == owner:
                worn[trade] = trade
                over -= fte[trade] + hat_loss_share
    return worn


def pass_on(
    worn: Ints,
    hours: Floats,
    fte: Floats,
    hours_of_a_head: Floats,
    *,
    may: Bools,
    at_once: Floats,
    most_of_one: Floats,
    below_fte: float,
    hat_loss_share: float,
    posts: Ints,
) -> Ints:
    """Who does each duty, if nobody is hired for a little that others have time for?

    Parameters
    ----------
    worn : (duties,) number of the role whose people do it; posts : (duties,) number of its post
    hours : (duties, months); fte : (roles, months), all work of a role; hours_of_a_head : (roles, months)
    may : (duties, roles) who else can take a duty; at_once : (roles, months) people who must be there together
    most_of_one : (roles,) the most that the one person of a role works, inf where more people can be there

    First goes what the one person of a role has no time for, to whoever has the most time left or is the least short of
    it; then what a role has beyond its people but the last, to who needs no further person for it. Both only where
    they are less than `below_fte` in every month: the smallest duty that is enough, else the largest ones until they
    are. A post more costs `hat_loss_share`.

    >>> counting, packing = [0.1 * 160.0], [1.0 * 160.0]
    >>> pass_on(np.array([0, 0]), np.array([counting, packing]), np.array([[1.1], [0.8]]), np.full((2, 1), 160.0),
    ...     may=np.array([[True, True], [True, False]]), at_once=np.zeros((2, 1)), most_of_one=np.full(2, np.inf),
    ...     below_fte=0.3, hat_loss_share=0.01, posts=np.array([0, 0])).tolist()
    [1, 0]
    """
    worn, fte, one = worn.copy(), fte.copy(), np.isfinite(most_of_one)
    roles = np.arange(len(fte))
    for alone in (True, False):
        people = np.maximum(whole(np.maximum.accumulate(fte, axis=1)), np.maximum.accumulate(at_once, axis=1))
        # Without the last person of a role, unless all must be there at once.
        fewer = np.maximum(np.minimum(people, people.max(axis=1, keepdims=True) - 1), at_once)
        there = people[:, 0] > 0
        people, fewer = (np.where(one[:, None], most_of_one[:, None], each) for each in (people, fewer))
        rests = np.maximum(fte - fewer, 0).max(axis=1)
        small = np.flatnonzero((rests > ROUNDING) & (rests < below_fte) & (one == alone))
        for role in sorted(small, key=lambda role: rests[role]):
            own = np.flatnonzero((worn == role) & may.any(axis=1) & hours.any(axis=1))
            own = own[np.argsort(-hours[own].max(axis=1), kind="stable")]
            rest = (fte[role] - fewer[role]) * hours_of_a_head[role]
            enough = [[duty] for duty in own[::-1] if (hours[duty] >= rest - ROUNDING).all()]
            for duties in enough or [own.tolist()]:
                worn_then, fte_then = worn.copy(), fte.copy()
                for duty in duties:
                    if _fits(fte_then[role], fewer[role]):
                        break
                    new_post = ~np.isin(roles, worn_then[posts == posts[duty]])
                    more = hours[duty] / hours_of_a_head + hat_loss_share * new_post[:, None]
                    left = (people - fte_then - more).min(axis=1)
                    able = np.flatnonzero(may[duty] & (roles != role) & there & ((left >= -ROUNDING) | alone))
                    if not len(able):
                        continue
                    # Whoever is paid and waits comes before the one person who is not counted by heads.
                    to = max(able, key=lambda other: (not one[other], left[other]))
                    worn_then[duty], fte_then[to] = to, fte_then[to] + more[to]
                    fte_then[role] -= hours[duty] / hours_of_a_head[role]
                if _fits(fte_then[role], fewer[role]):
                    worn, fte = worn_then, fte_then
                    break
    return worn


def _fits(fte: Floats, most: Floats) -> bool:
    return bool((fte <= most + ROUNDING).all())


def _together(fte: Mapping[str, float], worn: Mapping[str, str]) -> dict[str, float]:
    """Wearer -> the work of all trades that it wears."""
    return {role: sum(fte[trade] for trade, wearer in worn.items() if wearer == role) for role in {*worn.values()}}
