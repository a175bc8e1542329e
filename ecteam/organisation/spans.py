"""How flat is an organisation, what does leading cost, and what would one layer fewer change?

References
----------
.. [1] V. A. Graicunas, "Relationship in Organization", Bulletin of the International Management Institute 7 (1933).
"""

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Floats, Ints
from ecteam.inputs.checks import InputError
from ecteam.organisation.lines import DIRECTORS, as_tree, read_lines

MOST_OF_INDEX = 1000
"""Beyond so many reports the index is no longer a finite number."""

FEW_REPORTS = 2
"""A manager with so many reports or fewer is pointed out: the layer may not be needed."""


def layers_needed(people: npt.ArrayLike, span: npt.ArrayLike) -> Ints:
    """How many layers, the top included, do so many people need when everybody leads `span` others?

    The smallest L with 1 + s + ... + s^(L-1) >= N, counted in whole numbers; nobody needs 0 layers.

    >>> layers_needed([1, 43, 44], 6)
    array([1, 3, 4])
    """
    heads, width = np.broadcast_arrays(np.asarray(people, dtype=np.int64), np.asarray(span, dtype=np.int64))
    room, layers = np.zeros_like(heads), np.zeros_like(heads)
    while (short := room < heads).any():
        room = np.where(short, room * width + 1, room)
        layers = layers + short
    return layers


def channels(people: npt.ArrayLike) -> Ints:
    """How many pairs of people can talk to each other? n (n - 1) / 2.

    >>> channels([2, 10])
    array([ 1, 45])
    """
    heads = np.asarray(people, dtype=np.int64)
    return heads * (heads - 1) // 2


def graicunas(reports: npt.ArrayLike) -> Floats:
    """How many relations has a leader with so many reports: single, crossed and in groups? n (2^(n-1) + n - 1) [1]_.

    >>> graicunas([3, 4, 8])
    array([  18.,   44., 1080.])
    """
    n = np.asarray(reports, dtype=float)
    return n * (2.0 ** (n - 1) + n - 1)


def spans_of(
    tree: pd.DataFrame, seats: pd.DataFrame | None = None, *, leading_hours_per_head: float = 0.0
) -> pd.DataFrame:
    """How many does each leader lead, is it too many, and what does the leading cost?

    `tree` of `reporting_tree`; `seats`: person, productive_hours and cost_per_month (loaded), without which the cost is
    NaN; `leading_hours_per_head`: hours a month that leading one person takes, the rate of the duty `lead_people`,
    whose hours these are: nothing comes on top of the plan.

    Returns one row a leader: person, position, department, leads, layer, reports, work (the kind led: that of the
    reports if they are of one unit and lead nobody, else "directors"), limit (the high figure of spans.csv), over
    (bool); leading_hours and leading_cost (at the leader's own cost) a month.
    """
    lines = read_lines()
    led = tree[tree["manager"] != ""]
    departments = lines.departments
    unit = departments["part_of"].where(departments["part_of"] != "", departments.index.to_series())
    about = pd.DataFrame({"manager": led["manager"], "unit": led["department"].map(unit), "leads": led["leads"] != ""})
    together = about.groupby("manager", sort=False).agg(
        reports=("leads", "size"), leading=("leads", "any"), unit=("unit", "first"),
        units=("unit", lambda units: units.nunique(dropna=False)),
    )  # fmt: skip
    alike = (together["units"] == 1) & together["unit"].notna() & ~together["leading"]
    together["work"] = together["unit"].map(departments["work"]).where(alike, DIRECTORS)
    table = tree.loc[tree["leads"] != "", ["person", "position", "department", "leads", "layer"]].merge(
        together[["reports", "work"]], left_on="person", right_index=True, validate="one_to_one"
    )
    table["limit"] = table["work"].map(lines.spans["high"]).astype(int)
    table["over"] = table["reports"] > table["limit"]
    table["leading_hours"] = table["reports"] * leading_hours_per_head
    table["leading_cost"] = np.nan
    if seats is not None:
        about = seats.set_index("person")
        cost_per_hour = about["cost_per_month"] / about["productive_hours"]
        table["leading_cost"] = table["leading_hours"] * table["person"].map(cost_per_hour)
    return table.reset_index(drop=True)


