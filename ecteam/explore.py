"""Explore a scenario in a notebook: controls made from Scenario's fields, tables and pictures that follow them."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from ecteam.errors import InputError
from ecteam.plan import Plan, make_plan
from ecteam.scenario import Scenario, field_info
from ecteam.view import charts, tables
from ecteam.view.words import Language, label

WIDE = {"description_width": "13em"}


class Explorer(widgets.VBox):
    """Controls and what they show. The controls hold the state; `plan` is the plan of the last valid setting."""

    def __init__(
        self,
        base: Scenario,
        fields: Sequence[str],
        show: Callable[[Plan], None],
        parts: Sequence[widgets.Widget],
        lang: Language,
    ) -> None:
        self._base, self._show = base, show
        self.controls: Mapping[str, widgets.Widget] = {field: control(base, field, lang) for field in fields}
        self.mistake = widgets.HTML()
        self.plan = make_plan(base)
        for made in self.controls.values():
            made.observe(self._follow, names="value")
        reset = widgets.Button(description={"en": "Reset", "zh": "重置"}[lang], icon="undo")
        reset.on_click(lambda _: self.set({field: getattr(base, field) for field in fields}))
        left = widgets.VBox([*self.controls.values(), reset, self.mistake], layout=widgets.Layout(min_width="26em"))
        super().__init__([widgets.HBox([left, widgets.VBox(list(parts))], layout=widgets.Layout(flex_flow="row wrap"))])
        show(self.plan)

    @property
    def scenario(self) -> Scenario:
        """The scenario as the controls stand; raises `InputError` if they contradict each other."""
        whole = {field for field in self.controls if field_info(field)["type"] == "integer"}
        values = {field: made.value for field, made in self.controls.items()}
        # A logarithmic slider has no whole steps.
        return self._base.with_changes(**{f: round(v) if f in whole else v for f, v in values.items()})

    def set(self, values: Mapping[str, Any]) -> None:
        """Move several controls at once; what is shown follows once."""
        for made in self.controls.values():
            made.unobserve(self._follow, names="value")
        for field, value in values.items():
            if value is not None:
                self.controls[field].value = value
        for made in self.controls.values():
            made.observe(self._follow, names="value")
        self._follow()

    def _follow(self, _: object = None) -> None:
        try:
            self.plan = make_plan(self.scenario)
        except InputError as error:
            self.mistake.value = "".join(f"<p role='alert' style='color:#a33'>{escape(m)}</p>" for m in error.mistakes)
            return
        self.mistake.value = ""
        self._show(self.plan)


def explore(base: Scenario, fields: Sequence[str], lang: Language = "en") -> Explorer:
    """Sliders, toggles and lists for `fields`; the answer, the team, its cost and the work follow them.

    A setting that contradicts itself shows its sentence beside the controls, and the last good picture stays.
    Raises `InputError` for a field that a scenario does not have.
    """
    answer, team = widgets.HTML(), widgets.HTML()
    pictures = {
        chart: widgets.Image(format="png", layout=widgets.Layout(width="44em", max_width="100%"))
        for chart in (charts.heads_per_month, charts.work_by_department, charts.cost_by_item)
    }

    def show(plan: Plan) -> None:
        answer.value = PAGE + tables.headline(plan) + tables.notes(plan)
        team.value = tables.team(plan, lang).to_html()
        for chart, image in pictures.items():
            drawn = charts.picture(chart, plan, lang)
            image.value, image.alt = drawn.png, drawn.alt

    return Explorer(base, fields, show, [answer, team, *pictures.values()], lang)


def control(base: Scenario, field: str, lang: Language = "en") -> widgets.Widget:
    """The control of one field, from its metadata: range, step, unit, label and help; its value is the base's.

    >>> made = control(Scenario(name="Tea", return_share=0.05, orders_per_day=60), "chats_at_once")
    >>> made.min, made.max, made.value
    (1, 8, 3)
    """
    info, value = field_info(field), getattr(base, field)
    words = {
        "description": info[lang],
        "tooltip": info[f"help_{lang}"] or f"{info[lang]}: {info['unit']}",
        "style": WIDE,
        "layout": widgets.Layout(width="26em"),
    }
    if info["type"] == "boolean":
        return widgets.ToggleButtons(
            options=[({"en": "yes", "zh": "是"}[lang], True), ({"en": "no", "zh": "否"}[lang], False)],
            value=value,
            **words | {"style": WIDE | {"button_width": "4em"}},
        )
    if info["choices"]:
        usual = [] if value is not None else [({"en": "usual at the stage", "zh": "按阶段惯例"}[lang], None)]
        return widgets.Dropdown(options=usual + [(_choice(c, lang), c) for c in info["choices"]], value=value, **words)
    low, high = info["low"], info["top"] if info["top"] is not None else info["high"]
    if info["type"] == "string" or low is None or high is None:
        raise InputError(f"{field} has no range or choices to make a control of")
    whole = info["type"] == "integer"
    start = low if value is None else value
    if info["log"] and start > 0:
        return widgets.FloatLogSlider(
            value=start, min=0, max=math.log10(high), step=0.02, readout_format=",.0f", continuous_update=False, **words
        )
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    step = info["step"] or (1 if whole else (high - low) / 100)
    return kind(
        value=start, min=low, max=max(high, start), step=int(step) if whole else step, continuous_update=False, **words
    )


def _choice(choice: str, lang: Language) -> str:
    """A choice in words, where it has a label."""
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
