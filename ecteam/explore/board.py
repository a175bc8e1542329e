"""The hats board of a notebook: move a duty to another person, and see in words which limits that breaks."""

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd

from ecteam.explore.explorer import named
from ecteam.explore.page import PAGE
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import label, language, person
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import month_position
from ecteam.view import organisation

AS_PLANNED = "as planned"
"""A list's value for a duty that stays as the plan has it, also where several share it."""


class HatsBoard(widgets.HBox):
    """A list for each duty of a month: who does it. The lists hold the state; `people` is what they say.

    `limits` are the limits that the division breaks: limit, person, duty, words.
    """

    def __init__(self, plan: Plan, month: int, department: str | None) -> None:
        self._plan, self._month = plan, month
        at = plan.months[month]
        self._planned = plan.people[plan.people["month"] == at].reset_index(drop=True)
        seats = plan.seats[plan.seats["opened"] <= at]
        in_view = seats if department is None else seats[seats["department"] == department]
        mine = self._planned[self._planned["person"].isin(in_view["person"])]
        self._seats = in_view
        options = [(person(name), name) for name in in_view["person"].tolist()]
        self.controls: Mapping[str, widgets.Dropdown] = {
            duty: self._list(duty, rows, options) for duty, rows in mine.groupby("duty", sort=False)
        }
        self.shown = widgets.HTML()
        reset = widgets.Button(description={"en": "Reset", "zh": "重置"}[language()], icon="undo")
        reset.on_click(lambda _: self.set(dict.fromkeys(self.controls, AS_PLANNED)))
        for made in self.controls.values():
            made.observe(self._follow, names="value")
        panel = widgets.VBox(
            [*self.controls.values(), reset, named()],
            layout=widgets.Layout(flex="0 0 27em", max_height="36em", overflow="auto", display="block"),
        )
        super().__init__([panel, self.shown], layout=widgets.Layout(flex_flow="row wrap"))
        self.add_class("ecteam-explorer")
        self._follow()

    def _list(self, duty: str, rows: pd.DataFrame, options: list[tuple[str, str]]) -> widgets.Dropdown:
        doers = ", ".join(person(p) for p in rows["person"])
        return widgets.Dropdown(
            options=[(doers, AS_PLANNED), *options],
            value=AS_PLANNED,
            description=label(duty),
            tooltip=label(duty),
            style={"description_width": "14em"},
            layout=widgets.Layout(width="26em"),
        )

    def set(self, values: Mapping[str, str]) -> None:
        """Move several duties at once, each to a person or to `AS_PLANNED`; what is shown follows."""
        for duty, name in values.items():
            self.controls[duty].value = name

    @property
    def people(self) -> pd.DataFrame:
        """Who does what as the lists stand: the plan's rows, with a moved duty as one row of its new person."""
        moved = {duty: made.value for duty, made in self.controls.items() if made.value != AS_PLANNED}
        kept = self._planned[~self._planned["duty"].isin(list(moved))]
        whole = self._planned.groupby("duty", sort=False)["hours"].sum()
        first = self._planned.drop_duplicates("duty").set_index("duty")
        hired = self._plan.seats.set_index("person")["hired_as"]
        rows: list[dict[str, Any]] = [
            first.loc[duty].to_dict()
            | {"duty": duty, "person": person, "hired_as": hired[person], "hours": whole[duty], "accountable": True}
            for duty, person in moved.items()
        ]
        return pd.concat([kept, pd.DataFrame(rows, columns=kept.columns)], ignore_index=True) if rows else kept

    @property
    def limits(self) -> pd.DataFrame:
        """The limits that the division breaks, in words."""
        return self._plan.assigned.problem.limits(self.people, self._month)

    def _follow(self, _: object = None) -> None:
        table = organisation.who_does_what(self.people, self._seats)
        self.shown.value = PAGE + organisation.limits(self.limits) + table.to_html()


def hats_board(plan: Plan, month: int | str | None = None, department: str | None = None) -> HatsBoard:
    """Who does what in a month of the plan, to be moved about by hand; the last month by default.

    `department` shows the people of one department only, for teams that are too large for one page. Raises
    `InputError` for a month outside the plan and for a department that nobody is in.

    >>> from ecteam import load_scenario, make_plan
    >>> board = hats_board(make_plan(load_scenario("tea_shop_startup")))
    >>> board.set({"pack_orders": "Owner"})
    >>> bool((board.people.query("duty == 'pack_orders'")["person"] == "Owner").all())
    True
    """
    departments = plan.seats["department"].unique()
    if department is not None and department not in departments:
        raise InputError(f"department is {department!r}; this plan has {', '.join(departments)}")
    return HatsBoard(plan, month_position(plan.months, month), department)
