"""What an explorer shows: one page, or a tab for each of several; two plans beside each other. Drawn when looked at.

The shelf of an explorer: a link that saves its settings, a button that opens saved ones, and the lines of Python that
make what is shown again.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ipywidgets as widgets
import traitlets

from ecteam.explore.controls import said
from ecteam.explore.views import Later, View
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import changed_fields, load_scenario, to_yaml
from ecteam.inputs.words import language, phrase, text
from ecteam.plan.plan import Plan
from ecteam.view import team

SIDE = "<h4 class='ecteam-side'>{}</h4>"
REST_SECONDS = 0.4
"""What takes longer than a slider may is shown when the controls have stood still for this time."""


class _Page(widgets.HBox):
    """Room for the side that stays, where there is one, and for the side that follows the controls."""

    def __init__(self) -> None:
        self.kept, self.live = (widgets.VBox(layout=widgets.Layout(flex="1 1 0", min_width="0")) for _ in "AB")
        self.drawn: tuple[Any, ...] = ()
        super().__init__([self.live])

    def sides(self, two: bool) -> None:
        """Show both sides, or one."""
        sides = (self.kept, self.live) if two else (self.live,)
        if self.children != sides:
            self.set_trait("children", sides)
            (self.add_class if two else self.remove_class)("ecteam-two")


class Viewer(widgets.VBox):
    """The pages of one or several views; only the open one is drawn. `said` compares two plans, for a place beside."""

    def __init__(self, view: View | Mapping[str, View]) -> None:
        views = view if isinstance(view, Mapping) else {"": view}
        self._views = list(views.values())
        self._pages = [_Page() for _ in self._views]
        self.tabs = widgets.Tab(self._pages, titles=[said(title) for title in views if title])
        self.said = widgets.HTML(layout=widgets.Layout(flex="1 1 34em", min_width="0", display="none"))
        self._waiting: list[tuple[widgets.HTML, Later]] = []
        self._timer: asyncio.TimerHandle | None = None
        shown = self._pages if len(self._pages) == 1 else [self.tabs]
        super().__init__(shown, layout=widgets.Layout(flex="1 1 34em", min_width="0"))

    @property
    def opened(self) -> int:
        """Which page is looked at."""
        return self.tabs.selected_index or 0 if len(self._pages) > 1 else 0

    @property
    def page(self) -> _Page:
        """The open page: `live` follows the controls, `kept` stays for comparison."""
        return self._pages[self.opened]

    @property
    def view(self) -> View:
        """The view of the open page."""
        return self._views[self.opened]

    def on_tab(self, draw: Callable[[], None]) -> None:
        """Have a page drawn when it is opened."""
        self.tabs.observe(lambda _: draw(), names="selected_index")

    def draw(self, plan: Plan, beside: tuple[str, Plan] | None) -> None:
        """Show a plan on the open page, beside another where one is kept; all of it, or nothing if the view refuses."""
        page, now = self.page, (plan, beside and beside[1])
        if page.drawn == now:
            return
        live = list(self.view(plan))
        kept = list(self.view(beside[1])) if beside and (not page.drawn or page.drawn[1] is not beside[1]) else None
        page.sides(beside is not None)
        self.said.value = beside[0] if beside else ""
        self.said.layout.display = None if beside else "none"
        self.layout.flex = "1 1 100%" if beside else "1 1 34em"
        if beside is not None:
            if kept is not None:
                self._waiting += _fill(page.kept, [SIDE.format("A"), *kept])
            live = [SIDE.format("B"), *live]
        self._waiting += _fill(page.live, live)
        page.drawn = now

    def later(self, place: widgets.HTML, item: Later) -> None:
        """Show an item in a place when the controls stand still."""
        self._waiting = [(made, waits) for made, waits in self._waiting if made is not place] + [(place, item)]

    def finish(self) -> None:
        """Show what takes longer, of what is drawn now."""
        waiting, self._waiting = self._waiting, []
        for made, item in waiting:
            made.value = item.to_html()

    def finish_at_rest(self, place: widgets.Output) -> None:
        """Do so when the controls stand still; an error stands in `place`. Without a kernel nobody waits for it."""

        def finish() -> None:
            with place:
                self.finish()

        if self._timer:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(REST_SECONDS, finish)
        except RuntimeError:
            self._timer = None


def _fill(box: widgets.VBox, items: list[Any]) -> list[tuple[widgets.HTML, Later]]:
    """Fill the widgets that are there, so that a page does not jump; make new ones where the kind has changed.

    Gives the widgets of what is to be shown later.
    """
    contents = [_content(item) for item in items]
    if [type(made) for made in box.children] != [kind for kind, _ in contents]:
        box.children = [kind() for kind, _ in contents]
    for made, (_, content) in zip(box.children, contents, strict=True):
        for trait, value in content.items():
            setattr(made, trait, value)
    return [(made, item) for made, item in zip(box.children, items, strict=True) if isinstance(item, Later)]


def _content(item: Any) -> tuple[type[widgets.Widget], dict[str, Any]]:
    """Which widget shows an item, and the traits that hold it."""
    if isinstance(item, team.Picture):
        return _Chart, {"value": item.png, "tooltip": item.alt}
    if isinstance(item, Later):
        return widgets.HTML, {"value": "<p class='ecteam-later'>…</p>"}
    return widgets.HTML, {"value": item if isinstance(item, str) else item.to_html()}


class _Chart(widgets.Image):
    """A picture as wide as a laptop allows beside the controls; its alternative text is its title.

    The browser's side asks for a description before it sets a title, and an image has none of its own.
    """

    description = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__(format="png", layout=widgets.Layout(width="44em", max_width="100%", object_fit="contain"))


class Shelf(widgets.HBox):
    """Save, open, and show the code. `file` is the text that the link saves, `code` the lines that are shown."""

    def __init__(self) -> None:
        self.file = ""
        self.link = widgets.HTML()
        self.opened = widgets.FileUpload(
            accept=".yaml,.yml",
            description=text("explore.open"),
            icon="folder-open",
            layout=widgets.Layout(width="auto"),
        )
        self.show_code = widgets.ToggleButton(
            description=text("explore.code"), icon="code", layout=widgets.Layout(width="auto")
        )
        self.code = ""
        self.page = widgets.HTML()
        super().__init__([self.link, self.opened, self.show_code], layout=widgets.Layout(flex_flow="row wrap"))

    def put(self, plan: Plan, figures: Mapping[str, float]) -> None:
        """Have the links save these settings and the team. An order file is named without its folder."""
        shop = plan.scenario
        history = shop.history
        if history and Path(history).is_absolute():
            shop = shop.with_changes(history=Path(history).name)
        self.file = to_yaml(shop, figures)
        name = _file_name(shop)
        files = {"explore.save": (".yaml", "text/yaml", self.file)}
        for key, frame in (("team", plan.team), ("cost", plan.cost)):
            table = "\ufeff" + frame.to_csv(index=False, float_format="%.2f")
            files[f"explore.csv_{key}"] = (f"_{key}.csv", "text/csv", table)
        self.link.value = " ".join(
            f"<a class='ecteam-button' download='{escape(name)}{end}' "
            f"href='data:{kind};charset=utf-8,{quote(content)}'>{text(key)}</a>"
            for key, (end, kind, content) in files.items()
        )

    def say(self, shop: Scenario, figures: Mapping[str, float], view: Any) -> None:
        """Show the lines that make a view again, while they are asked for."""
        self.code, self.page.value = "", ""
        if self.show_code.value:
            self.code = code_of(shop, figures, view)
            lines = f"<pre class='ecteam-code' tabindex='0'>{escape(self.code)}</pre>"
            report = f"<code>ecteam report {escape(_file_name(shop))}.yaml</code>"
            self.page.value = f"{text('explore.code_help')}{lines}<p>{text('explore.report_help')} {report}</p>"


def _file_name(shop: Scenario) -> str:
    return re.sub(r"[^\w-]+", "_", shop.name).strip("_") or "scenario"


def code_of(
    shop: Scenario,
    figures: Mapping[str, float] | None = None,
    view: Callable[..., Any] | None = None,
) -> str:
    """The lines that plan a shop with some figures of the assumptions, and show a view of it.

    A shop of `data/scenarios` is loaded by its name, with what differs; another one is written out.

    >>> print(code_of(load_scenario("tea_shop_startup", orders_per_day=90)))
    from ecteam import load_scenario, make_plan
    <BLANKLINE>
    shop = load_scenario("tea_shop_startup", orders_per_day=90.0)
    plan = make_plan(shop)
    """
    started = _nearest(shop)
    first = [_literal(started)] if started else []
    changes = changed_fields(shop, load_scenario(started) if started else None)
    names = ["load_scenario" if started else "Scenario", "make_plan", *(["load_assumptions"] if figures else [])]
    imports = [f"from ecteam import {', '.join(sorted(names))}"]
    lines = [f"shop = {_call('load_scenario' if started else 'Scenario', *first, **changes)}"]
    with_figures = f", {_call('load_assumptions().with_values', **figures)}" if figures else ""
    lines.append(f"plan = make_plan(shop{with_figures})")
    if view is not None and view.__module__ != "__main__" and view.__qualname__.isidentifier():
        imports.append(f"from {view.__module__} import {view.__qualname__}")
        if language() != "en":
            imports.append("from ecteam.view import use")
            lines.append(_call("use", _literal(language())))
        lines.append(f"display(*{view.__qualname__}(plan))")
    if shop.history and Path(shop.history).is_absolute():
        name = Path(shop.history).name
        lines = [line.replace(_literal(shop.history), _literal(name)) for line in lines]
        lines.insert(0, f"# {name} is your order file; put it beside this notebook.")
    return "\n".join([*imports, "", *lines])


def _nearest(shop: Scenario) -> str | None:
    """The scenario of `data/scenarios` that has the shop's name."""
    for path in sorted((data_dir() / "scenarios").glob("*.yaml")):
        try:
            if shop.name in ((name := load_scenario(path.stem).name), phrase(name)):
                return path.stem
        except InputError:
            # A file that cannot be read, or sets assumptions too, is none to start from.
            continue
    return None


def _call(function: str, *first: str, **named: Any) -> str:
    """A call as a line, or as several where it would be long."""
    arguments = [*first, *(f"{name}={_literal(value)}" for name, value in named.items())]
    line = f"{function}({', '.join(arguments)})"
    return line if len(line) < 100 else f"{function}(\n    " + ",\n    ".join(arguments) + ",\n)"


def _literal(value: Any) -> str:
    """A value as Python writes it, texts in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
