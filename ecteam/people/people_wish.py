"""What may be asked of `people.assign_people`: every mistake in words, and the wish as arrays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.calendar_units import HOURS_PER_DAY
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.people.infeasible import Names
from ecteam.people.problem import Bools, Case, Floats, least_hours


@dataclass(frozen=True, eq=False)
class AtOnce:
    """People who are needed at the same hour: nobody stands in two such groups.

    `words` what people call the group, "the service desk"; `duties` what it does; `people` at the same hour, whole, one
    number or (months,).
    """

    words: str
    duties: Sequence[str]
    people: npt.ArrayLike


def read_wish(
    duties: pd.DataFrame,
    hours: npt.ArrayLike,
    seats: pd.DataFrame,
    productive_hours: npt.ArrayLike,
    months: pd.PeriodIndex,
    may: npt.ArrayLike,
    authority: npt.ArrayLike | None,
    at_once: Sequence[AtOnce],
    keep_apart: pd.DataFrame | None,
    most_hats: int | None,
    hat_loss_share: float,
    owner_hours: float,
    roles: Collection[str] | None,
    gap: float,
) -> tuple[Case, Names]:
    """The arrays of a wish that is allowed; raises `InputError` with every mistake."""
    mistakes = list(_frame_mistakes(duties, seats, keep_apart, at_once, roles))
    if mistakes:
        raise InputError(mistakes)
    words = (duties["words"] if "words" in duties else duties.index.to_series()).astype(str).to_list()
    people = seats["person"].to_list()
    keys = duties.index.to_list()
    shape, width = (len(seats), len(duties)), len(months)
    calendar = np.asarray(months.days_in_month, dtype=float) * HOURS_PER_DAY

    def table(name: str, given: npt.ArrayLike, rows: list[str], columns: int) -> Floats:
        try:
            return np.broadcast_to(np.asarray(given, dtype=float), (len(rows), columns)).copy()
        except (TypeError, ValueError):
            mistakes.append(
                f"{name} has the shape {np.shape(given)}; it must be numbers of the shape ({len(rows)}, {columns})"
            )
            return np.zeros((len(rows), columns))

    work = table("hours", hours, keys, width)
    capacity = table("productive_hours", productive_hours, people, width)
    cost = table("cost_per_month", seats["cost_per_month"].to_numpy()[:, None], people, width)
    for name, values, rows, most, allowed in (
        ("hours", work, keys, np.inf, "0 or more hours"),
        ("productive_hours", capacity, people, calendar, "0 hours or more and at most those of the month"),
        ("cost_per_month", cost, people, np.inf, "0 or more a month"),
    ):
        wrong = ~((values >= 0) & (values <= most) & np.isfinite(values))
        for row in np.flatnonzero(wrong.any(axis=1)).tolist():
            t = int(wrong[row].argmax())
            mistakes.append(f"{name} of {rows[row]!r} in {months[t]} is {values[row, t]:.15g}; it must be {allowed}")
    able = _flags("may", may, shape, mistakes)
    holds = able if authority is None else _flags("authority", authority, shape, mistakes)
    for name, share, below, unit in (
        ("hat_loss_share", hat_loss_share, 1.0, "a share of a person's hours, 0 or more and below 1"),
        ("owner_hours", owner_hours, np.inf, "more than 0 hours a month"),
        ("gap", gap, 1.0, "a share of the cost, 0 or more and below 1"),
    ):
        if not 0 <= share < below or (name == "owner_hours" and share == 0):
            mistakes.append(f"{name} is {share!r}; it must be {unit}")
    if most_hats is not None and (most_hats < 1 or most_hats != int(most_hats)):
        whole = "a whole number of hats, 1 or more, or None for no limit"
        mistakes.append(f"most_hats is {most_hats!r}; it must be {whole}")
    groups = np.array([duties.index.isin(list(g.duties)) for g in at_once], dtype=bool).reshape(len(at_once), len(keys))
    group_words = [group.words for group in at_once]
    bodies = table("at_once", [np.broadcast_to(group.people, width) for group in at_once] or 0, group_words, width)
    for g in np.flatnonzero(~((bodies >= 0) & (bodies == np.floor(bodies)) & (bodies < np.inf)).all(axis=1)).tolist():
        mistakes.append(f"people of {group_words[g]!r} must be whole numbers of people at the same hour, 0 or more")
    if mistakes:
        raise InputError(mistakes)

    for d in np.flatnonzero((work > 0).any(axis=1)).tolist():
        asked = work[d] > 0
        if not able[:, d].any():
            mistakes.append(f"nobody may do {words[d]!r}: let a role wear it or hire one")
        elif not (able & holds)[:, d].any():
            mistakes.append(f"nobody who may do {words[d]!r} holds the authority for it: give it to one of them")
        elif (missing := asked & ~(able[:, d] @ (capacity > 0))).any():
            mistakes.append(
                f"nobody who may do {words[d]!r} has hours in {months[int(missing.argmax())]}: hire one earlier"
            )
        elif (missing := asked & ~((able & holds)[:, d] @ (capacity > 0))).any():
            mistakes.append(
                f"nobody with the authority for {words[d]!r} has hours in {months[int(missing.argmax())]}: "
                "give it to somebody who is there"
            )
    for g, group in enumerate(at_once):
        idle = (bodies[g] > 0) & (work[groups[g]].sum(axis=0) <= 0)
        if idle.any():
            t = int(idle.argmax())
            mistakes.append(
                f"{group.words} needs {bodies[g, t]:.0f} at the same hour in {months[t]}, but its duties have no hours"
            )
    if mistakes:
        raise InputError(mistakes)

    post_names = list(dict.fromkeys(duties["post"]))
    pairs = keep_apart if keep_apart is not None else pd.DataFrame({"duty_a": [], "duty_b": []})
    apart = np.stack([duties.index.get_indexer(pairs[one]) for one in ("duty_a", "duty_b")], axis=1).astype(np.int64)
    least, group_least = least_hours(work, able, capacity, groups, owner_hours)
    case = Case(
        hours=work,
        post=np.array([post_names.index(post) for post in duties["post"]], dtype=np.int64),
        may=able,
        authority=holds & able,
        capacity=capacity,
        cost=cost,
        on_board=seats["on_board"].to_numpy(bool),
        size=np.ones(len(seats), dtype=np.int64),
        apart=apart,
        groups=groups,
        bodies=bodies.astype(np.int64),
        least=least,
        group_least=group_least,
        most_hats=len(post_names) if most_hats is None else int(most_hats),
        hat_loss_share=float(hat_loss_share),
    )
    said = [f"{words[a]!r} and {words[b]!r} must be two people" for a, b in apart]
    if "words" in pairs:
        said = [f"{text} ({why})" for text, why in zip(said, pairs["words"], strict=True)]
    return case, Names(words, [str(post) for post in post_names], group_words, said)


def _frame_mistakes(
    duties: pd.DataFrame,
    seats: pd.DataFrame,
    keep_apart: pd.DataFrame | None,
    at_once: Sequence[AtOnce],
    roles: Collection[str] | None,
) -> list[str]:
    mistakes = []
    columns = {"person", "hired_as", "department", "cost_per_month", "on_board"}
    for name, frame, wanted in (("duties", duties, {"post", "role"}), ("seats", seats, columns)):
        mistakes += [f"{name} has no column {column!r}" for column in sorted(wanted - set(frame.columns))]
    if keep_apart is not None:
        lost = sorted({"duty_a", "duty_b"} - set(keep_apart.columns))
        mistakes += [f"keep_apart has no column {column!r}" for column in lost]
    if mistakes:
        return mistakes
    known = duties.index.to_list()
    for duty in duties.index[duties.index.duplicated()].unique():
        mistakes.append(f"duties has {duty!r} more than once; it must have one row for each duty")
    for number, (person, again) in enumerate(zip(seats["person"], seats["person"].duplicated(), strict=True), start=1):
        if again:
            mistakes.append(f"seats row {number}, column person: {person!r} is there twice; each person has one name")
    if roles is not None:
        for number, role in enumerate(seats["hired_as"], start=1):
            if role not in roles:
                near = did_you_mean(role, sorted(roles))
                mistakes.append(f"seats row {number}, column hired_as: {role!r} is no role{near}")
    if keep_apart is not None:
        for number, pair in enumerate(keep_apart[["duty_a", "duty_b"]].to_dict("records"), start=1):
            for column, duty in pair.items():
                if duty not in known:
                    near = did_you_mean(duty, known)
                    mistakes.append(f"keep_apart row {number}, column {column}: {duty!r} is no duty{near}")
            if pair["duty_a"] == pair["duty_b"]:
                mistakes.append(f"keep_apart row {number} keeps {pair['duty_a']!r} apart from itself")
    for group in at_once:
        for duty in (name for name in group.duties if name not in known):
            mistakes.append(f"at_once {group.words!r}: {duty!r} is no duty{did_you_mean(duty, known)}")
    return mistakes


def _flags(name: str, given: npt.ArrayLike, shape: tuple[int, int], mistakes: list[str]) -> Bools:
    try:
        values = np.broadcast_to(np.asarray(given), shape)
        if values.dtype != bool:
            raise ValueError(values.dtype)
    except ValueError:
        mistakes.append(f"{name} has the shape {np.shape(given)}; it must be yes or no, of the shape {shape}")
        return np.zeros(shape, dtype=bool)
    return values.copy()
