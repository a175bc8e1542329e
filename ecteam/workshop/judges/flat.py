"""Flat or not? Judges of a span, of the size of a team, and of a structure chosen for a reason."""

from typing import Any

from ecteam.organisation import spans
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.lesson import Lesson

LAYERS, MOST_PAIRS, MANY = 3, 50, 10**5
BETTER_SMALL = (
    *("layers", "managers", "largest_span", "few_reports", "over_limit", "dotted_lines"),
    *("person_hand_offs", "group_hand_offs", "coordination_channels"),
)


def my_span(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Which is the smallest span with which the team fits into three layers?"""
    people = len(lesson.plan.organised().seats)
    found = {"made": made, "people": people, "layers": LAYERS}
    if made != int(made):
        return "no_whole_people", found
    if made < 1 or _room(int(made)) < people:
        return "too_narrow", found | {"room": _room(max(int(made), 0))}
    return ("too_wide" if _room(int(made) - 1) >= people else "passed"), found | {"room": _room(int(made))}


def my_team(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Which is the largest team with no more pairs than asked?"""
    if made != int(made):
        return "no_whole_people", {"made": made}
    size = int(min(max(made, 0), MANY))
    found = {
        "made": made,
        "pairs": int(spans.channels(size)),
        "next": int(spans.channels(size + 1)),
        "most": MOST_PAIRS,
    }
    if found["pairs"] > MOST_PAIRS:
        return "too_many_pairs", found
    return ("room_for_more" if found["next"] <= MOST_PAIRS else "passed"), found


def my_choice(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Is the chosen structure one of the best by the measure for which it was chosen?"""
    spelled = {"结构": "structure", "理由": "because"}
    made = {key_of(name, ("structure", "because"), ("entry", "栏目"), spelled): text for name, text in made.items()}
    if len(made) < 2:
        raise NotYet('Write both: {"structure": "...", "because": "..."}', '两项都要写：{"结构": "...", "理由": "..."}')
    table = lesson.plan.organised().structures_compared
    chosen = key_of(made["structure"], table.columns, ("structure", "结构"))
    measure = key_of(made["because"], table.index, ("measure", "指标"))
    row = table.loc[measure]
    found = {"value": float(row[chosen]), "best": float(row.min())}
    if measure not in BETTER_SMALL:
        return "no_measure", found
    if row.max() == row.min():
        return "no_difference", found
    return ("passed" if row[chosen] == row.min() else "not_best"), found


def _room(span: int) -> int:
    """People who fit into the layers when everybody leads `span` others."""
    return sum(min(span, MANY) ** layer for layer in range(LAYERS))
