"""Who wears which trade's hats: a trade that fills a person has its own, smaller ones are worn by another's people."""

from collections.abc import Collection, Mapping, Sequence


def wearers(
    fte: Mapping[str, float],
    own_from_fte: Mapping[str, float],
    schemes: Sequence[Mapping[str, str]],
    *,
    owner: str = "owner",
    owner_most_fte: float = 1.0,
    can_be_bought: Collection[str] = (),
) -> dict[str, str]:
    """Which role's people do the work of each trade?

    Parameters
    ----------
    fte : trade -> its work in full-time equivalents
    own_from_fte : trade -> the work from which on it has people of its own
    schemes : who wears a trade that is too small, first with whom it is nearest to, last in the smallest shop
    owner_most_fte : the most that the owner wears; beyond it trades that can be bought are left to be bought,
        the largest first

    One scheme after the other, trades that share a wearer are added up; below what a person of the wearer's own takes
    they go on to the next scheme.

    >>> near, small = {"buyer": "buyer", "planner": "buyer"}, {"buyer": "owner", "planner": "stock"}
    >>> wearers({"buyer": 0.7, "planner": 0.4}, {"buyer": 1, "planner": 1}, [near, small])
    {'buyer': 'buyer', 'planner': 'buyer'}
    >>> wearers({"buyer": 0.2, "planner": 0.4}, {"buyer": 1, "planner": 1}, [near, small])
    {'buyer': 'owner', 'planner': 'stock'}
    """
    worn = {trade: trade for trade in fte}
    for scheme in schemes:
        together: dict[str, float] = {}
        for trade, wearer in worn.items():
            together[wearer] = together.get(wearer, 0.0) + fte[trade]
        worn = {
            trade: wearer if together[wearer] >= own_from_fte[wearer] else scheme[trade]
            for trade, wearer in worn.items()
        }
    of_owner = [trade for trade, wearer in worn.items() if wearer == owner]
    over = sum(fte[trade] for trade in of_owner) - owner_most_fte
    for trade in sorted({*of_owner} & {*can_be_bought}, key=lambda trade: (-fte[trade], trade)):
        if over > 0:
            worn[trade] = trade
            over -= fte[trade]
    return worn
