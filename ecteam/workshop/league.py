"""The league: every team's page and file, and one page that ranks them after working everything out again.

What a team hands in: choices, moved duties and guesses. The figures that follow are worked out anew.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.outside import read_json
from ecteam.inputs.scenario import field_info
from ecteam.inputs.words import Name, Note, Sentence, label, language, listed, number, person, text
from ecteam.plan.plan import Plan
from ecteam.view import organisation
from ecteam.view.table import Html
from ecteam.workshop.answers import NotYet, unfinished
from ecteam.workshop.cases import Case, cards, case_table, cases, load_case, play
from ecteam.workshop.copies import page, write
from ecteam.workshop.room import Division, moves_of

FORMAT: Literal["ecteam team 2"] = "ecteam team 2"
GUESSED = ("heads_last_month", "cost_per_month", "cost_per_order")
LARGEST_BYTES = 100_000


class TeamFile(BaseModel):
    """`team.json`: what a team chose and guessed. What follows from it is worked out by who reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)
    format: Literal["ecteam team 2"]
    ecteam: str
    team: str = Field(min_length=1, max_length=40)
    case: str
    cards: list[str]
    choices: dict[str, bool | int | float | str]
    moves: dict[str, str]
    guesses: dict[str, int | float]


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
    if wrong := [name for name in made if name not in choices()]:
        raise InputError([Note("no_choice_of_a_team", name=name, near=did_you_mean(name, choices())) for name in wrong])


def figures_of_team(file: TeamFile) -> dict[str, float]:
    """What follows from a team's choices: heads, costs in the case's currency, and shares 0 to 1."""
    case, guesses = case_of(file), file.guesses
    totals, division = case.plan.totals, Division(case.plan, file.moves)
    cost, spared = totals["cost_total"] - division.saved(), len(division.spared) if division.limits.empty else 0
    figures = {
        "heads_last_month": float(totals["heads_last_month"] - spared),
        "cost_per_month": cost / len(case.plan.months),
        "cost_per_order": cost / totals["orders_total"],
    }
    return figures | {
        "service_met": service_met(case),
        "duties_owned": division.owned_share(),
        "stability": division.covered_share(),
        "guess_error": sum(abs(guesses[name] / figures[name] - 1) for name in GUESSED) / len(GUESSED),
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
        raise NotYet("team")
    _refuse_choices(case.choices)
    _refuse_guesses(guesses)
    done = moves_of(case.plan, moves or {})
    try:
        return TeamFile(
            format=FORMAT, ecteam=version("ecteam"), team=str(team).strip(), case=case.name, cards=list(case.cards),
            choices=dict(case.choices), moves=done, guesses=dict(guesses),
        )  # fmt: skip
    except ValidationError as error:
        wrong = [f"{part['loc'][0]} cannot be handed in: {part['msg'].lower()}" for part in error.errors()]
        raise InputError(wrong) from None


def _refuse_guesses(guesses: Mapping[str, Any]) -> None:
    if missing := [name for name in GUESSED if name not in guesses]:
        raise InputError(Note("guess_missing", name=missing[0], names=GUESSED))
    for name, value in guesses.items():
        if name not in GUESSED:
            raise InputError(Note("guess_unknown", name=name, near=did_you_mean(name, GUESSED)))
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise InputError(Note("guess_no_number", name=name, value=value))


def read_team_file(path: Path) -> TeamFile:
    """A team's file; raises `InputError` with one sentence for what is none, incomplete, older or not allowed."""
    again = "export it again from the notebook"
    content = read_json(path, f"{path.name} cannot be read as a team file; {again}", LARGEST_BYTES)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path.name} is no team file; {again}")
    if content.get("ecteam") != version("ecteam"):
        made = f"{content.get('ecteam')!s:.20}"
        raise InputError(Note("team_file_of_another_version", file=path.name, version=made, own=version("ecteam")))
    try:
        file = TeamFile(**content)
    except ValidationError as error:
        wrong = error.errors()[0]
        values = {"file": path.name, "field": ".".join(map(str, wrong["loc"]))}
        key = "team_file_incomplete" if wrong["type"] == "missing" else "team_file_wrong"
        raise InputError(Note(key, **values, why=wrong["msg"].lower())) from None
    _refuse_guesses(file.guesses)
    return file.model_copy(update={"moves": moves_of(case_of(file).plan, file.moves)})


RANKED = {"cost_per_order": 1, "service_met": -1, "duties_owned": -1, "stability": -1, "guess_error": 1}
"""What is ranked: 1 where less is better, -1 where more is. Places are added up; the lowest sum wins."""


class League(NamedTuple):
    """Teams in their order, and why others are not ranked."""

    case: str
    cards: tuple[str, ...]
    table: pd.DataFrame
    refused: tuple[Sentence, ...]


def export_team(
    team: str,
    case: Case,
    guesses: Mapping[str, float],
    moves: Mapping[str, str] | None = None,
    folder: str | Path = "my_team",
) -> Path:
    """Write a team's page (`team.html`) and its file for the league (`team.json`); gives the path of the page.

    `guesses` hold heads_last_month, cost_per_month and cost_per_order, made before the model was asked; `moves` hold
    duties given to others. Raises a kind sentence where something is missing or nothing that a team may choose.

    >>> from tempfile import TemporaryDirectory
    >>> guesses = {"heads_last_month": 7, "cost_per_month": 60_000, "cost_per_order": 30}
    >>> with TemporaryDirectory() as folder:
    ...     export_team("Lake", load_case("tea"), guesses, folder=folder).name
    'team.html'
    """
    file = team_file(team, case, guesses, moves)
    write(Path(folder) / "team.json", file.model_dump_json(indent=1) + "\n")
    return write(Path(folder) / "team.html", team_page(file))


