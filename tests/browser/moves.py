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
from ecteam.explore.board import AS_PLANNED, HatsBoard, hats_board
from ecteam.explore.controls import control, value_of
from ecteam.explore.views import (
    day_view,
    decisions_page,
    head_page,
    organisation_page,
    start_page,
    sure_page,
    team_page,
)
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.words import use
from ecteam.plan.plan import Plan
from ecteam.view.hiring import hiring_view
from ecteam.view.team import Picture


@dataclass(frozen=True)
class Move:
    """A step of one slider of a notebook: what `view` shows of `make_plan` at that value must be seen."""

    scenario: str
    name: str
    view: Callable[..., Any]
    changes: Mapping[str, Any] = field(default_factory=dict)


MOVES = {
    "00_start_here": Move("tea_shop_startup", "orders_per_day", start_page),
    "10_startup_team": Move("tea_shop_startup", "orders_per_day", team_page),
    "11_growth_team": Move("tea_shop_growth", "channels", team_page),
    "12_mature_team": Move("tea_shop_maturity", "orders_per_day", team_page),
    "20_workload": Move("tea_shop_growth", "chats_at_once", day_view, {"dedicated_desk": True}),
    "21_cost": Move("tea_shop_growth", "orders_per_day", head_page),
    "22_organisation": Move("tea_shop_startup", "orders_per_day", organisation_page),
    "23_hiring_plan": Move("tea_shop_growth", "growth_per_month_share", hiring_view),
    "24_decisions": Move("tea_shop_startup", "orders_per_day", decisions_page),
    "25_how_sure": Move("tea_shop_growth", "presale_chats_per_order", sure_page),
}
BOARD = "22_organisation"
"""The notebook that has a board of hats as well."""


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


def stepped(move: Move) -> Any:
    """The value of a move's control, one step on."""
    made = control(load_scenario(move.scenario, **move.changes), move.name)
    if isinstance(made, widgets.FloatLogSlider):  # its steps are those of the power
        made.value = made.base ** ((round(math.log(made.value, made.base) / made.step) + 1) * made.step)
    else:
        made.value += made.step
    return value_of(move.name, made)


def planned(move: Move, **value: Any) -> Plan:
    """The plan of a move's scenario with a field or an assumption at a value."""
    shop = load_scenario(move.scenario, **move.changes)
    if value.keys() <= Scenario.model_fields.keys():
        return make_plan(shop.with_changes(**value))
    return make_plan(shop, load_assumptions().with_values(**value))


def slider(page, name: str, lang: str):
    """The handle of the slider of a field or an assumption."""
    made = page.locator(".widget-hslider").filter(has_text=words_of(name, "cn", lang)).first
    return made.locator(".noUi-handle")


def follows(page, notebook: str, lang: str) -> None:
    """A page shows what Python gives; one control is moved by keyboard, and it shows what Python gives for that."""
    use(lang)
    move = MOVES[notebook]
    first, then = (move.view(plan) for plan in (planned(move), planned(move, **{move.name: stepped(move)})))
    changes(page, slider(page, move.name, lang), ["ArrowRight"], first, then)
    if notebook == BOARD:
        board = hats_board(make_plan(load_scenario(move.scenario)))
        before = board.shown.value
        handle, presses = move_a_duty(page, board, before)
        changes(page, handle, presses, [before], [board.shown.value])


def changes(page, handle: Any, presses: list[str], before: list[Any], after: list[Any]) -> None:
    """A page shows what is given before, and after these keys what is given after."""
    first, then = of_python(page, before), of_python(page, after)
    sees(page, first)
    assert not then <= of_page(page), "the move must change something"
    for key in presses:
        handle.press(key)
    sees(page, then)


def sees(page, wanted: Seen, seconds: float = 60) -> None:
    """Return when a page shows all of this."""
    end = time.monotonic() + seconds
    while not wanted <= (shown := of_page(page)):
        assert time.monotonic() < end, (
            f"never seen: {sorted(wanted.texts - shown.texts)} and "
            f"{len(wanted.pictures - shown.pictures)} of {len(wanted.pictures)} pictures"
        )


def move_a_duty(page, board: HatsBoard, before: str) -> tuple[Any, list[str]]:
    """Give a duty of the board to somebody for whom it says something else: the list, and the keys to press on it."""
    for duty, made in board.controls.items():
        for presses, (_, name) in enumerate(made.options[1:], start=1):
            board.set({duty: name})
            if board.shown.value != before:
                found = page.locator(".widget-dropdown").filter(has_text=made.description).first
                return found.locator("select"), ["ArrowDown"] * presses
            board.set({duty: AS_PLANNED})
    raise AssertionError("no duty of the board can be moved")
