"""The league: every team's page and file, and one page that ranks them after working everything out again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.labels import Language, label, number, person, phrase
from ecteam.inputs.scenario import field_info
from ecteam.view import people_tables
from ecteam.workshop.cases import Case, cards, cases
from ecteam.workshop.division import Division
from ecteam.workshop.pages import page, table, write
from ecteam.workshop.team_file import GUESSED, TeamFile, case_of, read_team_file, team_file

RANKED = {
    "cost_per_order": 1,
    "service_met": -1,
    "duties_owned": -1,
    "stability": -1,
    "guess_error": 1,
}
"""What is ranked: 1 where less is better, -1 where more is. Places are added up; the lowest sum wins."""

COLON: Mapping[Language, str] = {"en": ": ", "zh": "："}
WORDS: Mapping[str, tuple[str, str]] = {
    "league": ("League", "团队排行榜"),
    "team": ("Team", "团队"),
    "place": ("Place", "名次"),
    "sum": ("Sum of places", "名次合计"),
    "heads_last_month": ("Heads at the end", "期末人数"),
    "cost_per_month": ("Cost a month", "月成本"),
    "cost_per_order": ("Cost per order", "单均成本"),
    "service_met": ("Promises kept", "承诺达成"),
    "duties_owned": ("Duties owned", "职责有主"),
    "stability": ("Cover if one leaves", "一人离开时可顶上"),
    "guess_error": ("Guess off by", "猜测误差"),
    "guess": ("Guess", "猜测"),
    "model": ("Model", "模型"),
    "how": (
        "Lower is better for cost and guess, higher for the rest. Each place counts; the lowest sum wins. "
        "Every figure was worked out again from the choices in the team's file.",
        "成本与猜测误差越低越好，其余越高越好；各项名次相加，合计最低者胜。所有数字均由团队文件中的选择重新计算。",
    ),
    "refused": ("Not ranked", "未列入排名"),
    "cards": ("Event cards played", "已抽事件卡"),
    "choices": ("What the team chose", "团队的选择"),
    "as_given": ("as the case gives it", "按案例原样"),
    "moves": ("Duties given to others", "改派的职责"),
    "limits": ("Limits broken", "违反的限制"),
    "none": ("none", "无"),
    "page": ("A page of the workshop with ecteam", "ecteam 工作坊作业"),
    "hats": ("Who wears which hats in the last month", "最后一个月谁兼哪些岗"),
}


@dataclass(frozen=True)
class League:
    """Teams in their order, and why others are not ranked."""

    case: str
    cards: tuple[str, ...]
    table: pd.DataFrame
    refused: tuple[str, ...]


def export_team(
    team: str,
    case: Case,
    guesses: Mapping[str, float],
    moves: Mapping[str, str] | None = None,
    folder: str | Path = "my_team",
    lang: Language = "en",
) -> Path:
    """Write a team's page (`team.html`) and its file for the league (`team.json`); gives the path of the page.

    `guesses` hold heads_last_month, cost_per_month and cost_per_order, made before the model was asked; `moves` hold
    duties given to others. Raises a kind sentence where something is missing or nothing that a team may choose.
    """
    file = team_file(team, case, guesses, moves)
    write(Path(folder) / "team.json", file.model_dump_json(indent=1) + "\n")
    return write(Path(folder) / "team.html", team_page(file, lang))


def team_page(file: TeamFile, lang: Language = "en") -> str:
    """One page of what a team chose, and what follows from it."""
    case, unit = case_of(file), _units(file.case)

    def word(key: str) -> str:
        return WORDS[key][0 if lang == "en" else 1]

    chosen = [(field_info(n)[lang], _shown(v, lang), field_info(n)["unit"]) for n, v in file.choices.items()]
    moved = [(label(duty, lang), person(who, lang)) for duty, who in file.moves.items()]
    division = Division(case.plan, file.moves)
    limits = division.limits(lang)["words"]
    hats = division.people.assign(post=division.people["duty"].map(case.plan.inputs.duties["post"]))
    body = [
        f"<h1>{escape(file.team)}</h1>",
        f"<p class=small>{escape(word('page'))} · {escape(case.title(lang))}</p>",
        f"<p>{escape(str(cases().loc[file.case, f'story_{lang}']))}</p>",
        f"<p><b>{word('cards')}{COLON[lang]}</b>{escape(_cards(file.cards, lang))}</p>",
        table(
            ["", word("model"), word("guess")],
            [
                (
                    word(name),
                    _figure(name, value, unit),
                    _figure(name, file.guesses[name], unit) if name in GUESSED else "",
                )
                for name, value in file.figures.items()
            ],
            right=(1, 2),
        ),
        f"<h2>{word('choices')}</h2>",
        table(["", "", ""], chosen) if chosen else f"<p>{word('as_given')}</p>",
        f"<h2>{word('moves')}</h2>",
        table(["", ""], moved) if moved else f"<p>{word('none')}</p>",
        f"<h2>{word('limits')}{COLON[lang]}{len(limits)}</h2>",
        "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in limits) + "</ul>" if len(limits) else "",
        f"<h2>{word('hats')}</h2>",
        people_tables.who_does_what(hats, division.seats, lang).to_html(),
    ]
    return page(file.team, body, lang)


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
    refused: list[str] = []
    for path in paths:
        name = str(path.relative_to(folder))
        try:
            files[name] = read_team_file(path)
        except InputError as error:
            refused += [f"{name}: {mistake}" for mistake in error.mistakes]
    played = case or _most([file.case for file in files.values()])
    for name in [n for n, file in files.items() if file.case != played]:
        refused.append(f"{name}: plays the case {files.pop(name).case!r}, this league plays {played!r}; "
                       "put it into a folder of its own")  # fmt: skip
    dealt = _most([tuple(file.cards) for file in files.values()]) or ()
    for name in [n for n, file in files.items() if tuple(file.cards) != dealt]:
        refused.append(f"{name}: was dealt other event cards ({', '.join(files.pop(name).cards) or 'none'}) than this "
                       f"league ({', '.join(dealt) or 'none'}); play the same cards and export again")  # fmt: skip
    twice = Counter(file.team for file in files.values())
    for name in [n for n, file in files.items() if twice[file.team] > 1]:
        refused.append(f"{name}: another file is by the team {files.pop(name).team!r} too; keep one or rename the team")
    return League(str(played or ""), dealt, _ranked(list(files.values())), tuple(refused))


def _most(values: Sequence[Any]) -> Any:
    return Counter(values).most_common(1)[0][0] if values else None


def _ranked(files: Sequence[TeamFile]) -> pd.DataFrame:
    """Teams with their figures, the place in each that is ranked (`place_...`), the sum of places, and the place."""
    frame = pd.DataFrame([{"team": file.team, **file.figures} for file in files])
    if frame.empty:
        return frame
    for name, sign in RANKED.items():
        frame[f"place_{name}"] = (frame[name] * sign).round(9).rank(method="min").astype(int)
    frame["sum"] = frame[[f"place_{name}" for name in RANKED]].sum(axis=1)
    frame["place"] = frame["sum"].rank(method="min").astype(int)
    return frame.sort_values(["place", "team"], ignore_index=True)


def league_page(league: League, lang: Language = "en") -> str:
    """One page: the teams in their order with the figures behind it, and the files that are not ranked."""
    column = 0 if lang == "en" else 1
    unit = _units(league.case) if league.case else ""
    title = WORDS["league"][column]
    names = ["heads_last_month", "cost_per_month", *RANKED]
    rows = [
        (
            row["place"],
            row["team"],
            *(
                _figure(name, row[name], "") + (f" ({row[f'place_{name}']})" if name in RANKED else "")
                for name in names
            ),
            row["sum"],
        )
        for row in league.table.to_dict("records")
    ]
    in_currency = f", {unit}" if lang == "en" else f"（{unit}）"
    heads = [
        WORDS[key][column] + (in_currency if key.startswith("cost") else "") for key in ("place", "team", *names, "sum")
    ]
    where = str(cases().loc[league.case, lang]) if league.case else ""
    body = [
        f"<h1>{escape(title)}{COLON[lang] + escape(where) if where else ''}</h1>",
        f"<p class=small>{escape(WORDS['cards'][column])}{COLON[lang]}{escape(_cards(league.cards, lang))}</p>",
        table(heads, rows, right=(0, *range(2, len(heads)))),
        f"<p class=small>{escape(WORDS['how'][column])}</p>",
    ]
    if league.refused:
        told = (sentence.partition(": ") for sentence in league.refused)
        items = "".join(f"<li>{escape(file)}{COLON[lang]}{escape(phrase(wrong, lang))}</li>" for file, _, wrong in told)
        heading = f"<h2>{WORDS['refused'][column]}{COLON[lang]}{len(league.refused)}</h2>"
        body.append(f"<div class=refused>{heading}<ul>{items}</ul></div>")
    return page(title, body, lang)


def _units(case: str) -> str:
    return Case(case).shop.currency


def _figure(name: str, value: float, currency: str) -> str:
    if name in ("service_met", "duties_owned", "stability", "guess_error"):
        return f"{value:.0%}"
    if name == "cost_per_order":
        return f"{value:,.2f} {currency}".strip()
    return f"{number(value)} {currency}".strip() if name == "cost_per_month" else number(value)


def _cards(names: Sequence[str], lang: Language) -> str:
    return (", " if lang == "en" else "、").join(str(cards().loc[name, lang]) for name in names) or (
        WORDS["none"][0 if lang == "en" else 1]
    )


def _shown(value: object, lang: Language) -> str:
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[lang][value]
    return number(float(value)) if isinstance(value, int | float) else str(value)
