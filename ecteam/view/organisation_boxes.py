"""What a chart of an organisation says: the boxes and their text, its finding and its alternative text."""

from dataclasses import dataclass
from unicodedata import east_asian_width

import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.labels import Language, label
from ecteam.organisation.structures import PARTNER, Structure

FOLD_ABOVE = 14
"""With more people than this, those who do the same under one manager share a box."""
BOX_WIDTH, EDGE = 152.0, 7.0
"""Of a box and its inner edge, in points."""
NAME_SIZE, TEXT_SIZE, LEADING = 8.0, 7.0, 1.28
_KEYS = ["manager", "position", "department", "group", "vacant", "hats"]


@dataclass(frozen=True)
class Box:
    """One box: who is in it, whose box it hangs under, and its lines of text (text, size, weight, colour)."""

    people: tuple[str, ...]
    manager: str
    group: str
    vacant: bool
    partner: bool
    lines: tuple[tuple[str, float, str, str], ...]

    @property
    def height(self) -> float:
        return 2 * EDGE * 0.6 + sum(size * LEADING for _, size, _, _ in self.lines)


def hats_of(people: pd.DataFrame) -> pd.Series:
    """Person -> the posts that he or she works in, most hours first, as a tuple: `people` of one month or several."""
    hours = people.groupby(["person", "post"], sort=False)["hours"].sum().reset_index()
    hours = hours.sort_values("hours", ascending=False, kind="stable")
    return hours.groupby("person", sort=False)["post"].agg(tuple)


def finding(tree: pd.DataFrame, lang: Language = "en") -> str:
    """What the chart shows, in a sentence: people, layers, leaders, the largest span, vacancies, partners."""
    spans = tree.loc[tree["manager"] != "", "manager"].value_counts()
    partners = int((tree["position"] == PARTNER).sum())
    layers, vacant, leaders = int(tree["layer"].max()), int(tree["vacant"].sum()), len(spans)
    people, most = len(tree) - partners - vacant, int(spans.max()) if leaders else 0
    if lang == "zh":
        apart = "".join([f"、空缺 {vacant} 个" if vacant else "", f"、外包伙伴 {partners} 家" if partners else ""])
        return f"{people} 人{apart}，{layers} 层：{leaders} 人带人，最多带 {most} 人"
    apart = f" and {vacant} vacant post{'s' * (vacant > 1)}" if vacant else ""
    apart += f" and {partners} partner{'s' * (partners > 1)}" if partners else ""
    led = f"{leaders} lead, at most {most} each" if leaders > 1 else f"one leads {most}" if leaders else "nobody leads"
    return f"{'1 person' if people == 1 else f'{people} people'}{apart} in {layers} layer{'s' * (layers > 1)}: {led}"


def alternative(tree: pd.DataFrame | Structure, lang: Language = "en") -> str:
    """The chart in words: the finding, and who leads how many of which posts, down to the third layer."""
    frame = tree.tree if isinstance(tree, Structure) else tree
    parts = []
    for row in frame[(frame["leads"] != "") & (frame["layer"] <= 2)].itertuples():
        counts = frame.loc[frame["manager"] == row.person, "position"].value_counts(sort=False)
        posts = "、" if lang == "zh" else ", "
        led = posts.join(f"{word(str(p), lang)}{f' × {n}' if n > 1 else ''}" for p, n in counts.items())
        name = name_of(str(row.person), str(row.position), lang)
        parts.append(f"{name}带：{led}。" if lang == "zh" else f"{name} leads {led}.")
    return f"{finding(frame, lang)}{'。' if lang == 'zh' else '.'} {' '.join(parts)}"


