"""One control of each notebook, moved by keyboard, and what Python shows for the value that it then has."""

import base64
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets

from ecteam import load_assumptions, load_scenario, make_plan
from ecteam.board import hats_board
from ecteam.controls import control
from ecteam.scenario import Scenario, field_info
from ecteam.view.charts import Picture
from ecteam.view.hiring_tables import hiring_view
from ecteam.view.pages import day_view, head_page, sure_page, team_page


@dataclass(frozen=True)
class Move:
    """A step of one slider of a notebook: what `view` shows of `make_plan` at that value must be seen."""

    scenario: str
    name: str
    view: Callable[..., Any]
    changes: Mapping[str, Any] = field(default_factory=dict)


MOVES = {
    "10_startup_team": Move("tea_shop_startup", "orders_per_day", team_page),
    "11_growth_team": Move("tea_shop_growth", "channels", team_page),
    "12_mature_team": Move("tea_shop_maturity", "chats_at_once", team_page),
    "20_workload": Move("tea_shop_growth", "chats_at_once", day_view, {"dedicated_desk": True}),
    "21_cost": Move("tea_shop_growth", "orders_per_day", head_page),
    "23_hiring_plan": Move("tea_shop_growth", "growth_per_month_share", hiring_view),
    "24_decisions": Move("tea_shop_startup", "orders_per_day", team_page),
    "25_how_sure": Move("tea_shop_growth", "orders_level_spread", sure_page),
}
BOARD = "22_organisation"


@dataclass(frozen=True)
class Seen:
    """Texts and pictures, as a page shows them or as Python makes them."""

    texts: frozenset[str]
    pictures: frozenset[bytes]

    def __le__(self, other: "Seen") -> bool:
        return self.texts <= other.texts and self.pictures <= other.pictures


def of_page(page) -> Seen:
    """What the widgets of a page show."""
    texts = page.evaluate(
        """() => [...document.querySelectorAll('.widget-html-content')].map(e => {
            const copy = e.cloneNode(true);
            copy.querySelectorAll('style').forEach(s => s.remove());
            return copy.textContent;
        })"""
    )
    pictures = page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('img.widget-image')].filter(i => i.src).map(
            async i => btoa(Array.from(new Uint8Array(await (await fetch(i.src)).arrayBuffer()),
                byte => String.fromCharCode(byte)).join(''))))"""
    )
    return Seen(frozenset(map(squeezed, texts)), frozenset(map(base64.b64decode, pictures)))


def of_python(page, items: list[Any]) -> Seen:
    """The same of what a view gives; the page's browser reads the texts out of the HTML."""
    html = [item if isinstance(item, str) else item.to_html() for item in items if not isinstance(item, Picture)]
    texts = page.evaluate(
        """html => html.map(text => {
            const read = new DOMParser().parseFromString(text, 'text/html');
            read.querySelectorAll('style').forEach(s => s.remove());
            return read.documentElement.textContent;
        })""",
        html,
    )
    return Seen(frozenset(map(squeezed, texts)), frozenset(item.png for item in items if isinstance(item, Picture)))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def words_of(name: str, region: str, lang: str) -> str:
    """What the control of a field or of an assumption is called."""
    if name in Scenario.model_fields:
        return field_info(name)[lang]
    return str(load_assumptions().rows(region).loc[name, lang])


def move_slider(page, move: Move, lang: str) -> Any:
    """Press the right arrow on a slider's handle; the value that it then has."""
    shop = load_scenario(move.scenario, **move.changes)
    made = control(shop, move.name, lang)
    slider = page.locator(".widget-hslider").filter(has_text=words_of(move.name, shop.region, lang)).first
    slider.locator(".noUi-handle").press("ArrowRight")
    if isinstance(made, widgets.FloatLogSlider):  # its steps are those of the power
        steps = round(math.log(made.value, made.base) / made.step) + 1
        value = made.base ** (steps * made.step)
        return round(value) if field_info(move.name)["type"] == "integer" else value
    return made.value + made.step


def planned(move: Move, value: Any):
    """The plan that Python makes for a value."""
    shop = load_scenario(move.scenario, **move.changes)
    if move.name in Scenario.model_fields:
        return make_plan(shop.with_changes(**{move.name: value}))
    return make_plan(shop, load_assumptions().with_values(**{move.name: value}))


def follows(page, notebook: str, lang: str) -> None:
    """Move the control of a notebook and see the page show what Python gives for it, which it did not show before."""
    before = of_page(page)
    if notebook == BOARD:
        wanted = of_python(page, [moved_duty(page, lang)])
    else:
        move = MOVES[notebook]
        value = move_slider(page, move, lang)
        wanted = of_python(page, move.view(planned(move, value), lang))
    assert not wanted <= before, "the move must change something"
    end = time.monotonic() + 60
    while not wanted <= (shown := of_page(page)):
        assert time.monotonic() < end, (
            f"never seen: {sorted(wanted.texts - shown.texts)} and "
            f"{len(wanted.pictures - shown.pictures)} of {len(wanted.pictures)} pictures"
        )


def moved_duty(page, lang: str) -> str:
    """Give the first duty of the hats board to the next person of its list, by keyboard; what the board then says."""
    board = hats_board(make_plan(load_scenario("tea_shop_startup")), lang=lang)
    duty, made = next(iter(board.controls.items()))
    page.locator(".widget-dropdown").filter(has_text=made.description).first.locator("select").press("ArrowDown")
    board.set({duty: made.options[1][1]})
    return board.shown.value
