"""Who carries the three capabilities: organisation growth, daily operation, development support?"""

import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.tables import CAPABILITIES
from ecteam.organisation.accountability import AND, checked_table
from ecteam.organisation.rules import Rules, is_group


def capability_matrix(table: pd.DataFrame, duties: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Who owns the duties of each capability and post, and which of them does nobody own?

    Parameters
    ----------
    table : a responsibility table as `accountability.findings` takes it: duty, person, accountable
    duties : indexed by duty, those that must have an owner: capability (one of `CAPABILITIES`), post, en, zh
    rules : from `accountability_rules.read_rules`

    Returns
    -------
    One row a capability and post, the capabilities in their order and every one of them there: capability, post ("" in
    the one row of a capability without duties), duties (how many), owned (by one or more persons; a group is none),
    owners (names apart by "; ", who owns most first), gaps (keys of the duties that nobody owns, apart by "; ").

    Raises
    ------
    InputError for the mistakes of `accountability.findings`, and a capability that is none of the three.

    Examples
    --------
    >>> from ecteam.organisation.rules import read_rules
    >>> duties = pd.DataFrame({"capability": "daily_operation", "post": "promotion"},
    ...     index=["plan_campaigns", "write_posts"])
    >>> table = pd.DataFrame({"duty": ["plan_campaigns"], "person": ["Li Wei"], "accountable": [True]})
    >>> capability_matrix(table, duties, read_rules())[["capability", "post", "duties", "owned", "owners", "gaps"]]
                capability       post  duties  owned  owners         gaps
    0  organisation_growth                  0      0
    1      daily_operation  promotion       2      1  Li Wei  write_posts
    2  development_support                  0      0
    """
    unknown = sorted(set(duties["capability"]) - set(CAPABILITIES))
    if unknown:
        raise InputError(f"duties have the capability {unknown[0]!r}; it must be one of {', '.join(CAPABILITIES)}")
    rows = checked_table(table, duties)
    owners = rows.loc[rows["accountable"], ["duty", "person"]].drop_duplicates()
    owners = owners[~is_group(owners["person"], rules)]
    places = duties[["capability", "post"]].rename_axis("duty").reset_index()
    posts = dict.fromkeys(duties["post"])
    places["owned"] = places["duty"].isin(owners["duty"])
    places["gap"] = places["duty"].where(~places["owned"], "")

    keys = ["capability", "post"]
    matrix = places.groupby(keys, sort=False).agg(
        duties=("duty", "size"),
        owned=("owned", "sum"),
        gaps=("gap", lambda gaps: AND["en"].join(filter(None, gaps))),
    )
    of_post = owners.merge(places[["duty", *keys]], on="duty", validate="many_to_one")
    sums = of_post.groupby([*keys, "person"], sort=False).size().rename("count").reset_index()
    sums = sums.sort_values(["count", "person"], ascending=[False, True], kind="stable")
    matrix["owners"] = sums.groupby(keys, sort=False)["person"].agg(AND["en"].join)
    matrix = matrix.reset_index()
    empty = [name for name in CAPABILITIES if name not in set(matrix["capability"])]
    nothing = pd.DataFrame({"capability": empty, "post": "", "duties": 0, "owned": 0, "gaps": ""})
    matrix = pd.concat([matrix, nothing], ignore_index=True) if empty else matrix
    order = [*posts, ""]
    matrix["owners"] = matrix["owners"].fillna("")
    at = matrix["capability"].map(CAPABILITIES.index) * len(order) + matrix["post"].map(order.index)
    matrix = matrix.iloc[at.argsort(kind="stable")].reset_index(drop=True)
    return matrix[["capability", "post", "duties", "owned", "owners", "gaps"]]


def capabilities_without_owner(matrix: pd.DataFrame) -> list[str]:
    """Which of the three capabilities does nobody own a single duty of? None of them may be in this list.

    >>> matrix = pd.DataFrame({"capability": CAPABILITIES, "owned": [2, 0, 1]})
    >>> capabilities_without_owner(matrix)
    ['daily_operation']
    """
    owned = matrix.groupby("capability", sort=False)["owned"].sum().reindex(CAPABILITIES, fill_value=0)
    return [str(name) for name in owned.index[owned == 0]]
