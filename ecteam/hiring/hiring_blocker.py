"""Why is there no plan? The month, the role and the limit that block it, found by the least that must be given up."""

from dataclasses import dataclass, replace

import numpy as np

from ecteam.hiring.hiring_problem import Problem
from ecteam.hiring.programme import Rows, Whole, programme, solve, stacked, triples
from ecteam.inputs.arguments import Floats

_SMALL = 1e-6


@dataclass(frozen=True, eq=False)
class Shortage:
    """The least hours of work and heads that cannot be had, (roles, months), and the staff of that attempt."""

    hours: Floats
    heads: Floats
    staff: Floats


def least_shortage(problem: Problem, whole: Whole) -> Shortage:
    """What is missing at the very least: the programme with an unlimited helper in every month, whom only it minimises.

    A demand of scenarios is taken at each month's largest need: who cannot cover that has no plan.
    """
    busiest = problem.with_need(problem.need.max(axis=0)[None], np.ones(1))
    model = programme(busiest, "nothing" if whole == "nothing" else "heads")
    columns, shape = len(model.cost), model.places["staff"].shape
    hours_at, heads_at = columns + np.arange(2 * np.prod(shape)).reshape(2, *shape)
    # Helpers do work (rows of the balance) and stand in for own heads (rows of least_heads, here rows, no bounds).
    old = Rows(*triples(model), model.row_low, model.row_high)
    presence = busiest.of["least_present"] > busiest.of["least_heads"]
    # The balance of work is the last block of rows but none, the one on presence the last of those on people.
    balance = len(model.row_low) - hours_at.size + np.arange(hours_at.size)
    first_presence = len(model.row_low) - 3 * hours_at.size - int(presence.sum())
    helped = Rows(
        np.concatenate([old.row, balance, first_presence + np.arange(presence.sum())]),
        np.concatenate([old.column, hours_at.ravel(), heads_at[presence]]),
        np.concatenate([old.value, np.ones(hours_at.size + int(presence.sum()))]),
        old.low,
        old.high,
    )
    block = np.arange(hours_at.size)
    own = Rows(
        np.concatenate([block, block]),
        np.concatenate([model.places["staff"].ravel(), heads_at.ravel()]),
        np.ones(2 * block.size),
        busiest.of["least_heads"].ravel(),
        np.full(block.size, np.inf),
    )
    width = columns + 2 * hours_at.size
    matrix, row_low, row_high = stacked([helped, own], width)
    low = np.concatenate([model.low, np.zeros(2 * hours_at.size)])
    low[model.places["staff"]] = 0.0
    low[model.places["stock"]] = 0.0
    at_end = busiest.of["hours_at_end"][:, -1]
    if at_end.any():
        # What must be left at the end is work that can be missing as well: ask for it in the last month.
        row_low[balance.reshape(shape)[:, -1]] += at_end
        row_high[balance.reshape(shape)[:, -1]] += at_end
    typical = np.maximum(busiest.of["hours_per_head"], 1.0)
    cost = np.concatenate([np.zeros(columns), np.ones(hours_at.size), typical.ravel()])
    # Few starts among equals, so that the sentence speaks of a plain attempt.
    tie = np.zeros(width)
    tie[model.places["starts"]] = tie[model.places["replacements"]] = _SMALL
    x, _ = solve(
        replace(
            model, cost=cost, tie=tie, matrix=matrix, row_low=row_low, row_high=row_high, low=low,
            high=np.concatenate([model.high, np.full(2 * hours_at.size, np.inf)]),
            whole=np.concatenate([model.whole, np.zeros(2 * hours_at.size, dtype=bool)]),
            implied=np.zeros(width, dtype=bool),
        ),
        1e-6,
        relaxed=False,
    )  # fmt: skip
    if x is None:
        raise RuntimeError("a plan with unlimited helpers must exist; please report these terms")
    return Shortage(x[hours_at], x[heads_at], x[model.places["staff"]])


def blockers(problem: Problem, whole: Whole, words: dict[str, str] | None = None) -> list[str]:
    """One sentence a role for which there is no plan: the first month in which something is missing, and what helps."""
    short = least_shortage(problem, whole)
    sentences = []
    for r, role in enumerate(problem.roles):
        missing = (short.hours[r] > _SMALL * max(problem.need.max(), 1)) | (short.heads[r] > _SMALL)
        if missing.any():
            t = int(np.flatnonzero(missing)[0])
            sentences.append(_sentence(problem, (words or {}).get(role, role), r, t, short))
    return sentences


def _sentence(problem: Problem, name: str, r: int, t: int, short: Shortage) -> str:
    of = {key: values[r, t] for key, values in problem.of.items()}
    heads = float(short.staff[r, t])
    overtime = of["overtime_most_hours_per_head"] if problem.allowed["overtime"][r] else 0.0
    per_head = of["temp_most_hours_per_head"]
    temps = min(of["temp_most_hours"], per_head * heads if np.isfinite(per_head) else np.inf)
    limits = {
        "temps": temps if problem.allowed["temp"][r] else 0.0,
        "outsourcing": of["outsourced_most_hours"] if problem.allowed["outsourced"][r] else 0.0,
    }
    bought = [f"{limit:,.0f} hours of {words}" for words, limit in limits.items() if limit > 0]
    not_bought = [f"more {words}" if limit else words for words, limit in limits.items()]
    if short.hours[r, t] > _SMALL:
        asks = f"needs {_readable(short.hours[r, t])} hours more than {heads:,.3g} heads"
        asks += f", {overtime:,.3g} h overtime each" if overtime else ", no overtime"
        asks += f" and {' and '.join(bought) or 'no temps'} can give"
    else:
        own = short.staff[r, t] < of["least_heads"] - _SMALL
        # Outsourced hours are nobody who is there, temps are no own people.
        not_bought = [] if own else not_bought[:1]
        least = max(of["least_heads"], of["least_present"])
        kind = "own people" if own else "people at once"
        asks = f"needs {least:,.3g} {kind}, {short.heads[r, t]:,.3g} more than there can be"
    return f"{problem.months[t]}: {name} {asks}; {_advice(problem, r, t, short, not_bought)}"


def _readable(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"


def _advice(problem: Problem, r: int, t: int, short: Shortage, not_bought: list[str]) -> str:
    """What would lift the limit that binds: more heads, earlier advertising, more starts, or buying the hours."""
    of, lead = problem.of, int(problem.of["lead_months"][r, 0])
    # Newcomers who do nothing yet must start that much earlier.
    idle = int(np.cumprod(problem.learning[r] == 1).sum())
    advice = []
    if short.staff[r, t] >= of["most_heads"][r, t] - _SMALL:
        advice.append(f"allow more than {of['most_heads'][r, t]:g} heads")
    elif t < problem.first_start[r] + idle:
        advice.append(
            f"advertise by {problem.months[t] - idle - lead} (a start takes {lead} month{'' if lead == 1 else 's'})"
        )
    elif np.isfinite(of["most_starts"][r, : t + 1]).any():
        advice.append(f"allow more than {of['most_starts'][r, t]:g} starts a month")
    if not_bought:
        advice.append(f"allow {' or '.join(not_bought)}")
    return ", or ".join(advice) or "raise a limit or lower the need"
