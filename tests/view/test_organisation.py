"""The chart of an organisation and its tables: no overlaps, nobody lost, text that can be searched, both languages."""

import re
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from ecteam.inputs.words import use, using
from ecteam.organisation.lines import reporting_tree
from ecteam.organisation.reports import reporting_cadence
from ecteam.organisation.resilience import cover_matrix, cross_training, loss_by_person, remove_one
from ecteam.organisation.spans import measures, spans_of
from ecteam.organisation.structures import cells, compare_structures, functional, hand_offs, matrix, network
from ecteam.view import organisation as tables
from ecteam.view.organisation import (
    BOX_WIDTH,
    boxes_of,
    finding,
    organisation_chart,
    organisation_figure,
    organisation_picture,
    organisation_svg,
)
from tests.organisation.made_team import (
    DAYS,
    GIFT_SHOP,
    LARGE,
    NO_PAIRS,
    START_UP,
    made_may_do,
    made_people,
    made_seats,
    tree_of,
)

TEAMS = {"start-up": START_UP, "gift shop": GIFT_SHOP, "large": LARGE}


@pytest.fixture(scope="module", params=TEAMS)
def shop(request):
    seats = made_seats(TEAMS[request.param])
    return seats, made_people(seats)


def texts(svg):
    root = ElementTree.fromstring(svg)
    return {"".join(node.itertext()).replace("\xa0", " ") for node in root.iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_picture_says_its_finding_and_who_leads_whom(shop, lang):
    use(lang)
    seats, people = shop
    tree = reporting_tree(seats)
    drawn = organisation_picture(tree, people)
    assert drawn.png.startswith(b"\x89PNG")
    assert finding(tree) in drawn.alt
    assert {"en": "Owner leads ", "zh": "老板（掌舵人）带："}[lang] in drawn.alt


def test_a_vector_graphic_holds_text_that_can_be_searched(shop):
    seats, people = shop
    tree = reporting_tree(seats)
    svg = organisation_svg(tree, people)
    found = texts(svg)
    assert finding(tree) in found
    for name in tree.loc[tree["leads"] != "", "person"]:
        assert name in found
    assert "<desc>" in svg
    assert svg == organisation_svg(reporting_tree(seats), people)
    # Nobody is lost: single boxes and folded ones hold everybody.
    boxes = boxes_of(tree, people, set())
    assert sorted(name for box in boxes for name in box.people) == sorted(tree["person"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_boxes_do_not_overlap_and_hold_their_text(shop, lang):
    use(lang)
    seats, people = shop
    for made in (reporting_tree(seats), cells(seats, ["Tmall"]), network(seats, ["warehouse"])):
        figure = organisation_figure(made, people)
        figure.draw_without_rendering()
        ax = figure.axes[0]
        boxes = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
        for one, other in combinations(boxes, 2):
            assert not one.overlaps(other)
        whole = figure.bbox
        for box in boxes:
            assert whole.x0 <= box.x0 < box.x1 <= whole.x1
            assert whole.y0 <= box.y0 < box.y1 <= whole.y1
        for text in ax.texts:
            place = text.get_window_extent()
            assert whole.x0 <= place.x0 <= place.x1 <= whole.x1
            inside = [box for box in boxes if box.contains(place.x0, (place.y0 + place.y1) / 2)]
            assert all(place.x1 <= box.x1 and place.y0 >= box.y0 - 1 and place.y1 <= box.y1 + 1 for box in inside)


@given(st.integers(1, 60), st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_the_layout_of_any_tree_keeps_boxes_apart_and_managers_to_the_left(people, random):
    lines = pd.DataFrame(
        [(f"p{n}", f"p{random.randrange(max(0, n - 6), n)}" if n else "") for n in range(people)],
        columns=["person", "manager"],
    )
    tree = tree_of(lines)
    ax = Figure().add_subplot()
    assert organisation_chart(tree.assign(position=tree["person"]), ax=ax) is ax
    boxes = [patch.get_bbox() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert len(boxes) == people
    rectangles = np.array([(b.x0, b.x1, min(b.y0, b.y1), max(b.y0, b.y1)) for b in boxes])
    for one, other in combinations(rectangles, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart
    assert len(set(rectangles[:, 0].round(3))) == tree["layer"].max()


def test_hats_vacancies_dotted_lines_and_partners_are_shown():
    seats = made_seats(GIFT_SHOP)
    people = made_people(seats)
    seats.loc[seats["person"] == "IT support", "vacant"] = True
    found = texts(organisation_svg(reporting_tree(seats), people))
    assert any(text.startswith("Hats: ") for text in found)
    assert "Vacant" in found
    assert {"Stock-keeper × 12", "Designer × 2"} <= found
    assert "Partner · Warehouse" in texts(organisation_svg(network(seats, ["warehouse"]), people))
    drawn = organisation_figure(matrix(seats, ["Tmall", "JD"]), people)
    dotted = matrix(seats, ["Tmall", "JD"]).lines.query("kind == 'dotted'")
    arrows = [patch for patch in drawn.axes[0].patches if type(patch).__name__ == "FancyArrowPatch"]
    assert len(arrows) == len(dotted)
    assert {"····▸ Tmall", "····▸ JD"} <= {text.get_text() for text in drawn.axes[0].texts}


def test_names_of_users_are_neither_markup_nor_formulas_and_long_ones_are_wrapped():
    tree = tree_of(
        pd.DataFrame(
            {
                "person": ["<b>Li</b>", "$x_1$ & Co", "A" * 90, "王" * 40],
                "manager": ["", "<b>Li</b>", "<b>Li</b>", "<b>Li</b>"],
            }
        )
    )
    svg = organisation_svg(tree)
    assert "<b>Li" not in svg
    assert {"<b>Li</b>", "$x_1$ & Co"} <= texts(svg)
    figure = organisation_figure(tree)
    figure.draw_without_rendering()
    unit = figure.dpi / 72
    in_boxes = [text for text in figure.axes[0].texts if set(text.get_text()) & set("LixCoA王")][:-1]
    assert len(in_boxes) > 5
    assert max(text.get_window_extent().width for text in in_boxes) < BOX_WIDTH * unit
    assert "<b>Li" not in tables.organisation(tree).to_html()


def test_chinese_charts_say_roles_posts_and_layers_in_chinese():
    seats = made_seats(GIFT_SHOP)
    with using("zh"):
        found = texts(organisation_svg(reporting_tree(seats), made_people(seats)))
    assert any("层级" in text for text in found)
    assert any("仓管 × 12" in text for text in found)
    assert any(text.startswith("店长") for text in found)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_frame_has_its_table(lang):
    use(lang)
    seats = made_seats(GIFT_SHOP)
    people = made_people(seats)
    may = made_may_do()
    tree = reporting_tree(seats)
    made = [functional(seats), matrix(seats, ["Tmall"]), cells(seats, ["Tmall"]), network(seats, ["warehouse"])]
    removed = remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS)
    cover = cover_matrix(people, seats, may, keep_apart=NO_PAIRS)
    rate = pd.Series(0.3, seats["hired_as"].unique())
    shown = [
        tables.organisation(tree, people),
        *(tables.organisation(structure, people) for structure in made),
        tables.spans(spans_of(tree, seats, leading_hours_per_head=4)),
        tables.measures(measures(tree, seats, leading_hours_per_head=4)),
        tables.measures(compare_structures(made, people, outside=())),
        tables.hand_offs(hand_offs(people, made[0].groups, outside=())),
        tables.losses(loss_by_person(removed, seats, rate), "CNY"),
        tables.cover(cover),
        tables.trainings(cross_training(cover, seats, people)),
        tables.reports(reporting_cadence(people, seats, tree, working_days_per_month=21)),
    ]
    pages = [table.to_html() for table in shown]
    assert all("<table" in page and "nan" not in page.lower().replace("finan", "") for page in pages)
    assert all(str(len(seats)) in page for page in pages[:1])
    if lang == "zh":
        assert all(re.search(r"[\u4e00-\u9fff]", page) for page in pages)
