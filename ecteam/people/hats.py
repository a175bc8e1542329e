"""Who wears which trade's hats: a trade that fills a person has its own, smaller ones are worn by another's people."""

from collections.abc import Collection, Mapping, Sequence


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
    for too_much, may_leave in ((worn, can_be_bought), (owner_only, owner_only)):
        of_owner = [fte[trade] for trade in too_much if worn.get(trade) == owner]
        over = sum(of_owner) + hat_loss_share * max(len(of_owner) - 1, 0) - owner_most_fte
        for trade in sorted(may_leave, key=lambda trade: (-fte.get(trade, 0.0), trade)):
            if over > 0 and worn.get(trade) == owner:
                worn[trade] = trade
                over -= fte[trade] + hat_loss_share
    return worn


def _together(fte: Mapping[str, float], worn: Mapping[str, str]) -> dict[str, float]:
    """Wearer -> the work of all trades that it wears."""
    return {role: sum(fte[trade] for trade, wearer in worn.items() if wearer == role) for role in {*worn.values()}}