def team_page(file: TeamFile) -> str:
    """One page of what a team chose, and what follows from it."""
    case, unit = case_of(file), Case(file.case).shop.currency
    division = Division(case.plan, file.moves)
    guessed = {name: _figure(name, value, unit) for name, value in file.guesses.items()}
    about = {name: field_info(name) for name in file.choices}
    return page(
        file.team,
        "team.html.j2",
        file=file,
        title=cases().loc[file.case, language()],
        story=cases().loc[file.case, f"story_{language()}"],
        cards=_cards(file.cards),
        figures=[
            (text(f"league.{name}"), _figure(name, value, unit), guessed.get(name, ""))
            for name, value in figures_of_team(file).items()
        ],
        choices=[(about[n][language()], _shown(value), about[n]["unit"]) for n, value in file.choices.items()],
        moves=[(label(duty), person(who)) for duty, who in file.moves.items()],
        limits=division.limits["words"].tolist(),
        hats=Html(
            organisation.who_does_what(
                division.people.assign(post=division.people["duty"].map(case.plan.inputs.duties["post"])),
                division.seats,
            ).to_html()
        ),
    )


def read_league(folder: Path, case: str | None = None) -> League:
    """Every team file below a folder, worked out again and ranked.

    The case is the one that most files play, or the one given; so are the cards. Raises `InputError` where no file is
    there; what is wrong with a single file is told in `refused`, and the others are ranked.
    """
    paths = sorted(folder.rglob("*.json")) if folder.is_dir() else []
    paths = [path for path in paths if not path.name.startswith(".") and ".ipynb_checkpoints" not in path.parts]
    if not paths:
        raise InputError(f"there is no team.json in {folder}; let each team export one from the notebook")
    files: dict[str, TeamFile] = {}
    refused: list[tuple[str, str | Note]] = []
    for path in paths:
        name = str(path.relative_to(folder))
        try:
            files[name] = read_team_file(path)
        except InputError as error:
            refused += [(name, mistake) for mistake in error.mistakes]
    played = case or _most([file.case for file in files.values()])
    dealt = _most([tuple(file.cards) for file in files.values() if file.case == played]) or ()
    twice = Counter(file.team for file in files.values() if (file.case, tuple(file.cards)) == (played, dealt))
    for name, file in list(files.items()):
        if file.case != played:
            why = Note("plays_another_case", case=file.case, own=played)
        elif tuple(file.cards) != dealt:
            why = Note("dealt_other_cards", cards=file.cards or Name("none"), own=dealt or Name("none"))
        elif twice[file.team] > 1:
            why = Note("team_twice", team=file.team)
        else:
            continue
        del files[name]
        refused.append((name, why))
    sentences = tuple(Sentence(Note("of_file", file=name, why=why)) for name, why in refused)
    return League(str(played or ""), dealt, _ranked(list(files.values())), sentences)


def _most(values: Sequence[Any]) -> Any:
    return Counter(values).most_common(1)[0][0] if values else None


def _ranked(files: Sequence[TeamFile]) -> pd.DataFrame:
    """Teams with their figures, the place in each that is ranked (`place_...`), the sum of places, and the place."""
    frame = pd.DataFrame([{"team": file.team, **figures_of_team(file)} for file in files])
    if frame.empty:
        return frame
    for name, sign in RANKED.items():
        frame[f"place_{name}"] = (frame[name] * sign).round(9).rank(method="min").astype(int)
    frame["sum"] = frame[[f"place_{name}" for name in RANKED]].sum(axis=1)
    frame["place"] = frame["sum"].rank(method="min").astype(int)
    return frame.sort_values(["place", "team"], ignore_index=True)


def league_page(league: League) -> str:
    """One page: the teams in their order with the figures behind it, and the files that are not ranked."""
    names = ["heads_last_month", "cost_per_month", *RANKED]
    unit = text("league.currency", unit=Case(league.case).shop.currency) if league.case else ""
    heads = [f"{text(f'league.{key}')}{unit if 'cost' in key else ''}" for key in ("place", "team", *names, "sum")]
    rows = [
        (
            row["place"],
            row["team"],
            *(_figure(n, row[n], "") + (f" ({row[f'place_{n}']})" if n in RANKED else "") for n in names),
            row["sum"],
        )
        for row in league.table.to_dict("records")
    ]
    where = cases().loc[league.case, language()] if league.case else ""
    return page(
        text("league.league"),
        "league.html.j2",
        where=where, cards=_cards(league.cards), heads=heads, rows=rows, refused=league.refused,
    )  # fmt: skip


def _figure(name: str, value: float, currency: str) -> str:
    if name in ("service_met", "duties_owned", "stability", "guess_error"):
        return f"{value:.0%}"
    if name == "cost_per_order":
        return f"{value:,.2f} {currency}".strip()
    return f"{number(value)} {currency}".strip() if name == "cost_per_month" else number(value)


def _cards(names: Sequence[str]) -> str:
    return listed([str(cards().loc[name, language()]) for name in names]) or text("none")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return label("yes" if value else "no")
    return number(float(value)) if isinstance(value, int | float) else str(value)