def boxes_of(tree: pd.DataFrame, people: pd.DataFrame | None, single: set[str], lang: Language) -> list[Box]:
    """One box a person, or for people without reports who do the same under one manager; managers come first."""
    table = tree.assign(group=tree["group"] if "group" in tree else tree["department"])
    hats = pd.Series(dtype=object) if people is None else hats_of(people)
    table["hats"] = [hats.get(name, ()) for name in table["person"]]
    alone = (table["leads"] != "") | table["person"].isin(single) | (len(table) <= FOLD_ABOVE)
    table["box"] = table["person"].where(alone, "")
    unit = dict(zip(table["person"], table["department"], strict=True))
    counts = table["manager"].value_counts()
    posts = table["posts"] if "posts" in table else pd.Series(1, index=table.index)
    boxes = []
    for _, rows in table.assign(posts=posts).groupby(["box", *_KEYS], sort=False):
        row, count = rows.iloc[0], len(rows)
        same = row["department"] == unit.get(row["manager"])
        boxes.append(
            Box(
                tuple(rows["person"]),
                row["manager"],
                row["group"],
                bool(row["vacant"]),
                row["position"] == PARTNER,
                tuple(_text(row, count, int(counts.get(row["person"], 0)), same, lang)),
            )
        )
    # A group of leaves stands where its first person stands in the tree.
    order = {name: number for number, name in enumerate(table["person"])}
    return sorted(boxes, key=lambda box: order[box.people[0]])


def _text(row: pd.Series, count: int, led: int, same: bool, lang: Language) -> list[tuple[str, float, str, str]]:
    """The lines of a box: name, what the name does not say of position and place, leading, hats, vacancy."""
    position, department = word(row["position"], lang), word(row["department"], lang)
    stop = "、" if lang == "zh" else ", "
    if row["position"] == PARTNER:
        posts = (
            f"× {row['posts']} 岗" if lang == "zh" else f"stands for {row['posts']} post{'s' * bool(row['posts'] > 1)}"
        )
        name, about = f"{position} · {department}", [posts]
    elif count > 1:
        name, about = f"{position} ×\N{NO-BREAK SPACE}{count}", []
    else:
        name = name_of(row["person"], row["position"], lang)
        about = [] if position in name else [position]
    if row["position"] != PARTNER and row["group"] != row["department"]:
        about.append(f"{word(row['group'], lang)} · {department}")
    elif not same and row["position"] != PARTNER:
        about.append(department)
    if led:
        about.append(_leading(led, row["leads"] == "working_lead", lang))
    wraps = [(line, NAME_SIZE, "bold", "0.1") for line in _wrapped(name, NAME_SIZE * 1.06)]
    wraps += [(line, TEXT_SIZE, "normal", "0.25") for line in _wrapped(stop.join(about), TEXT_SIZE)]
    if len(row["hats"]) > 1:
        worn = f"{label('hats', lang)}: {stop.join(word(post, lang) for post in row['hats'])}"
        wraps += [(line, TEXT_SIZE, "normal", "#0b4f7d") for line in _wrapped(worn, TEXT_SIZE)]
    if row["vacant"]:
        wraps.append((label("vacant", lang), TEXT_SIZE, "bold", "#a03c00"))
    return wraps


def _leading(led: int, works: bool, lang: Language) -> str:
    if lang == "zh":
        return f"{'兼任组长，' if works else ''}带 {led} 人"
    return f"working lead of {led}" if works else f"leads {led}"


def name_of(person: str, position: str, lang: Language) -> str:
    """A person's name; one made of the English role and a number is said in the language asked for."""
    english = word(position, "en")
    return word(position, lang) + person.removeprefix(english) if person.startswith(english) else person


def word(key: str, lang: Language) -> str:
    """The label of a key of ours; what a user has named (a channel, a department) stays as it is."""
    try:
        return label(key, lang)
    except InputError:
        return key


def _wrapped(text: str, size: float) -> list[str]:
    """Lines that fit into a box, broken at spaces and between Chinese characters; words too long are cut."""
    room = (BOX_WIDTH - 2 * EDGE - 4) / size
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, room):
        need = ems(piece)
        if used + ems(piece.rstrip()) > room and line:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + piece, used + need
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, room: float) -> list[str]:
    pieces, word = [], ""
    for letter in text:
        wide = east_asian_width(letter) in "WF"
        if word and (wide or ems(word + letter) > room):
            pieces.append(word)
            word = ""
        word += letter
        if wide or letter == " ":
            pieces.append(word)
            word = ""
    return [*pieces, word] if word else pieces


def ems(text: str) -> float:
    """About how wide a text is, in units of its size; rather too wide than too narrow."""
    return sum(
        1.1 if letter in "mwMW%@" else 1.0 if east_asian_width(letter) in "WF" else 0.78 if letter.isupper() else 0.6
        for letter in text
    )
