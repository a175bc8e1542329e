"""The chart of an organisation, boxes from left to right, layer by layer; and tables: spans, cover, hats, reports."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from unicodedata import east_asian_width

import graphlay
import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from pandas.io.formats.style import Styler

from ecteam.inputs.words import Name, label, language, listed, number, person, text
from ecteam.organisation.structures import PARTNER, Structure
from ecteam.plan.organisation import Organisation
from ecteam.view.picture import Picture, font_face, look, png_of
from ecteam.view.table import Column, Html, columns_of, plain, table, word

FOLD_ABOVE = 14
"""With more people than this, those who do the same under one manager share a box."""
BOX_WIDTH, EDGE = 152.0, 7.0
"""Of a box and its inner edge, in points."""
NAME_SIZE, TEXT_SIZE, LEADING = 8.0, 7.0, 1.28
_KEYS = ["manager", "position", "department", "group", "vacant", "month_share", "hats"]


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


def finding(tree: pd.DataFrame) -> str:
    """What the chart shows, in a sentence: people, layers, leaders, the largest span, vacancies, partners."""
    spans = tree.loc[tree["manager"] != "", "manager"].value_counts()
    partners = int((tree["position"] == PARTNER).sum())
    layers, vacant, leaders = int(tree["layer"].max()), int(tree["vacant"].sum()), len(spans)
    people, most = len(tree) - partners - vacant, int(spans.max()) if leaders else 0
    apart = "".join(text(f"chart_{key}", n=n) for key, n in (("vacant", vacant), ("partners", partners)) if n)
    led = text("chart_led", n=leaders, most=most) if leaders else text("chart_nobody_leads")
    return text("chart_layers", people=text("chart_people", n=people) + apart, n=layers, led=led)


def alternative(tree: pd.DataFrame | Structure, title: str | None = None) -> str:
    """The chart in words: the finding, and who leads how many of which posts, down to the third layer."""
    frame = tree.tree if isinstance(tree, Structure) else tree
    parts, titles = [], titles_of(frame)
    for row in frame[(frame["leads"] != "") & (frame["layer"] <= 2)].itertuples():
        counts = frame.loc[frame["manager"] == row.person, "position"].value_counts(sort=False)
        if counts.empty:
            continue
        led = [f"{word(str(p))}{f' × {n}' if n > 1 else ''}" for p, n in counts.items()]
        name = listed(filter(None, (name_of(str(row.person), str(row.position)), titles.get(str(row.person)))))
        parts.append(text("chart_leads", name=name, posts=led))
    return f"{title or finding(frame)}{'。' if language() == 'zh' else '.'}{''.join(parts)}"


def titles_of(tree: pd.DataFrame) -> dict[str, str]:
    """Person -> the title of who leads one department other than by the own post: a warehouse lead, a service lead."""
    if "title" in tree:
        return dict(zip(tree["person"], tree["title"], strict=True))
    by_name, titles = tree.set_index("person"), {}
    for who, departments in tree[tree["manager"] != ""].groupby("manager")["department"]:
        led, lead = departments.unique(), by_name.loc[who]
        if len(led) == 1 and (lead["department"] != led[0] or lead["leads"] == "working_lead"):
            titles[str(who)] = text("lead_of", department=word(led[0]))
    return titles


def boxes_of(tree: pd.DataFrame, people: pd.DataFrame | None, single: set[str]) -> list[Box]:
    """One box a person, or for people without reports who do the same under one manager; managers come first."""
    table = tree.assign(group=tree["group"] if "group" in tree else tree["department"])
    hats = pd.Series(dtype=object) if people is None else hats_of(people)
    table["hats"] = [hats.get(name, ()) for name in table["person"]]
    table["month_share"] = table["month_share"].round(2) if "month_share" in table else 1.0
    alone = (table["leads"] != "") | table["person"].isin(single) | (len(table) <= FOLD_ABOVE)
    table["box"] = table["person"].where(alone, "")
    unit = dict(zip(table["person"], table["department"], strict=True))
    counts = (
        dict(zip(table["person"], table["led"], strict=True)) if "led" in table else table["manager"].value_counts()
    )
    posts = table["posts"] if "posts" in table else pd.Series(1, index=table.index)
    boxes, titles = [], titles_of(tree)
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
                tuple(_text(row, count, int(counts.get(row["person"], 0)), same, titles.get(row["person"], ""))),
            )
        )
    # A group of leaves stands where its first person stands in the tree.
    order = {name: number for number, name in enumerate(table["person"])}
    return sorted(boxes, key=lambda box: order[box.people[0]])


def _text(row: pd.Series, count: int, led: int, same: bool, title: str) -> list[tuple[str, float, str, str]]:
    """The lines of a box: name, what the name does not say of position and place, leading, hats, vacancy."""
    position, department = word(row["position"]), word(row["department"])
    if row["position"] == PARTNER:
        name, about = f"{position} · {department}", [text("partner_posts", n=row["posts"])]
    elif count > 1:
        name, about = f"{position} ×\N{NO-BREAK SPACE}{count}", []
    else:
        name = name_of(row["person"], row["position"])
        about = [] if position in name else [position]
    if row["position"] != PARTNER and row["group"] != row["department"]:
        about.append(f"{word(row['group'])} · {department}")
    elif not same and row["position"] != PARTNER and not title:
        about.append(department)
    if title:
        about.append(title)
    if led:
        about.append(text("box_works_and_leads" if row["leads"] == "working_lead" else "box_leads", n=led))
    wraps = [(line, NAME_SIZE, "bold", "0.1") for line in _wrapped(name, NAME_SIZE * 1.06)]
    wraps += [(line, TEXT_SIZE, "normal", "0.25") for line in _wrapped(listed(about), TEXT_SIZE)]
    if len(row["hats"]) > 1:
        worn = f"{label('hats')}: {listed(word(post) for post in row['hats'])}"
        wraps += [(line, TEXT_SIZE, "normal", "#0b4f7d") for line in _wrapped(worn, TEXT_SIZE)]
    if row["month_share"] < 1:
        wraps.append((text("part_time_share", share=f"{row['month_share']:.0%}"), TEXT_SIZE, "normal", "0.25"))
    if row["vacant"]:
        wraps.append((label("vacant"), TEXT_SIZE, "bold", "#a03c00"))
    return wraps


def name_of(person: str, position: str) -> str:
    """A person's name; one made of the English role and a number is said in the language asked for."""
    english = Name(position).in_language("en")
    return word(position) + person.removeprefix(english) if person.startswith(english) else person


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


