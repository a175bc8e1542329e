"""The same posts in four structures: by function, as a matrix, in cells, as a network. What does each ask for?

A function keeps one kind of work together; a cell keeps together what one channel needs (operations, promotion, design,
service) under one lead; a matrix keeps the functions and adds dotted lines to the lead of each channel; a network keeps
a core and gives whole departments to partners. Also: how often an order changes hands.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from ecteam.inputs.arguments import Floats
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Sourced, load
from ecteam.organisation.lines import (
    Unit,
    as_tree,
    first_filled,
    line_up,
    line_up_below,
    reporting_tree,
    the_top,
    units_of,
)
from ecteam.organisation.spans import channels as pairs_of
from ecteam.organisation.spans import measures

OUTSIDE = "outside"
"""The group of a step that a partner does."""


class _StepRow(Sourced, Named):
    step: int = Field(ge=1)
    duty: str = Field(min_length=1)


def _order_mistakes(steps: pd.DataFrame) -> list[str]:
    wrong = steps[steps["step"] != steps.index + 1]
    return [
        f"{row.file} row {row.row}, column step: is {row.step}; it must be {row.Index + 1}"
        for row in wrong.head(1).itertuples()
    ]


@cache
def read_steps(path: Path | None = None) -> pd.DataFrame:
    """Which steps does an order take, and whose duty is each? step, duty, en, zh, source, as_of, kind.

    >>> read_steps()["duty"].to_list()[:3]
    ['bid_for_traffic', 'answer_before_sale', 'answer_during_sale']
    """
    steps = load(path or data_dir() / "organisation" / "order_to_cash.csv", _StepRow, check=_order_mistakes)
    return steps.drop(columns=["file", "row"])


def hand_offs(people: pd.DataFrame, groups: pd.Series, *, outside: Collection[str]) -> pd.DataFrame:
    """Which share of orders must go to somebody else, or to another group, from one step to the next?

    `people`: person, duty, hours, accountable; `groups`: person -> group (department, cell, partner), of everybody who
    works on a step; `outside`: duties of the steps that a partner does. Returns one row a step that somebody does:
    step, duty, en, zh, person (the accountable one, else who works on it most; "" outside), people (how many work on
    it), group (the largest by hours), person_hand_off and group_hand_off, shares of orders that change hands against
    the row before.

    Formula: 1 - sum over p of min(share of p in the one step, share of p in the other): with the best sharing out of
    orders, so many cannot stay with the same person. The same with groups.

    >>> people = pd.DataFrame({"person": ["Li", "Li", "Wang"], "duty": ["pick_orders", "pack_orders", "pack_orders"],
    ...                        "hours": [100.0, 50.0, 50.0], "accountable": False})
    >>> way = hand_offs(people, pd.Series("warehouse", ["Li", "Wang"]), outside=())
    >>> way[["duty", "person_hand_off", "group_hand_off"]]
              duty  person_hand_off  group_hand_off
    0  pick_orders              0.0             0.0
    1  pack_orders              0.5             0.0
    """
    steps = read_steps()
    at_work = people[people["duty"].isin(steps["duty"])]
    hours = at_work.pivot_table(index="duty", columns="person", values="hours", aggfunc="sum", fill_value=0.0)
    hours = hours[hours.sum(axis=1) > 0]
    done = steps[steps["duty"].isin([*hours.index, *outside])].reset_index(drop=True)
    by_person = hours.div(hours.sum(axis=1), axis=0).reindex(done["duty"], fill_value=0.0)
    by_group = by_person.T.groupby(groups.reindex(by_person.columns), sort=False).sum().T
    by_person[OUTSIDE] = 1 - by_person.sum(axis=1).round(9)
    by_group[OUTSIDE] = by_person[OUTSIDE].to_numpy()
    owner = _accountable(at_work, by_person.drop(columns=OUTSIDE))
    return pd.DataFrame(
        {
            **{name: done[name] for name in ("step", "duty", "en", "zh")},
            "person": owner.reindex(done["duty"]).fillna("").to_numpy(),
            "people": (by_person.drop(columns=OUTSIDE) > 0).sum(axis=1).to_numpy(),
            "group": by_group.idxmax(axis=1).to_numpy(),
            "person_hand_off": _changes(by_person),
            "group_hand_off": _changes(by_group),
        }
    )


def _changes(shares: pd.DataFrame) -> Floats:
    """The share of each row that its row before does not have: 0 for the first."""
    table = shares.to_numpy(float)
    kept = np.minimum(table[1:], table[:-1]).sum(axis=1)
    return np.concatenate([np.zeros(min(len(table), 1)), np.clip(1 - kept, 0, 1)])


def _accountable(at_work: pd.DataFrame, shares: pd.DataFrame) -> pd.Series:
    """Duty -> the accountable person, else the one with the most hours."""
    most = shares[shares.sum(axis=1) > 0].idxmax(axis=1).astype(object)
    named = at_work[at_work["accountable"]].drop_duplicates("duty", keep="last").set_index("duty")["person"]
    return named.reindex(most.index).fillna(most)


CELL_DEPARTMENTS = ("operations", "promotion", "design", "customer_service")
"""What a channel needs of its own, with the departments that are part of these."""
PARTNER = "partner"
"""The position of an outsourced department: one box for all its posts."""


@dataclass(frozen=True, eq=False)
class Structure:
    """One way to line up the posts.

    `tree`: as of `reporting_tree`, with `group` (department, channel or partner) and `posts` (1, or those of a
    partner). `lines`: person, manager, kind ("solid" line of command, "dotted" line to a channel's lead, "contract"
    with a partner), group (that the line belongs to). `groups`: person -> group, of every seat, also those of partners.
    """

    name: str
    tree: pd.DataFrame
    lines: pd.DataFrame
    groups: pd.Series


def functional(seats: pd.DataFrame) -> Structure:
    """The posts by department: the plain tree of `reporting_tree`."""
    tree = reporting_tree(seats)
    return _structure("functional", tree, tree["department"], [], seats["person"])


def matrix(seats: pd.DataFrame, channels: Sequence[str]) -> Structure:
    """The functional tree, and for each channel a lead to whom one of each function has a dotted line.

    The lead is the first of operations for the channel. Raises `InputError` as `cells` does.
    """
    plain, dealt = reporting_tree(seats), _deal(seats, channels)
    filled = set(seats.loc[~seats["vacant"], "person"])
    dotted = []
    for channel, units in dealt.items():
        lead, _ = first_filled(_everybody(units), filled)
        sent = [first_filled(_everybody([unit]), filled)[0] for unit in units]
        sent += _missing(dealt, channel)
        dotted += [(name, lead, "dotted", channel) for name in sent if name != lead]
    return _structure("matrix", plain, plain["department"], dotted, seats["person"])


def cells(seats: pd.DataFrame, channels: Sequence[str]) -> Structure:
    """One cell a channel, with operations, promotion, design and service of its own under one lead.

    The people of these departments are dealt out evenly. Hired operations heads lead the first cells; the first of a
    cell leads it otherwise. Where a department has fewer people than there are channels, one of them serves a further
    channel over a dotted line. All other departments stay as they are. Raises `InputError` for fewer people in these
    departments than channels.

    >>> seats = pd.DataFrame({"person": ["Li", "Wang", "Zhao", "Chen", "Sun"], "vacant": False,
    ...     "hired_as": ["owner", "ops_specialist", "ops_specialist", "cs_agent", "cs_agent"],
    ...     "department": ["operations", "operations", "operations", "customer_service", "customer_service"]})
    >>> tree = cells(seats, ["Taobao", "JD"]).tree
    >>> tree[["person", "manager", "group"]].values.tolist()[:3]
    [['Li', '', 'operations'], ['Wang', 'Li', 'Taobao'], ['Chen', 'Wang', 'Taobao']]
    """
    filled = set(seats.loc[~seats["vacant"], "person"])
    top, operations, manager, spare = the_top(seats)
    dealt = _deal(seats, channels)
    rest = [u for u in units_of(seats, {*manager, *spare}) if u.name not in CELL_DEPARTMENTS]
    posts = {*manager, *spare, *(name for unit in rest for name in unit.heads)}
    group: dict[str, str] = {}
    leads: dict[str, str] = {}
    for channel, units in dealt.items():
        if spare:
            lead, spare = spare[0], spare[1:]
        else:
            lead, _ = first_filled(_everybody(units), filled)
        leads[channel] = lead
        manager[lead] = operations
        left = [_only(unit, {*_everybody(units)} - {lead}) for unit in units]
        manager |= line_up(lead, [unit for unit in left if _everybody([unit])], 0, filled)
        group |= dict.fromkeys([lead, *_everybody(left)], channel)
    manager |= dict.fromkeys(spare, operations)
    tree = as_tree(seats, line_up_below(top, operations, manager, rest, seats), posts)
    dotted = [(name, leads[c], "dotted", c) for c in dealt for name in _missing(dealt, c) if name != leads[c]]
    return _structure("cells", tree, tree["person"].map(group).fillna(tree["department"]), dotted, seats["person"])


def network(seats: pd.DataFrame, partners: Collection[str]) -> Structure:
    """A core of the other departments, and one partner for each department that is given away.

    A partner is a box of the tree under the operations head (or the owner): person "DEPARTMENT partner", position
    "partner", `posts` the posts it stands for.
    """
    away = seats["department"].isin(list(partners)) & ~seats["person"].isin(list(the_top(seats)[2]))
    core = reporting_tree(seats[~away])
    contact = the_top(seats[~away])[1]
    counts = seats[away].groupby("department", sort=False).size()
    partner_of = {name: f"{name} {PARTNER}" for name in counts.index}
    boxes = pd.DataFrame({"person": partner_of.values(), "department": partner_of.keys()}, dtype=object).assign(
        position=PARTNER, manager=contact, layer=core.set_index("person")["layer"][contact] + 1, leads="", vacant=False
    )
    tree = pd.concat([core, boxes], ignore_index=True) if len(boxes) else core
    partner = tree["position"] == PARTNER
    made = _structure("network", tree, tree["department"].mask(partner, tree["person"]), [], seats["person"])
    is_contract = made.lines["person"].isin(boxes["person"])
    return replace(
        made,
        tree=made.tree.assign(posts=tree["department"].map(counts).where(partner, 1).astype(int)),
        lines=made.lines.assign(kind=made.lines["kind"].mask(is_contract, "contract")),
        groups=made.groups.fillna(seats.set_index("person")["department"].map(partner_of)),
    )


def compare_structures(
    structures: Sequence[Structure], people: pd.DataFrame, *, outside: Collection[str]
) -> pd.DataFrame:
    """What does each structure ask for? One column a structure, indexed by measure.

    heads (of the shop itself), partners, groups; layers, managers, mean_span, largest_span, few_reports, over_limit as
    in `spans.measures`; dotted_lines; person_hand_offs and group_hand_offs of one order from the first step to the
    last; coordination_channels: pairs inside every group, pairs of groups, and one for each dotted line.
    """
    columns = {}
    for structure in structures:
        tree = structure.tree
        partner = tree["position"] == PARTNER
        figures = measures(tree)["value"]
        way = hand_offs(people, structure.groups, outside=outside)
        sizes = tree[~partner].groupby("group", sort=False).size()
        dotted = int((structure.lines["kind"] == "dotted").sum())
        columns[structure.name] = {
            "heads": int((~partner).sum()),
            "partners": int(partner.sum()),
            "groups": int(tree["group"].nunique()),
            **figures[["layers", "managers", "mean_span", "largest_span", "few_reports", "over_limit"]],
            "dotted_lines": dotted,
            "person_hand_offs": way["person_hand_off"].sum(),
            "group_hand_offs": way["group_hand_off"].sum(),
            "coordination_channels": int(pairs_of(sizes).sum() + pairs_of(tree["group"].nunique()) + dotted),
        }
    return pd.DataFrame(columns).rename_axis("measure").astype(float)


def _structure(
    name: str, tree: pd.DataFrame, group: pd.Series, extra: Sequence[tuple[str, str, str, str]], seats: pd.Series
) -> Structure:
    tree = tree.assign(group=group, posts=1)
    led = tree[tree["manager"] != ""]
    solid = led[["person", "manager"]].assign(kind="solid", group=led["group"])
    lines = pd.concat([solid, pd.DataFrame(extra, columns=solid.columns)], ignore_index=True) if extra else solid
    return Structure(
        name, tree, lines.reset_index(drop=True), tree.set_index("person")["group"].reindex(seats.to_numpy())
    )


def _deal(seats: pd.DataFrame, channels: Sequence[str]) -> dict[str, list[Unit]]:
    """Channel -> its share of the departments that a channel needs, dealt out in turn so that the cells are even."""
    names = list(channels)
    _, _, manager, spare = the_top(seats)
    units = [u for u in units_of(seats, {*manager, *spare}) if u.name in CELL_DEPARTMENTS]
    units.sort(key=lambda unit: CELL_DEPARTMENTS.index(unit.name))
    count = len(_everybody(units))
    if count < len(names):
        raise InputError(
            f"{len(names)} channels need as many people in {', '.join(CELL_DEPARTMENTS)}; there are {count}: "
            "name fewer channels"
        )
    dealt: dict[str, list[Unit]] = {name: [] for name in names}
    turn = 0
    for unit in units:
        people = _everybody([unit])
        for number, name in enumerate(names):
            if hand := people[(number - turn) % len(names) :: len(names)]:
                dealt[name].append(_only(unit, hand))
        turn += len(people)
    return dealt


def _missing(dealt: Mapping[str, Sequence[Unit]], channel: str) -> list[str]:
    """Who of another channel serves this one too: one for each department that the channel has not."""
    place, its_own = list(dealt).index(channel), {unit.name for unit in dealt[channel]}
    of_department = [
        _everybody([unit for units in dealt.values() for unit in units if unit.name == name])
        for name in CELL_DEPARTMENTS
        if name not in its_own
    ]
    return [people[place % len(people)] for people in of_department if people]


def _everybody(units: Sequence[Unit]) -> list[str]:
    return [name for unit in units for name in (*unit.heads, *unit.members)]


def _only(unit: Unit, names: Collection[str]) -> Unit:
    """A unit with only these of its people."""
    heads, members = (tuple(name for name in some if name in names) for some in (unit.heads, unit.members))
    return replace(unit, heads=heads, members=members)
