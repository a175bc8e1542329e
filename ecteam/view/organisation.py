"""The chart of an organisation: boxes from left to right, layer by layer, with hats, vacancies and dotted lines.

`graphlay` places the boxes and bends the lines. People without reports who do the same under one manager share a box,
so that three hundred people stay readable; the table beside the chart names each of them.
"""

import io
from collections.abc import Sequence
from html import escape

import graphlay
import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from ecteam.inputs.labels import Language, label
from ecteam.organisation.structures import Structure
from ecteam.view.organisation_boxes import BOX_WIDTH, EDGE, LEADING, TEXT_SIZE, Box, alternative, boxes_of, ems, finding
from ecteam.view.page_fonts import font_face
from ecteam.view.picture import Picture, look, png_of

COLUMN_GAP, ROW_GAP = 36.0, 7.0
"""Between the boxes, in points."""
TITLE_HEIGHT = 46.0
PNG_DPI = 120
DOTTED_BULGE = 22.0
"""How far a dotted line swings out, in points: less than the gap between two columns."""
DOTTED_COLOURS = ("C5", "C0", "C2", "C3", "C1", "C4")


def organisation_chart(
    tree: pd.DataFrame | Structure,
    people: pd.DataFrame | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
    title: str | None = None,
) -> Axes:
    """Draw a tree, or a structure with its dotted lines, on axes of its own size.

    `people` (person, post, hours) gives the hats, shown where somebody wears more than one. `ax` is resized to hold the
    chart; without one a new figure is made.
    """
    structure = tree if isinstance(tree, Structure) else None
    frame = tree.tree if isinstance(tree, Structure) else tree
    dotted = [] if structure is None else structure.lines.query("kind == 'dotted'").to_dict("records")
    boxes = boxes_of(frame, people, {row[end] for row in dotted for end in ("person", "manager")}, lang)
    place, routes, width, height = _laid_out(boxes)
    ax = Figure().add_axes((0, 0, 1, 1)) if ax is None else ax
    _size(ax, width, height)
    colours = {name: f"C{number % 8}" for number, name in enumerate(dict.fromkeys(box.group for box in boxes))}
    for box, route in zip((box for box in boxes if box.manager), routes, strict=True):
        dashes = "--" if box.partner else "-"
        ax.plot([x for x, _ in route], [y for _, y in route], dashes, color="0.55", linewidth=0.8, zorder=1)
    for box, (x, y) in zip(boxes, place, strict=True):
        _draw_box(ax, box, x, y, colours[box.group])
    _draw_dotted(ax, dotted, boxes, place)
    columns = sorted({round(x, 1) for x, _ in place})
    for number, x in enumerate(columns, start=1):
        ax.text(x, -10, f"{label('layer', lang)} {number}", size=TEXT_SIZE, color="0.4", ha="center", va="center")
    ax.text(-BOX_WIDTH / 2 + columns[0], -TITLE_HEIGHT + 12, title or finding(frame, lang), size=11, weight="bold",
            va="center", parse_math=False)  # fmt: skip
    return ax


def organisation_figure(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, lang: Language = "en", title: str | None = None
) -> Figure:
    """The chart as a figure of its own size, apart from pyplot."""
    with mpl.rc_context(look()):
        figure = Figure()
        organisation_chart(tree, people, figure.add_axes((0, 0, 1, 1)), lang, title)
    return figure


def organisation_picture(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, lang: Language = "en", title: str | None = None
) -> Picture:
    """The chart as a PNG with its alternative text, as notebooks show it."""
    with mpl.rc_context(look()):
        figure = organisation_figure(tree, people, lang, title)
        figure.set_dpi(PNG_DPI)
        paper = RendererAgg(*FigureCanvasAgg(figure).get_width_height(), PNG_DPI)
        figure.draw(paper)
        return Picture(png_of(paper), alternative(tree, lang))


def organisation_svg(
    tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, lang: Language = "en", title: str | None = None
) -> str:
    """The chart as vector graphics with text that can be searched, and its alternative text inside.

    The same tree gives the same bytes.
    """
    buffer = io.StringIO()
    vector = {"svg.fonttype": "none", "svg.hashsalt": "ecteam"}
    with mpl.rc_context(look() | vector):
        organisation_figure(tree, people, lang, title).savefig(buffer, format="svg", metadata={"Date": None})
    frame = tree.tree if isinstance(tree, Structure) else tree
    said, shown = title or finding(frame, lang), alternative(tree, lang)
    named = (
        f"<title>{escape(said)}</title><desc>{escape(shown)}</desc><style>{font_face(buffer.getvalue(), lang)}</style>"
    )
    head, start, rest = buffer.getvalue().partition("<svg ")
    inside, end, body = rest.partition(">")
    return f'{head}{start}role="img" {inside}{end}\n{named}{body}'


def _laid_out(
    boxes: Sequence[Box],
) -> tuple[list[tuple[float, float]], list[list[tuple[float, float]]], float, float]:
    """Centres of boxes and bends of lines in points, from the top left, and the size of the whole."""
    graph = graphlay.Graph()
    box_of = {name: number for number, box in enumerate(boxes) for name in box.people}
    for number, box in enumerate(boxes):
        graph.node(number, width=BOX_WIDTH, height=box.height)
    for number, box in enumerate(boxes):
        if box.manager:
            graph.edge(box_of[box.manager], number)
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
    """Make the axes as large as the chart, one unit a point, from the top down."""
    margin, room = 12.0, max(width, 430.0)
    ax.set_axis_off()
    ax.set_xlim(-margin, room + margin)
    ax.set_ylim(height + margin, -TITLE_HEIGHT)
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
    for text, size, weight, ink in box.lines:
        height += size * LEADING
        ax.text(left + EDGE + 3, height - size * LEADING * 0.24, text, size=size, weight=weight, color=ink,
                va="baseline", zorder=4, parse_math=False)  # fmt: skip


def _draw_dotted(
    ax: Axes, dotted: Sequence[dict[str, str]], boxes: Sequence[Box], place: Sequence[tuple[float, float]]
) -> None:
    """Dotted lines run between the columns and behind the boxes, one colour a channel, with their legend."""
    box_of = {name: number for number, box in enumerate(boxes) for name in box.people}
    groups = list(dict.fromkeys(row["group"] for row in dotted))
    inks = {name: DOTTED_COLOURS[number % len(DOTTED_COLOURS)] for number, name in enumerate(groups)}
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
