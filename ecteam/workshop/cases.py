"""The five shops of the workshop, and the event cards that change them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from operator import add, mul
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from ecteam.inputs.assumptions import Assumptions, load_assumptions
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import load_scenario
from ecteam.inputs.tables import read_table
from ecteam.inputs.words import Note
from ecteam.plan.plan import Plan, make_plan


@dataclass(frozen=True)
class Case:
    """A shop of the workshop with the cards that it was dealt and the choices that its team has made.

    Both are fields of the scenario or figures of the assumptions, by name; what a card has dealt, no choice undoes.
    """

    name: str
    cards: tuple[str, ...] = ()
    dealt: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, **changes: Any) -> "Case":
        """The same case with some fields or figures changed; raises `InputError` for what they may not be.

        >>> load_case("tea").changed(orders_per_day=90, pick_lines_per_hour=70).shop.orders_per_day
        90.0
        """
        known = [*Scenario.model_fields, *load_assumptions().numbers["key"].unique()]
        wrong = [name for name in changes if name not in known]
        if wrong:
            raise InputError([Note("no_field_or_assumption", name=n, near=did_you_mean(n, known)) for n in wrong])
        case = replace(self, choices={**self.choices, **changes})
        _ = case.shop, case.assumptions
        return case

    @cached_property
    def shop(self) -> Scenario:
        """The shop as the scenario that its plan is made of."""
        file = data_dir() / "workshop" / "cases" / f"{self.name}.yaml"
        return load_scenario(str(file), **{k: v for k, v in self._all.items() if k in Scenario.model_fields})

    @cached_property
    def figures(self) -> dict[str, float]:
        """The assumptions of its own that the shop has instead of the usual ones."""
        return figures_of(self.name) | {k: v for k, v in self._all.items() if k not in Scenario.model_fields}

    @property
    def _all(self) -> dict[str, Any]:
        return {**self.choices, **self.dealt}

    @cached_property
    def assumptions(self) -> Assumptions:
        """The usual assumptions with the shop's own figures in them."""
        return load_assumptions().with_values(**self.figures)

    @cached_property
    def plan(self) -> Plan:
        """The plan of the shop."""
        return make_plan(self.shop, self.assumptions)


@cache
def cases() -> pd.DataFrame:
    """The cases: en, zh, story_en, story_zh, indexed by case.

    >>> cases().index.tolist()
    ['tea', 'womenswear', 'electronics', 'packaging', 'virtual']
    """
    return case_table("cases").set_index("case")


@cache
def cards() -> pd.DataFrame:
    """The event cards: en, zh, story_en, story_zh, ask_en, ask_zh, indexed by card.

    >>> "double_eleven" in cards().index
    True
    """
    return case_table("cards").set_index("card")


def load_case(name: str, **changes: Any) -> Case:
    """A case of the workshop, with some fields of its scenario or figures changed.

    >>> load_case("tea").shop.return_share
    0.04
    >>> load_case("tee")
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: there is no case 'tee'; did you mean 'tea'?
    """
    if name not in cases().index:
        raise InputError(Note("no_case", name=name, near=did_you_mean(name, cases().index)))
    return Case(name).changed(**changes)


def play(case: Case, card: str) -> Case:
    """The case after an event card; raises `InputError` for a card that is not there, or changes nothing for the shop.

    >>> play(load_case("tea"), "stop_shipping").shop.self_shipping
    False
    """
    if card not in cards().index:
        raise InputError(Note("no_card", name=card, near=did_you_mean(card, cards().index)))
    if card in case.cards:
        raise InputError(Note("card_played", card=card))
    now = case.assumptions.region(case.shop.region)
    rows = case_table("card_changes")
    dealt = dict(case.dealt)
    for row in rows[rows["card"] == card].itertuples():
        before = getattr(case.shop, row.name) if row.name in Scenario.model_fields else now[row.name]
        given = yaml.safe_load(str(row.value))
        dealt[str(row.name)] = given if row.how == "set" else HOW[str(row.how)](before, given)
    played = replace(case, cards=(*case.cards, card), dealt=dealt)
    if (played.shop, played.figures) == (case.shop, case.figures):
        raise InputError(Note("card_without_effect", card=card, shop=case.shop.name))
    return played


HOW: Mapping[str, Callable[[Any, Any], Any]] = {"times": mul, "plus": add, "at_least": max}
"""How a card changes a figure; another way is to set it."""
COLUMNS = {
    "assumed": "case name en zh source as_of kind",
    "card_changes": "card name how value",
    "card_fields": "field en zh ask_en ask_zh",
    "card_words": "word lang",
    "cards": "card en zh story_en story_zh ask_en ask_zh",
    "cases": "case en zh story_en story_zh",
    "choices": "field promise",
    "duty_table": "duty person role",
    "handouts": "sheet kind en zh",
    "routes": "route en zh goods_share fee_share traffic_share entry_fee",
    "timing": "starts minutes en zh",
}
"""The tables of the workshop, and the columns of each that are never empty."""
NUMBERS = {"routes": "goods_share fee_share traffic_share entry_fee", "timing": "minutes"}


def case_table(name: str, folder: Path | None = None) -> pd.DataFrame:
    """A table of the workshop's own, in `data/workshop`; its first lines may say where it comes from.

    >>> case_table("duty_table").columns.tolist()
    ['duty', 'person', 'role']
    """
    path = (folder or data_dir() / "workshop") / f"{name}.csv"
    return read_table(path, COLUMNS[name].split(), numbers=NUMBERS.get(name, "").split(), comment="#")


@cache
def figures_of(name: str) -> dict[str, float]:
    """The assumptions that a case has instead of the usual ones, as `assumed.csv` gives and explains them."""
    table = case_table("assumed")
    mine = table[(table["case"] == name) & ~table["name"].isin(list(Scenario.model_fields))]
    return dict(zip(mine["name"].astype(str), mine["value"].astype(float), strict=True))