COLUMN_GAP, ROW_GAP = 36.0, 7.0
"""Between the boxes, in points."""
TITLE_HEIGHT = 46.0
PNG_DPI = 120
DOTTED_BULGE = 22.0
"""How far a dotted line swings out, in points: less than the gap between two columns."""
DOTTED_COLOURS = ("C5", "C0", "C2", "C3", "C1", "C4")


def organisation_chart(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw a tree, or a structure with its dotted lines, on axes of its own size.

    `people` (person, post, hours) gives the hats, shown where somebody wears more than one. `ax` is resized to hold the
    chart; without one a new figure is made.
    """
    structure = tree if isinstance(tree, Structure) else None
    frame = tree.tree if isinstance(tree, Structure) else tree
    dotted = [] if structure is None else structure.lines.query("kind == 'dotted'").to_dict("records")
    boxes = boxes_of(frame, people, {row[end] for row in dotted for end in ("person", "manager")})
    place, routes, width, height = _laid_out(boxes)
    ax = Figure().add_axes((0, 0, 1, 1)) if ax is None else ax
    _size(ax, width, height)
    colours = {name: f"C{index % 8}" for index, name in enumerate(dict.fromkeys(box.group for box in boxes))}
    for box, route in zip((box for box in boxes if box.manager), routes, strict=True):
        dashes = "--" if box.partner else "-"
        ax.plot([x for x, _ in route], [y for _, y in route], dashes, color="0.55", linewidth=0.8, zorder=1)
    for box, (x, y) in zip(boxes, place, strict=True):
        _draw_box(ax, box, x, y, colours[box.group])
    _draw_dotted(ax, dotted, boxes, place)
    columns = sorted({round(x, 1) for x, _ in place})
    for index, x in enumerate(columns, start=1):
        ax.text(x, -10, f"{label('layer')} {index}", size=TEXT_SIZE, color="0.4", ha="center", va="center")
    ax.text(-BOX_WIDTH / 2 + columns[0], -TITLE_HEIGHT + 12, title or finding(frame), size=11, weight="bold",
            va="center", parse_math=False)  # fmt: skip
    return ax


def organisation_figure(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, title: str | None = None
) -> Figure:
    """The chart as a figure of its own size, apart from pyplot."""
    with mpl.rc_context(look()):
        figure = Figure()
        organisation_chart(tree, people, figure.add_axes((0, 0, 1, 1)), title)
    return figure


def leaders(tree: pd.DataFrame, most: int) -> pd.DataFrame:
    """The tree where it has few boxes, else those who lead, from the top down as far as there are few of them."""
    if len(boxes_of(tree, None, set())) <= most:
        return tree
    leading = tree[tree["leads"] != ""].copy()
    leading["led"] = leading["person"].map(tree["manager"].value_counts())
    leading["title"] = leading["person"].map(titles_of(tree)).fillna("")
    fits = [layer for layer in leading["layer"].unique() if (leading["layer"] <= layer).sum() <= most]
    return leading[leading["layer"] <= max(fits, default=1)]


def organisation_picture(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, title: str | None = None
) -> Picture:
    """The chart as a PNG with its alternative text, as notebooks show it."""
    with mpl.rc_context(look()):
        figure = organisation_figure(tree, people, title)
        figure.set_dpi(PNG_DPI)
        paper = RendererAgg(*FigureCanvasAgg(figure).get_width_height(), PNG_DPI)
        figure.draw(paper)
        return Picture(png_of(paper), alternative(tree, title))


def organisation_svg(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, title: str | None = None
) -> str:
    """The chart as vector graphics with text that can be searched, and its alternative text inside.

    The same tree gives the same bytes.
    """
    buffer = io.StringIO()
    vector = {"svg.fonttype": "none", "svg.hashsalt": "ecteam"}
    with mpl.rc_context(look() | vector):
        organisation_figure(tree, people, title).savefig(buffer, format="svg", metadata={"Date": None})
    frame = tree.tree if isinstance(tree, Structure) else tree
    said, shown = title or finding(frame), alternative(tree)
    named = f"<title>{escape(said)}</title><desc>{escape(shown)}</desc><style>{font_face(buffer.getvalue())}</style>"
    head, start, rest = buffer.getvalue().partition("<svg ")
    inside, end, body = rest.partition(">")
    return f'{head}{start}role="img" {inside}{end}\n{named}{body}'


def _laid_out(
    boxes: Sequence[Box],
) -> tuple[list[tuple[float, float]], list[list[tuple[float, float]]], float, float]:
    """Centres of boxes and bends of lines in points, from the top left, and the size of the whole."""
    graph = graphlay.Graph()
    box_of = {name: index for index, box in enumerate(boxes) for name in box.people}
    for index, box in enumerate(boxes):
        graph.node(index, width=BOX_WIDTH, height=box.height)
    for index, box in enumerate(boxes):
        if box.manager:
            graph.edge(box_of[box.manager], index)
    options = {"direction": "leftright", "sibling_gap": ROW_GAP, "subtree_gap": 2 * ROW_GAP, "row_gap": COLUMN_GAP}
    layout = graphlay.layout_tree(graph, options=options)
    centres = [(node["center"]["x"], node["center"]["y"]) for node in layout.nodes]
    left = min(x for x, _ in centres) - BOX_WIDTH / 2
    top = min(y - box.height / 2 for (_, y), box in zip(centres, boxes, strict=True))
    place = [(x - left, y - top) for x, y in centres]
    routes = [[(point["x"] - left, point["y"] - top) for point in edge["points"]] for edge in layout.edges]
    width = max(x for x, _ in place) + BOX_WIDTH / 2
    height = max(y + box.height / 2 for (_, y), box in zip(place, boxes, strict=True))
    return place, routes, width, height


def _size(ax: Axes, width: float, height: float) -> None:
    margin, room = 12.0, max(width, 430.0)
    ax.set_axis_off()
    ax.set(xlim=(-margin, room + margin), ylim=(height + margin, -TITLE_HEIGHT))
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    figure.set_size_inches((room + 2 * margin) / 72, (height + margin + TITLE_HEIGHT) / 72)


def _draw_box(ax: Axes, box: Box, x: float, y: float, colour: str) -> None:
    left, top = x - BOX_WIDTH / 2, y - box.height / 2
    dashed = box.vacant or box.partner
    # Not `add_patch`, which works out limits that the axes have already.
    ax.add_artist(
        FancyBboxPatch(
            (left, top), BOX_WIDTH, box.height, boxstyle="round,pad=0,rounding_size=3", facecolor="white",
            edgecolor="#a03c00" if box.vacant else "0.45", linewidth=0.9, linestyle="--" if dashed else "-", zorder=2,
        )
    )  # fmt: skip
    ax.add_artist(Rectangle((left + 1, top + 2), 3.5, box.height - 4, facecolor=colour, edgecolor="none", zorder=3))
    if len(box.people) > 1:
        # A second edge behind says that the box holds several people.
        ax.add_artist(
            Rectangle((left + 2.5, top + 2.5), BOX_WIDTH, box.height, facecolor="0.88", edgecolor="0.6", linewidth=0.6,
                      zorder=1.5)
        )  # fmt: skip
    height = top + EDGE * 0.6
    for line, size, weight, ink in box.lines:
        height += size * LEADING
        ax.text(left + EDGE + 3, height - size * LEADING * 0.24, line, size=size, weight=weight, color=ink,
                va="baseline", zorder=4, parse_math=False)  # fmt: skip


def _draw_dotted(
    ax: Axes, dotted: Sequence[dict[str, str]], boxes: Sequence[Box], place: Sequence[tuple[float, float]]
) -> None:
    """Dotted lines run between the columns and behind the boxes, one colour a channel, with their legend."""
    box_of = {name: index for index, box in enumerate(boxes) for name in box.people}
    groups = list(dict.fromkeys(row["group"] for row in dotted))
    inks = {name: DOTTED_COLOURS[index % len(DOTTED_COLOURS)] for index, name in enumerate(groups)}
    for row in dotted:
        (from_x, from_y), (to_x, to_y) = place[box_of[row["person"]]], place[box_of[row["manager"]]]
        # Out to the side on which the other box is; boxes of one column meet on their right.
        start = from_x + BOX_WIDTH / 2 * (1 if to_x >= from_x else -1)
        end = to_x + BOX_WIDTH / 2 * (-1 if to_x > from_x else 1)
        bend = 2 * DOTTED_BULGE / max(abs(from_y - to_y), 2 * DOTTED_BULGE) if from_x == to_x else 0.0
        ax.add_artist(
            FancyArrowPatch(
                (start, from_y), (end, to_y), arrowstyle="-|>", mutation_scale=7, shrinkA=0, shrinkB=1,
                connectionstyle=f"arc3,rad={bend if from_y > to_y else -bend}", linestyle=(0, (1.2, 1.6)),
                color=inks[row["group"]], linewidth=1.2, zorder=1.8,
            )
        )  # fmt: skip
    left = 4.0
    for name in groups:
        text = f"····▸ {name}"
        ax.text(left, -TITLE_HEIGHT + 25, text, size=TEXT_SIZE, color=inks[name], va="center", weight="bold",
                parse_math=False)  # fmt: skip
        left += (ems(text) + 3) * TEXT_SIZE


NOTHING = "–"


def organisation(tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None) -> Styler:
    """What the chart shows: position, department or group, manager, layer, leads, hats, vacancy; one row for people
    without reports who do the same under one manager, as in its boxes."""
    frame = tree.tree if isinstance(tree, Structure) else tree
    hats = pd.Series(dtype=object) if people is None else hats_of(people)
    role = dict(zip(frame["person"], frame["position"], strict=True))
    led = frame["manager"].value_counts()
    rows = frame.assign(
        group=frame["group"] if "group" in frame else frame["department"],
        hats=[listed(word(post) for post in hats.get(p, ())) for p in frame["person"]],
        box=frame["person"].where(frame["leads"] != "", ""),
    )
    same = ["box", "position", "department", "group", "manager", "layer", "leads", "hats", "vacant"]
    found = rows.groupby(same, sort=False)["person"].agg(first="first", people="size").reset_index()

    def who(row: Any) -> str:
        return f"{word(row.position)} × {row.people}" if row.people > 1 else name_of(row.first, row.position)

    def leads(row: Any) -> str:
        works = f" · {label(row.leads)}" if row.leads == "working_lead" else ""
        return f"{led[row.box]}{works}" if row.leads else ""

    return table(
        found,
        "organisation.organisation",
        person=who,
        manager=lambda row: name_of(row.manager, role[row.manager]) if row.manager else NOTHING,
        leads=leads,
        vacant=lambda row: label("vacant") if row.vacant else "",
        without=[] if (rows["group"] != rows["department"]).any() else ["group"],
        caption=finding(frame),
    )


def spans(found: pd.DataFrame) -> Styler:
    """How many each leads and what the leading costs: of `spans.spans_of`."""
    return table(
        found,
        "organisation.spans",
        person=lambda row: name_of(row.person, row.position),
        limit=lambda row: f"{row.limit}{' !' if row.over else ''}",
        without=[] if found["leading_cost"].notna().any() else ["cost_total"],
    )


def measures(found: pd.DataFrame) -> Styler:
    """The figures of `spans.measures`, or those of several structures side by side (`compare_structures`)."""
    values = found[["value"] if "unit" in found else list(found.columns)]
    rows = values.map(lambda value: number(float(value)))
    shares = values.index == "management_cost_share"
    rows[shares] = values[shares].map(lambda share: f"{share:.1%}" if share == share else NOTHING)
    figures = [Column(str(column), look="right") for column in rows]
    return table(rows.reset_index(names="measure"), [*columns_of("organisation.measures").values(), *figures])


def hand_offs(found: pd.DataFrame) -> Styler:
    """The way of an order, step by step, and what share of orders changes hands; the last row adds up."""

    def who(row: Any) -> str:
        return f"{person(row.person)} (+{row.people - 1})" if row.people > 1 else person(row.person) or NOTHING

    sums = [number(float(found[column].sum())) for column in ("person_hand_off", "group_hand_off")]
    return table(found, "organisation.hand_offs", who=who, more=[("", "", "", *sums)], total=True)


def losses(found: pd.DataFrame, currency: str) -> Styler:
    """Whose leaving hurts most: of `stability.loss_by_person`."""
    without = [] if found["loss_per_year"].notna().any() else ["loss_per_year"]
    return table(found, "organisation.losses", unit=currency, without=without)


def cover(found: pd.DataFrame) -> Styler:
    """Who could do what tomorrow: of `stability.cover_matrix`, one row a duty."""
    words = {key: label(key) for key in ("accountable", "works_on_it", "may_do_it")}
    shown = found.replace(words).rename(columns=lambda name: person(str(name)))
    shown.insert(0, label("duty"), [word(str(duty)) for duty in found.index])
    return plain(shown.reset_index(drop=True).rename_axis(columns=None))


def trainings(found: pd.DataFrame) -> Styler:
    """Who learns which duty so that none hangs on one person: of `cross_training`."""
    return table(
        found,
        "organisation.trainings",
        train=lambda row: person(row.train) or label("nobody"),
        free_hours=lambda row: number(row.free_hours) if row.train else NOTHING,
    )


def reports(found: pd.DataFrame) -> Styler:
    """Which report goes from whom to whom, how often: of `reporting_cadence`; the last row adds the hours up."""
    total = ("", "", "", "", f"{found['hours_per_month'].sum():.1f}")
    return table(found, "organisation.reports", more=[total], total=True)


def who_does_what(people: pd.DataFrame, seats: pd.DataFrame) -> Styler:
    """One row a person: hired as, hats with their hours, hours of the month, and how many duties they answer for.

    `people` are rows of one month; `seats` have person, hired_as, productive_hours. Who has no work has a row too.
    """
    work = people.groupby("person").agg(hours=("hours", "sum"), owned=("accountable", "sum"))
    by_hat = people.groupby(["person", "post"], sort=False)["hours"].sum().sort_values(ascending=False)
    rows = seats.join(work, on="person").fillna({"hours": 0.0, "owned": 0})

    def hats(name: str) -> str:
        mine = by_hat.xs(name) if name in work.index else pd.Series(dtype=float)
        return listed(f"{label(str(post))} {number(round(hours, 1))}" for post, hours in mine.items()) or NOTHING

    used = (rows["hours"] / rows["productive_hours"]).map("{:.0%}".format)
    shown = rows.assign(
        hats=rows["person"].map(hats),
        used=used.where(rows["productive_hours"] != 0, NOTHING),
        owns=[f"{int(owned)} {text('hats.duties')}" for owned in rows["owned"]],
    )
    return table(shown, "organisation.who_does_what")


def limits(broken: pd.DataFrame) -> Html:
    """The limits that a division breaks, a sentence each; or that none is."""
    if broken.empty:
        return Html(f"<p role='status'>{text('hats.stands')}</p>")
    items = "".join(f"<li>{escape(line)}</li>" for line in broken["words"])
    return Html(f"<div role='alert'><b>{text('hats.broken')}: {len(broken)}</b><ul class='notes'>{items}</ul></div>")


def hardest_to_miss(here: Organisation, n: int = 8) -> Styler:
    """The people whose leaving leaves most hours undone: no figure from which their pay could be worked out."""
    rows = here.losses.sort_values("gap_hours", ascending=False, kind="stable").head(n)
    caption = text("hats.bus_factor", n=len(here.bus_factor), people=len(here.seats))
    return table(rows, "organisation.hardest_to_miss", caption=caption)
