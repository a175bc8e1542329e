"""Explore a scenario in a notebook: controls made from Scenario's fields, tables and pictures that follow them.

The controls hold the state. What is shown is a function of the plan that they stand for.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import ipywidgets as widgets

from ecteam.explore.column_form import ColumnForm, can_be_said
from ecteam.explore.controls import control, lengthened, put, value_of
from ecteam.explore.my_shop import keep
from ecteam.explore.page import PAGE, SCRIPT, alert, busy
from ecteam.explore.upload import Uploads, checked, to_keep, with_notes
from ecteam.explore.viewer import Shelf, Viewer
from ecteam.explore.views import Later, View, beside, moved
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.order_files import ENDINGS
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import scenario_in
from ecteam.inputs.words import text
from ecteam.plan.plan import Plan, make_plan

ROW, AUTO = {"flex_flow": "row wrap"}, {"width": "auto"}
LIVELY_SECONDS = 0.05
"""What is drawn within this time follows a slider while it moves; the rest follows when it is let go."""
SLOW_SECONDS = 1.0
"""What takes longer shows a bar that fills meanwhile."""
ONE_STEP_SECONDS = 1.0
"""A control that is moved again within this time goes on with the same step."""


class Explorer(widgets.VBox):
    """Controls and what they show. `plan` is the plan of the last valid setting, `figures` its own assumptions."""

    def __init__(
        self,
        base: Scenario | Plan,
        view: View | Mapping[str, View],
        fields: Sequence[str],
        order_file: bool,
    ) -> None:
        self.plan = base if isinstance(base, Plan) else make_plan(base)
        self._base = base = self.plan.scenario
        self.figures: dict[str, Any] = {name: self.plan.values[name] for name in sorted(self.plan.assumptions.changed)}
        self._first: tuple[Scenario, dict[str, Any]] = (base, self.figures)
        self._kept_figures = self.figures
        self._kept: Plan | None = None
        self._steps, self._at = [self._first], 0
        self._before, self._mover, self._moved_at = self.plan, None, 0.0
        seen = base.with_changes(**_unset(self.plan, fields))
        self.controls: Mapping[str, widgets.Widget] = {name: control(seen, name) for name in fields}
        for name in self.figures.keys() & self.controls.keys():
            put(self.controls[name], self.figures[name])
        self._start = self.state
        self.viewer = Viewer(view)
        self.viewer.on_tab(self._draw)
        self.mistake, self.bar, self.trouble = widgets.HTML(), widgets.HTML(), widgets.Output()
        self.shelf = Shelf()
        self.moved = widgets.HTML()
        self.reset, self.undo, self.redo = (
            widgets.Button(description=text(f"explore.{key}"), icon=icon, layout=AUTO)
            for key, icon in (("reset", "refresh"), ("undo", "undo"), ("redo", "repeat"))
        )
        self.keep = widgets.ToggleButton(
            description=text("explore.keep"),
            icon="columns",
            tooltip=text("explore.keep_help"),
            layout=AUTO,
        )
        self._listen(True)
        self.reset.on_click(lambda _: self._reset())
        self.undo.on_click(lambda _: self._go(-1))
        self.redo.on_click(lambda _: self._go(1))
        self.keep.observe(lambda change: self._keep(change["new"]), names="value")
        self.shelf.opened.observe(self._open, names="value")
        self.shelf.show_code.observe(lambda _: self._say_code(), names="value")
        parts = [widgets.VBox(list(self.controls.values()))]
        self.orders = widgets.FileUpload(
            accept=",".join([*ENDINGS, ".yaml"]),
            multiple=True,
            description=text("explore.orders"),
            tooltip=text("explore.orders_help"),
            icon="upload",
            layout=AUTO,
        )
        self.checked, self.columns = widgets.HTML(), widgets.VBox()
        self._uploads = Uploads() if order_file else None
        if self._uploads:
            self.orders.observe(self._take_orders, names="value")
            self.use = widgets.Button(
                description=text("explore.use"), icon="check", tooltip=text("explore.use_help"), layout=AUTO
            )
            self.use.on_click(lambda _: self._use())
            parts = [*parts, widgets.HBox([self.use, self.orders], layout=ROW), self.checked, self.columns]
        self.limits = widgets.HTML()
        buttons = widgets.HBox([self.undo, self.redo, self.reset, self.keep], layout=ROW)
        self.panel = widgets.VBox(
            [*parts, self.limits, self.mistake, self.bar, self.moved, buttons, self.shelf, self.trouble, named()],
            layout=widgets.Layout(flex="0 0 28em", max_width="100%"),
        )
        area = widgets.HBox([self.panel, self.viewer.said, self.viewer], layout=ROW)
        super().__init__([widgets.HTML(PAGE), area, self.shelf.page])
        self.add_class("ecteam-explorer")
        self._lasted = 0.0
        began = time.perf_counter()
        self.viewer.draw(self.plan, None)
        self._note(began)
        self.viewer.finish()

    @property
    def state(self) -> dict[str, Any]:
        """Where every control stands."""
        return {name: made.value for name, made in self.controls.items()}

    @property
    def shown(self) -> widgets.VBox:
        """The pictures and tables of the open tab."""
        return self.viewer.page.live

    def set(self, values: Mapping[str, Any]) -> None:
        """Move several controls at once; what is shown follows once."""
        self._listen(False)
        for name, value in values.items():
            put(self.controls[name], value)
        self._listen(True)
        self._follow()

    def planned(self) -> Plan:
        """The plan as the controls stand; raises `InputError` if they contradict each other."""
        fields = {
            name: value_of(name, made)
            for name, made in self.controls.items()
            # A control that was not moved says what the scenario says, also where that is nothing.
            if name in Scenario.model_fields and made.value != self._start[name]
        }
        figures = self._figures()
        return make_plan(
            self._base.with_changes(**fields), load_assumptions().with_values(**figures) if figures else None
        )

    def _figures(self) -> dict[str, Any]:
        moved = {
            name: made.value
            for name, made in self.controls.items()
            if name not in Scenario.model_fields and made.value != self._start[name]
        }
        return self._kept_figures | moved

    def _listen(self, on: bool) -> None:
        for made in self.controls.values():
            (made.observe if on else made.unobserve)(self._follow, names="value")

    def _follow(self, change: Mapping[str, Any] | None = None) -> None:
        mover = change["owner"] if change else None
        self.limits.value = "".join(lengthened(name, made) for name, made in self.controls.items() if made is mover)
        with self._told():
            if self._lasted > SLOW_SECONDS:
                self.bar.value = busy(self._lasted)
            began = time.perf_counter()
            plan = self.planned()
            self.viewer.draw(plan, self._beside(plan))
            self._take(plan, self._figures(), began, mover)

    def _take(self, plan: Plan, figures: dict[str, Any], began: float, mover: widgets.Widget | None = None) -> None:
        """Another good plan: a step that can be undone, or the same one while a slider goes on moving."""
        if (plan.scenario, figures) != self._steps[self._at]:
            if mover is None or mover is not self._mover or began - self._moved_at > ONE_STEP_SECONDS:
                self._before, self._at = self.plan, self._at + 1
            self._mover, self._moved_at = mover, began
            self._steps[self._at :] = [(plan.scenario, figures)]
            self.viewer.later(self.moved, Later(partial(moved, self._before), plan))
        self.plan, self.figures = plan, figures
        self._note(began)

    def _go(self, by: int) -> None:
        """Undo a step, or do it again."""
        steps, at = list(self._steps), self._at + by
        if 0 <= at < len(steps):
            with self._told():
                self._start_from(*steps[at])
                self._steps, self._at = steps, at
                self.checked.value = self.limits.value = ""

    def _reset(self) -> None:
        """Everything as it was at first, or in the settings that were opened; an order file is left out again."""
        with self._told():
            self._start_from(*self._first)
            self.checked.value = self.limits.value = ""
        self.keep.value = False

    def _draw(self) -> None:
        """Draw the last good plan where the open tab does not show it yet."""
        with self._told():
            began = time.perf_counter()
            self.viewer.draw(self.plan, self._beside(self.plan))
            self._note(began)

    def _note(self, began: float) -> None:
        """After a good drawing: how long it took decides how the sliders follow; file and code say what is shown."""
        self._lasted = time.perf_counter() - began
        for made in self.controls.values():
            if hasattr(made, "continuous_update"):
                made.continuous_update = self._lasted < LIVELY_SECONDS
        self.shelf.put(self.plan, self.figures)
        self._say_code()
        self.viewer.finish_at_rest(self.trouble)

    def _say_code(self) -> None:
        self.shelf.say(self.plan.scenario, self.figures, self.viewer.view)

    def _beside(self, plan: Plan) -> Any:
        """What stands above the two sides, and the plan of the left one, while one is kept."""
        return None if self._kept is None else (beside(self._kept, plan), self._kept)

    def _keep(self, on: bool) -> None:
        self._kept = self.plan if on else None
        self._draw()

    def _take_orders(self, change: Mapping[str, Any]) -> None:
        if not (change["new"] and self._uploads):
            return
        with self._told(self.checked):
            for file in with_notes({file["name"]: bytes(file["content"]) for file in change["new"]}):
                self._take_order_file(*file)
        self.orders.value = ()

    def _take_order_file(self, name: str, content: bytes, notes: bytes | None) -> None:
        """Read an order file and start from it; where its owner can say what its columns are, ask by a form."""
        assert self._uploads
        self.columns.children = ()
        try:
            found = self._uploads.order_file(name, content, notes)
        except InputError as error:
            if can_be_said(error):
                self.columns.children = [
                    ColumnForm(name, content, notes, lambda said: self._take_said(name, content, said))
                ]
            raise
        self._start_from(self.plan.scenario.with_changes(**found.fields), self.figures)
        self.checked.value = checked(found)

    def _take_said(self, name: str, content: bytes, notes: bytes) -> None:
        with self._told(self.checked):
            self._take_order_file(name, content, notes)
            self.checked.value += to_keep(name, notes)

    def _use(self) -> None:
        """Have every notebook start from this shop."""
        with self._told(self.checked):
            file = keep(self.plan.scenario, self.figures)
            self.checked.value = f"<p role='status' class='ecteam-checked'>{text('explore.used', file=file)}</p>"

    def _open(self, change: Mapping[str, Any]) -> None:
        folder = self._uploads.folder if self._uploads else None
        for file in change["new"]:
            with self._told():
                opened = scenario_in(bytes(file["content"]), file["name"], folder)
                self._start_from(*opened)
                self._first, self.checked.value = opened, ""
        self.shelf.opened.value = ()

    def _start_from(self, base: Scenario, figures: Mapping[str, Any]) -> None:
        """Another scenario to start from; nothing is changed unless it can be planned and shown."""
        began = time.perf_counter()
        plan = make_plan(base, load_assumptions().with_values(**figures) if figures else None)
        self.viewer.draw(plan, self._beside(plan))
        self._base, self._kept_figures = base, dict(figures)
        self._listen(False)
        unset = _unset(plan, self.controls)
        for name, made in self.controls.items():
            if name in Scenario.model_fields:
                put(made, unset.get(name, getattr(base, name)))
            else:
                put(made, plan.values[name])
        self._listen(True)
        self._start = self.state
        self._take(plan, dict(figures), began)

    @contextmanager
    def _told(self, place: widgets.HTML | None = None) -> Iterator[None]:
        """A mistake in what was set is one sentence in place; any other error is shown in full where the user looks."""
        if self.trouble.outputs:
            self.trouble.outputs = ()
        said = ""
        try:
            yield
        except InputError as error:
            if place:
                place.value = alert(error.mistakes)
            else:
                said = alert(error.mistakes)
        except Exception:
            # A kernel puts an error of a callback into its log, where nobody looks; without a kernel it is raised.
            with self.trouble:
                raise
        finally:
            self.mistake.value, self.bar.value = said, ""


def explore(
    base: Scenario | Plan,
    view: View | Mapping[str, View],
    fields: Sequence[str],
    *,
    order_file: bool = False,
) -> Explorer:
    """Sliders, toggles and lists for fields of the scenario and figures of the assumptions; what is shown follows them.

    `base` is the shop to start from, or its plan, whose own figures of the assumptions are kept.

    `view(plan)` gives the pictures and tables to show, such as those of `view/pages.py`; several views by their
    titles are tabs, of which only the open one is drawn. With `order_file` the shop's own orders may be uploaded. A
    setting that contradicts itself shows its sentence beside the controls, and the last good picture stays.
    Raises `InputError` for a name that is neither field nor assumption, and for one without a range or choices.

    >>> from ecteam import load_scenario
    >>> from ecteam.explore import team_page
    >>> explorer = explore(load_scenario("tea_shop_startup"), team_page, ["orders_per_day"])
    >>> explorer.set({"orders_per_day": 90})
    >>> explorer.plan.scenario.orders_per_day
    90.0
    """
    return Explorer(base, view, fields, order_file)


def _unset(plan: Plan, names: Iterable[str]) -> dict[str, float]:
    """What a plan takes for fields that its scenario leaves unset: the order history's figures, or an assumption."""
    taken = dict(plan.values) | {key: getattr(plan.inputs, key) for key in ("orders_per_day", "growth_per_month_share")}
    free = (name for name in names if name in Scenario.model_fields and getattr(plan.scenario, name) is None)
    return {name: taken[name] for name in free if name in taken}


def named() -> widgets.Output:
    """Runs the script that gives the sliders their names."""
    output = {"output_type": "display_data", "data": {"text/html": SCRIPT}, "metadata": {}}
    return widgets.Output(outputs=(output,), layout=widgets.Layout(height="0", overflow="hidden"))
