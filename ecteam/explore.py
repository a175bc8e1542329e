"""Explore a scenario in a notebook: controls made from Scenario's fields, tables and pictures that follow them."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from ecteam.assumptions import load_assumptions
from ecteam.errors import InputError, did_you_mean
from ecteam.plan import Plan, make_plan
from ecteam.scenario import PLACES, Scenario, field_info
from ecteam.view import charts
from ecteam.view.words import Language, label

WIDE = {"description_width": "15em"}
USUAL = "usual"
"""A list's value for a field that is left unset."""
View = Callable[[Plan, Language], Sequence[Any]]
"""What to show of a plan: pictures, tables and pieces of a page, in order."""


class Explorer(widgets.VBox):
    """Controls and what they show. The controls hold the state; `plan` is the plan of the last valid setting."""

    def __init__(self, base: Scenario, view: View, names: Sequence[str], lang: Language) -> None:
        self._base, self._view, self._lang = base, view, lang
        self.controls: Mapping[str, widgets.Widget] = {name: control(base, name, lang) for name in names}
        self._start = {name: made.value for name, made in self.controls.items()}
        self.mistake = widgets.HTML()
        self.shown = widgets.VBox(layout=widgets.Layout(flex="1 1 38em", min_width="0"))
        for made in self.controls.values():
            made.observe(self._follow, names="value")
        reset = widgets.Button(description={"en": "Reset", "zh": "重置"}[lang], icon="undo")
        reset.on_click(lambda _: self.set(self._start))
        self.panel = widgets.VBox(
            [*self.controls.values(), reset, self.mistake], layout=widgets.Layout(flex="0 0 29em")
        )
        super().__init__([widgets.HBox([self.panel, self.shown], layout=widgets.Layout(flex_flow="row wrap"))])
        self.plan = make_plan(base)
        self._show(self.plan)

    def set(self, values: Mapping[str, Any]) -> None:
        """Move several controls at once; what is shown follows once."""
        for made in self.controls.values():
            made.unobserve(self._follow, names="value")
        for name, value in values.items():
            self.controls[name].value = value
        for made in self.controls.values():
            made.observe(self._follow, names="value")
        self._follow()

    def planned(self) -> Plan:
        """The plan as the controls stand; raises `InputError` if they contradict each other."""
        values: dict[str, Any] = {
            name: None if made.value == USUAL else made.value for name, made in self.controls.items()
        }
        # A logarithmic slider has no whole steps.
        fields = {
            n: round(v) if field_info(n)["type"] == "integer" else v
            for n, v in values.items()
            if n in Scenario.model_fields
        }
        figures = {name: value for name, value in values.items() if name not in fields}
        shop = self._base.with_changes(**fields)
        return make_plan(shop, load_assumptions().with_values(**figures) if figures else None)

    def _follow(self, _: object = None) -> None:
        try:
            plan = self.planned()
            self._show(plan)
        except InputError as error:
            self.mistake.value = "".join(f"<p role='alert' style='color:#a33'>{escape(m)}</p>" for m in error.mistakes)
            return
        self.plan, self.mistake.value = plan, ""

    def _show(self, plan: Plan) -> None:
        """Fill the widgets that are there, so that a page does not jump; make new ones where the kind has changed."""
        items = [_content(item) for item in self._view(plan, self._lang)]
        if [type(w) for w in self.shown.children] != [kind for kind, _ in items]:
            self.shown.children = [kind() for kind, _ in items]
        for widget, (_, content) in zip(self.shown.children, items, strict=True):
            for trait, value in content.items():
                setattr(widget, trait, value)


def explore(base: Scenario, view: View, fields: Sequence[str], *, lang: Language = "en") -> Explorer:
    """Sliders, toggles and lists for fields of the scenario and figures of the assumptions; what is shown follows them.

    `view(plan, lang)` gives the pictures and tables to show, such as those of `view/pages.py`. A setting that contradicts itself shows its sentence beside the controls, and the last good picture stays. Raises
    `InputError` for a name that is neither field nor assumption, and for one without a range or choices.
    """
    return Explorer(base, view, fields, lang)


