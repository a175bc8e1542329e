"""What a team hands in: choices, moved duties, guesses and the figures that follow, which are worked out anew."""

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.plan.plan import Plan
from ecteam.workshop.answers import NotYet, unfinished
from ecteam.workshop.cases import Case, case_table, load_case, play
from ecteam.workshop.division import Division, moves_of

FORMAT: Literal["ecteam team 1"] = "ecteam team 1"
GUESSED = ("heads_last_month", "cost_per_month", "cost_per_order")
FIGURES = (*GUESSED, "service_met", "duties_owned", "stability", "guess_error")
SAME = 1e-6
LARGEST_BYTES = 100_000


class TeamFile(BaseModel):
    """`team.json`: what a team chose and guessed, and the figures that it says follow from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)
    format: Literal["ecteam team 1"]
    ecteam: str
    team: str = Field(min_length=1, max_length=40)
    case: str
    cards: list[str]
    choices: dict[str, bool | int | float | str]
    moves: dict[str, str]
    guesses: dict[str, int | float]
    figures: dict[str, int | float]


@cache
def choices() -> dict[str, bool]:
    """The fields that a team may choose, and whether each is a promise to the customers."""
    table = case_table("choices")
    return dict(zip(table["field"].astype(str), table["promise"].astype(str) == "True", strict=True))


def case_of(file: TeamFile) -> Case:
    """The case with the cards that the team was dealt, and its choices; raises `InputError` where it may not choose."""
    case = load_case(file.case)
    for card in file.cards:
        case = play(case, card)
    _refuse_choices(file.choices)
    return case.changed(**file.choices)


def _refuse_choices(made: Mapping[str, Any]) -> None:
    mistakes = [
        f"{name} is nothing that a team may choose{did_you_mean(name, choices())}"
        for name in made
        if name not in choices()
    ]
    if mistakes:
        raise InputError(mistakes)


def figures_of_team(case: Case, moves: Mapping[str, str], guesses: Mapping[str, float]) -> dict[str, float]:
    """What follows from a team's choices: `FIGURES`, shares 0 to 1, costs in the case's currency."""
    plan = case.plan
    totals, division = plan.totals(), Division(plan, moves)
    saved, stands = division.saved(), division.limits().empty
    found = {
        "heads_last_month": float(totals["heads_last_month"] - (len(division.spared) if stands else 0)),
        "cost_per_month": (totals["cost_total"] - saved) / len(plan.months),
        "cost_per_order": (totals["cost_total"] - saved) / totals["orders_total"],
    }
    error = sum(abs(guesses[name] / found[name] - 1) for name in GUESSED) / len(GUESSED)
    return found | {
        "service_met": service_met(case),
        "duties_owned": division.owned_share(),
        "stability": division.covered_share(),
        "guess_error": error,
    }


def service_met(case: Case) -> float:
    """Which share of the people that the case's own promise asks for does the team have, at the desk and packing?

    The promise is that of the case; what else the team chose (outsourcing, own warehouse, hats) stays.
    """
    kept = {name: value for name, value in case.choices.items() if not choices().get(name, False)}
    promised = Case(case.name, case.cards, case.dealt, kept)
    if promised.shop == case.shop:
        return 1.0
    theirs, asked = _people_for_promises(case.plan), _people_for_promises(promised.plan)
    shares = [min(1.0, theirs.get(method, 0.0) / hours) for method, hours in asked.items() if hours > 0]
    return math.fsum(shares) / len(shares) if shares else 1.0


def _people_for_promises(plan: Plan) -> dict[str, float]:
    """Staffed hours of the duties with a promise: replies (queue) and shipping in time (deadline)."""
    methods = plan.headcount["duty"].map(plan.inputs.duties["method"])
    hours = plan.headcount["staffed_hours"].groupby(methods).sum()
    return {str(method): float(value) for method, value in hours.items() if method in ("queue", "deadline")}


def team_file(team: str, case: Case, guesses: Mapping[str, float], moves: Mapping[str, str] | None = None) -> TeamFile:
    """What a team hands in; raises `NotYet` or `InputError` where something is missing or not allowed."""
    if unfinished([team, guesses, moves]):
        raise NotYet(
            "Not yet: there are still dots in what you hand in. Put the team's name and your guesses in their place.",
            "还没完成：交上来的内容里还有省略号。先填上队名和你们猜的数。",
        )
    _refuse_choices(case.choices)
    _refuse_guesses(guesses)
    done = moves_of(case.plan, moves or {})
    figures = figures_of_team(case, done, guesses)
    try:
        return TeamFile(
            format=FORMAT, ecteam=version("ecteam"), team=str(team).strip(), case=case.name, cards=list(case.cards),
            choices=dict(case.choices), moves=done, guesses=dict(guesses), figures=figures,
        )  # fmt: skip
    except ValidationError as error:
        wrong = [f"{part['loc'][0]} cannot be handed in: {part['msg'].lower()}" for part in error.errors()]
        raise InputError(wrong) from None


def _refuse_guesses(guesses: Mapping[str, Any]) -> None:
    if missing := [name for name in GUESSED if name not in guesses]:
        raise InputError(f"guesses has no {missing[0]!r}; it must hold {', '.join(GUESSED)}")
    for name, value in guesses.items():
        if name not in GUESSED:
            raise InputError(f"guesses has {name!r}{did_you_mean(name, GUESSED)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise InputError(f"the guess {name} is {value!r}; it must be a number above 0")


def read_team_file(path: Path) -> TeamFile:
    """A team's file as it can be trusted: every figure was worked out again from its choices.

    Raises `InputError` with one sentence that says what to do, for a file that is no team file, is incomplete, was made
    by another version, chose what it may not, or states figures that do not follow.
    """
    again = "export it again from the notebook"
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{path.name} is too large for a team file; {again}")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name} cannot be read as a team file; {again}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path.name} is no team file; {again}")
    if content.get("ecteam") != version("ecteam"):
        raise InputError(
            f"{path.name} was made with ecteam {content.get('ecteam')!s:.20}, "
            f"this league with {version('ecteam')}; {again}"
        )
    try:
        file = TeamFile(**content)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(map(str, wrong["loc"]))
        missing = wrong["type"] == "missing"
        words = f"has no {field}" if missing else f"has a {field} that cannot be: {wrong['msg'].lower()}"
        raise InputError(f"{path.name} {'is incomplete: it ' if missing else ''}{words}; {again}") from None
    _refuse_guesses(file.guesses)
    case = case_of(file)
    try:
        moves = moves_of(case.plan, file.moves)
    except NotYet as error:
        raise InputError(f"{path.name}: {error.words['en']}") from None
    if moves != file.moves:
        raise InputError(f"{path.name} names duties or people in other words than it was written with; {again}")
    _refuse_figures(path, file, figures_of_team(case, moves, file.guesses))
    return file


def _refuse_figures(path: Path, file: TeamFile, worked_out: Mapping[str, float]) -> None:
    for name in FIGURES:
        if name not in file.figures:
            raise InputError(f"{path.name} is incomplete: it has no figure {name}; export it again from the notebook")
        told, found = file.figures[name], worked_out[name]
        if abs(told - found) > SAME * max(1.0, abs(found)):
            raise InputError(
                f"{path.name} says {name} is {told:,.6g}, but its choices give {found:,.6g}; "
                "change the choices in the notebook, not the file"
            )
    if extra := set(file.figures) - set(FIGURES):
        raise InputError(f"{path.name} has a figure {sorted(extra)[0]!r} that no team file has")
