"""The hats board of a notebook: move a duty to another person, and see in words which limits that breaks."""

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd

from ecteam.explore.explorer import named
from ecteam.explore.page import PAGE
from ecteam.explore.views import shortened
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import label, person, text
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
        # A part-time person's hours differ from month to month; those of `seats` are of the month when it opens.
        hours = pd.Series(plan.assigned.problem.productive_hours[:, month], plan.assigned.problem.seats["person"])
        seats = plan.seats[plan.seats["opened"] <= at]
        seats = seats.assign(productive_hours=seats["person"].map(hours))
        in_view = seats if department is None else seats[seats["department"] == department]
        mine = self._planned[self._planned["person"].isin(in_view["person"])]
        self._seats = in_view
        self._doers = mine.groupby("duty", sort=False)["person"].agg(lambda names: ", ".join(map(person, names)))
        self.controls: Mapping[str, widgets.Dropdown] = {duty: self._list(duty) for duty in self._doers.index}
        self.shown = widgets.HTML()
        self.search = widgets.Text(placeholder=text("board.search"), continuous_update=True, layout={"width": "26em"})
        self.search.observe(lambda change: self._search(change["new"]), names="value")
        reset = widgets.Button(description=text("explore.reset"), icon="refresh")
        reset.on_click(lambda _: self.set(dict.fromkeys(self.controls, AS_PLANNED)))
        self._listen(True)
        lists = widgets.VBox(
            list(self.controls.values()), layout={"max_height": "32em", "overflow": "hidden auto", "display": "block"}
        )
        panel = widgets.VBox(
            [self.search, lists, widgets.HTML(text("board.marks")), reset, named()],
            layout={"flex": "0 1 28em", "max_width": "100%"},
        )
        super().__init__([panel, self.shown], layout=widgets.Layout(flex_flow="row wrap"))
        self.add_class("ecteam-explorer")
        self._follow()

    def _list(self, duty: str) -> widgets.Dropdown:
        return widgets.Dropdown(
            options=[(self._doers[duty], AS_PLANNED), *((person(name), name) for name in self._seats["person"])],
            value=AS_PLANNED,
            description=label(duty),
            tooltip=label(duty),
            style={"description_width": "14em"},
            layout={"width": "26em", "max_width": "100%"},
        )

    def _listen(self, on: bool) -> None:
        for made in self.controls.values():
            (made.observe if on else made.unobserve)(self._follow, names="value")

    def _search(self, wanted: str) -> None:
        """Show the lists of the duties, and of who does them, in which a text stands."""
        for made in self.controls.values():
            found = wanted.lower() in f"{made.description} {made.label}".lower()
            made.layout.display = None if found else "none"

    def set(self, values: Mapping[str, str]) -> None:
        """Move several duties at once, each to a person or to `AS_PLANNED`; what is shown follows."""
        self._listen(False)
        for duty, name in values.items():
            self.controls[duty].value = name
        self._listen(True)
        self._follow()

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

    @property
    def breaks(self) -> pd.DataFrame:
        """Persons x duties: whether that move, by itself, would give the person what they may not do, two duties that
        are kept apart, more posts than one may wear, or more hours than fit into the month."""
        problem, seats = self._plan.assigned.problem, self._plan.seats["person"]
        duties = problem.duties.index
        theirs = self.people.pivot_table("hours", "person", "duty", "sum", 0.0).reindex(
            index=seats, columns=duties, fill_value=0.0
        )
        works = theirs > 0
        posts = pd.get_dummies(problem.duties["post"]).astype(int)
        worn = (works.astype(int) @ posts > 0).astype(int)
        hats = worn.sum(axis=1).to_numpy()[:, None] + (1 - worn @ posts.T)
        hours = theirs.sum(axis=1).to_numpy()[:, None] - theirs + theirs.sum()
        room = problem.productive_hours[:, [self._month]] * (1 - problem.terms["hat_loss_share"] * (hats - 1))
        most = problem.terms.get("most_hats") or len(posts.columns)
        bad = ~pd.DataFrame(problem.may, seats, duties) | (hours > room * (1 + 1e-9)) | (hats > most)
        for pair in problem.keep_apart.itertuples():
            for one, other in ((pair.duty_a, pair.duty_b), (pair.duty_b, pair.duty_a)):
                bad[one] |= works[other]
        return bad

    def _mark(self) -> None:
        """Mark the moves of every list that would break a limit."""
        breaks, people = self.breaks, list(self._seats["person"])
        self._listen(False)
        for duty, made in self.controls.items():
            marked = [(f"{'✗ ' if breaks.loc[name, duty] else ''}{person(name)}", name) for name in people]
            if made.options != (options := (made.options[0], *marked)):
                value = made.value
                made.options = options
                made.value = value
        self._listen(True)

    def _follow(self, _: object = None) -> None:
        people = self.people
        moved = people.merge(self._planned, how="left", indicator=True)["_merge"].eq("left_only")
        first = self._seats["person"].isin(people.loc[moved.to_numpy(), "person"])
        table = organisation.who_does_what(people, self._seats.assign(first=~first).sort_values("first", kind="stable"))
        self.shown.value = PAGE + organisation.limits(self.limits) + shortened(table)
        self._mark()


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