def control(base: Scenario, name: str, lang: Language = "en") -> widgets.Widget:
    """The control of a field, from its metadata, or of an assumption, from its row: range, unit, label and help.

    >>> made = control(Scenario(name="Tea", return_share=0.05, orders_per_day=60), "chats_at_once")
    >>> made.min, made.max, made.value
    (1, 8, 3)
    """
    if name not in Scenario.model_fields:
        return _figure_control(base, name, lang)
    info, value = field_info(name), getattr(base, name)
    words = _words(info[lang], info["unit"], info[f"help_{lang}"])
    if info["type"] == "boolean":
        return widgets.Checkbox(value=value, **words)
    if info["choices"]:
        usual = [] if value is not None else [({"en": "usual at the stage", "zh": "按阶段惯例"}[lang], USUAL)]
        options = usual + [(_choice(c, lang), c) for c in info["choices"]]
        return widgets.Dropdown(options=options, value=USUAL if value is None else value, **words)
    low, high = info["low"], info["top"] if info["top"] is not None else info["high"]
    if info["type"] == "string" or low is None or high is None:
        raise InputError(f"{name} has no range or choices to make a control of")
    whole, start = info["type"] == "integer", low if value is None else value
    if info["log"] and start > 0:
        return widgets.FloatLogSlider(
            value=start,
            min=0,
            max=math.log10(max(high, start)),
            step=0.02,
            readout_format=",.0f",
            continuous_update=False,
            **words,
        )
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    step = info["step"] or (1 if whole else (high - low) / 100)
    return kind(
        value=start, min=low, max=max(high, start), step=int(step) if whole else step, continuous_update=False, **words
    )


def _figure_control(base: Scenario, name: str, lang: Language) -> widgets.Widget:
    """A slider of an assumption from its low to its high figure."""
    rows = load_assumptions().rows(base.region)
    if name not in rows.index:
        raise InputError(
            f"there is no field or assumption {name!r}{did_you_mean(name, [*Scenario.model_fields, *rows.index])}"
        )
    row = rows.loc[name]
    if row["low"] == row["high"]:
        raise InputError(f"{name} has no range or choices to make a control of")
    return widgets.FloatSlider(
        value=row["typical"],
        min=row["low"],
        max=row["high"],
        step=(row["high"] - row["low"]) / 50,
        continuous_update=False,
        **_words(str(row[lang]), str(row["unit"]), ""),
    )


def _words(name: str, unit: str, help_: str) -> dict[str, Any]:
    return {
        "description": name,
        "tooltip": f"{name}, {unit}. {help_}".strip(" ,.") + ".",
        "style": WIDE,
        "layout": widgets.Layout(width="28em"),
    }


def _content(item: Any) -> tuple[type[widgets.Widget], dict[str, Any]]:
    """Which widget shows an item, and the traits that hold it."""
    if isinstance(item, charts.Picture):
        return _Chart, {"value": item.png, "alt": item.alt}
    return widgets.HTML, {"value": PAGE + (item if isinstance(item, str) else item.to_html())}


class _Chart(widgets.Image):
    """A picture as wide as a laptop allows beside the controls."""

    def __init__(self) -> None:
        super().__init__(format="png", layout=widgets.Layout(width="44em", max_width="100%"))


def _choice(choice: str, lang: Language) -> str:
    """A choice in words, where it has a label."""
    if choice in PLACES:
        return PLACES[choice][lang]
    try:
        return label(choice, lang)
    except InputError:
        return choice


PAGE = """<style>
.figures { display: flex; flex-wrap: wrap; gap: .5rem; }
.figure { border: 1px solid #d9dee3; border-top: 3px solid #0072b2; padding: .3rem .6rem; line-height: 1.3; }
.figure b { display: block; font-size: 1.15rem; }
.figure span { font-size: .8rem; color: #5b6672; }
.notes { font-size: .8rem; color: #5b6672; line-height: 1.3; }
table.ecteam { border-collapse: collapse; font-size: .85rem; }
table.ecteam th, table.ecteam td { border-bottom: 1px solid #d9dee3; padding: .15rem .5rem; line-height: 1.3; }
</style>"""
