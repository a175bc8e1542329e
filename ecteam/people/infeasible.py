"""Why can nobody be found for a wish? The rules that block it, found by leaving rules out, and said in words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ecteam.people.fill import one_month
from ecteam.people.problem import AssignmentProblem, Names, merged_duties
from ecteam.people.programme import may_be_possible, shortfall


class Rule(NamedTuple):
    """One rule of a case: `kind` is hours, loss, bodies or apart; `at` the duty, group or pair."""

    kind: str
    at: int = 0


def rules(case: AssignmentProblem, t: int) -> list[Rule]:
    """The rules that month `t` has. A blocked wish is blamed on the last of them that will do."""
    asked = case.hours[:, t] > 0
    found = [Rule("hours")]
    found += [Rule("loss")] if case.hat_loss_share > 0 else []
    found += [Rule("bodies", int(g)) for g in np.flatnonzero(case.bodies[:, t] > 0)]
    return found + [Rule("apart", i) for i, pair in enumerate(case.apart) if asked[pair].all()]


def without(case: AssignmentProblem, left_out: Sequence[Rule]) -> AssignmentProblem:
    """The same wish without some rules."""
    kinds = {rule.kind for rule in left_out}
    at = {kind: [rule.at for rule in left_out if rule.kind == kind] for kind in kinds}
    if "hours" in kinds:
        # Everybody who is there has time for everything.
        case = replace(case, capacity=np.where(case.capacity > 0, case.hours.sum() + 1, 0.0), hat_loss_share=0.0)
    if "loss" in kinds:
        case = replace(case, hat_loss_share=0.0)
    if "bodies" in kinds:
        bodies = case.bodies.copy()
        bodies[at["bodies"]] = 0
        case = replace(case, bodies=bodies)
    if "apart" in kinds:
        case = replace(case, apart=np.delete(case.apart, at["apart"], axis=0))
    return case


def conflicts(case: AssignmentProblem, t: int) -> list[list[Rule]]:
    """Sets of rules that block month `t`: leave any one rule out of a set, and the rest of it blocks nothing.

    A set is found by leaving out one rule after another for as long as the rest still blocks. Then all of it is left
    out, and the next set is looked for, until nothing blocks.
    """
    active, found = rules(case, t), []

    def possible(kept: Sequence[Rule]) -> bool:
        kept_case = without(case, [rule for rule in everything if rule not in kept])
        if not may_be_possible(merged_duties(kept_case)[0], t):
            return False
        return one_month(kept_case, t)[0] is not None

    everything = list(active)
    while not possible(active):
        blocking = list(active)
        for rule in active:
            fewer = [other for other in blocking if other != rule]
            if not possible(fewer):
                blocking = fewer
        if not blocking:
            raise RuntimeError("no rule blocks this team, and still it is not possible; please report it")
        found.append(blocking)
        active = [rule for rule in active if rule not in blocking]
    return found


def sentences(case: AssignmentProblem, t: int, names: Names, month: str) -> Iterator[str]:
    """One sentence for each set of rules that blocks month `t`, with what would help."""
    for blocking in conflicts(case, t):
        left_out = [rule for rule in rules(case, t) if rule not in blocking]
        rest = without(case, left_out)
        reasons = [_reason(rule, rest, t, names, month) for rule in blocking if rule.kind != "hours"]
        kinds = {rule.kind for rule in blocking}
        if "hours" in kinds:
            reasons.append(_hours(rest, t, names, month))
        ways = ["add a person", *(words for kind, words in _WAYS_OUT.items() if kind in kinds)]
        yield f"{'; and '.join(reasons)}: {' or '.join(ways)}"


_WAYS_OUT = {
    "apart": "drop the rule",
    "bodies": "need fewer at one hour",
    "loss": "let each wear fewer hats",
    "hours": "let others do it",
}


def _reason(rule: Rule, case: AssignmentProblem, t: int, names: Names, month: str) -> str:
    if rule.kind == "apart":
        return names.pairs[rule.at]
    if rule.kind == "bodies":
        able = int(((case.capacity[:, t] > 0) & (case.may & case.groups[rule.at]).any(axis=1)).sum())
        return f"{names.groups[rule.at]} needs {case.bodies[rule.at, t]} at the same hour in {month} ({able} may do it)"
    return f"each further hat costs {case.hat_loss_share:.3g} of a person's hours (hat_loss_share)"


def _hours(case: AssignmentProblem, t: int, names: Names, month: str) -> str:
    missing = shortfall(case, t)
    short = np.flatnonzero(missing > 1e-6)
    order = short[np.argsort(-missing[short], kind="stable")][:3]
    able = case.may[:, order].any(axis=1) & (case.capacity[:, t] > 0)
    parts = " and ".join(f"{_figure(missing[d])} hours of {names.duties[d]!r}" for d in order)
    total = case.capacity[able, t].sum()
    count = int(able.sum())
    who = "the 1 person" if count == 1 else f"the {count} people"
    has = f"{'has' if count == 1 else 'have'} {_figure(total)} productive hours in all"
    return f"{parts} in {month} do not fit: {who} who may do it {has}"


def _figure(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"