def measures(
    tree: pd.DataFrame, seats: pd.DataFrame | None = None, *, leading_hours_per_head: float = 0.0
) -> pd.DataFrame:
    """How flat is this tree, in a few figures? Arguments as in `spans_of`.

    Indexed by measure, value and unit: heads, layers; least_layers (what so many people need at the mean span);
    managers, working_leads (of these), mean_span, largest_span; few_reports (managers with one or two reports),
    over_limit; leading_hours a month; management_cost_share (cost of the hours of leading over that of all seats);
    team_channels (pairs inside each leader's team, the leader included); graicunas (index, summed over the leaders).

    >>> from ecteam.organisation.lines import as_tree
    >>> seats = pd.DataFrame({"person": ["Li", "Wang", "Zhao"], "hired_as": "", "department": "", "vacant": False})
    >>> tree = as_tree(seats, {"Li": "", "Wang": "Li", "Zhao": "Wang"}, {"Li", "Wang"})
    >>> measures(tree)["value"][["layers", "managers", "few_reports"]].to_dict()
    {'layers': 3.0, 'managers': 2.0, 'few_reports': 2.0}
    """
    spans = spans_of(tree, seats, leading_hours_per_head=leading_hours_per_head)
    reports = spans["reports"].to_numpy()
    mean_span = reports.mean() if len(reports) else 0.0
    total_cost = np.nan if seats is None else seats.set_index("person").loc[tree["person"], "cost_per_month"].sum()
    cost_share = spans["leading_cost"].sum(min_count=len(spans)) / total_cost if total_cost else np.nan
    rows = {
        "heads": (len(tree), "people"),
        "layers": (int(tree["layer"].max()), "layers"),
        "least_layers": (int(layers_needed(len(tree), max(round(mean_span), 2))), "layers"),
        "managers": (len(spans), "people"),
        "working_leads": (int((spans["leads"] == "working_lead").sum()), "people"),
        "mean_span": (mean_span, "direct reports"),
        "largest_span": (int(reports.max(initial=0)), "direct reports"),
        "few_reports": (int((reports <= FEW_REPORTS).sum()), "people"),
        "over_limit": (int(spans["over"].sum()), "people"),
        "leading_hours": (float(spans["leading_hours"].sum()), "hours a month"),
        "management_cost_share": (float(cost_share), "share of the cost of all seats"),
        "team_channels": (int(channels(reports + 1).sum()), "pairs of people"),
        "graicunas": (float(graicunas(reports).sum()) if reports.max(initial=0) <= MOST_OF_INDEX else inf, "index"),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "unit"]).rename_axis("measure")
    return table.astype({"value": float})


@dataclass(frozen=True, eq=False)
class Removal:
    """What one layer of leaders fewer changes: nobody leaves, the former leaders work where they are.

    `tree`: the new one. `moved`: person, from_manager, to_manager, of those who get another manager. `spans`: person,
    reports_before, reports_after, limit, over, of every leader before or after. The hours of leading stay.
    """

    tree: pd.DataFrame
    moved: pd.DataFrame
    spans: pd.DataFrame


def remove_layer(tree: pd.DataFrame, layer: int) -> Removal:
    """What changes if the leaders of one layer lead no more and their people report to the leaders above?

    Raises `InputError` for the top, a layer that is not there, and the bottom one, in which nobody leads.

    >>> from ecteam.organisation.lines import as_tree
    >>> seats = pd.DataFrame({"person": ["Li", "Wang", "Zhao"], "hired_as": "", "department": "", "vacant": False})
    >>> tree = as_tree(seats, {"Li": "", "Wang": "Li", "Zhao": "Wang"}, {"Li", "Wang"})
    >>> remove_layer(tree, 2).moved.to_dict("records")
    [{'person': 'Zhao', 'from_manager': 'Wang', 'to_manager': 'Li'}]
    """
    deepest = int(tree["layer"].max())
    if layer not in range(2, deepest):
        allowed = (
            f"it must be 2 to {deepest - 1}" if deepest > 2 else "there is no layer between the top and the bottom"
        )
        raise InputError(f"layer is {layer}; {allowed}: the top stays, and at the bottom nobody leads")
    manager = dict(zip(tree["person"], tree["manager"], strict=True))
    dissolved = set(tree.loc[tree["layer"] == layer, "person"])
    new = {name: manager[boss] if boss in dissolved else boss for name, boss in manager.items()}
    posts = set(tree.loc[tree["leads"] == "head", "person"])
    after = as_tree(tree.rename(columns={"position": "hired_as"}), new, posts)
    old, less = (spans_of(each).set_index("person") for each in (tree, after))
    leaders = [name for name in tree["person"] if name in old.index or name in less.index]
    old, less = old.reindex(leaders), less.reindex(leaders)
    spans = pd.DataFrame(
        {
            "reports_before": old["reports"].fillna(0).astype(int),
            "reports_after": less["reports"].fillna(0).astype(int),
            "limit": less["limit"].fillna(old["limit"]).astype(int),
            "over": less["over"].eq(True),
        }
    )
    moved = [(name, manager[name], new[name]) for name in tree["person"] if new[name] != manager[name]]
    return Removal(
        after,
        pd.DataFrame(moved, columns=["person", "from_manager", "to_manager"]),
        spans.rename_axis("person").reset_index(),
    )
