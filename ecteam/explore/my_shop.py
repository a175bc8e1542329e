"""The shop that is set in the first notebook: kept beside the notebooks, and where every notebook starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import yaml

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.files import data_dir
from ecteam.inputs.history import History, load_history
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import read_scenario, to_yaml
from ecteam.inputs.words import LANGUAGES, Language, label, language, phrase, read_in, text, use
from ecteam.plan.plan import Plan, make_plan

FOLDER = Path("my_shop")
"""Beside the notebook that runs: a kernel's working folder is the notebook's."""
SHOP, ORDERS, APP = "my_shop.yaml", "orders.csv", "app.yaml"
MEASURES = {"lines": "lines_column", "units": "units_column", "value": "value_column", "returns": "returns_column"}


def keep(shop: Scenario, figures: Mapping[str, float], folder: Path = FOLDER) -> Path:
    """Keep a shop for every notebook: its settings, and of an order file the counts by hour, nothing else of it."""
    folder.mkdir(exist_ok=True)
    if shop.history and os.path.isfile(shop.history):
        counts, notes = counts_of(load_history(shop.history))
        counts.to_csv(folder / ORDERS, index=False)
        notes_file = (folder / ORDERS).with_suffix(".yaml")
        notes_file.write_text(yaml.safe_dump(notes, sort_keys=False), encoding="utf-8")
        shop = shop.with_changes(history=ORDERS)
    (folder / SHOP).write_text(to_yaml(shop, figures), encoding="utf-8")
    if _in_app():
        _choose(scenario="")
    return folder / SHOP


def counts_of(history: History) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A history as counts by hour (by day where hours are not known) and notes, which read as the same history again.

    No name, address, number or single order of the file is in them.
    """
    measures = [name for name in MEASURES if name in history.hourly]
    counts = history.hourly[["hour_start", "orders", *measures]].copy()
    counts["hour_start"] = counts["hour_start"].dt.strftime("%Y-%m-%dT%H:%M" if history.clock else "%Y-%m-%d")
    days = history.daily.assign(day=history.daily["date"].dt.strftime("%Y-%m-%d"))
    notes: dict[str, Any] = {"time_column": "hour_start", "orders_column": "orders"}
    notes |= {MEASURES[name]: name for name in measures}
    notes["closed"] = days.loc[days["closed"], "day"].tolist()
    notes["missing"] = days.loc[~days["use"] & ~days["closed"], "day"].tolist()
    return counts, notes


@dataclass(frozen=True, eq=False)
class Start:
    """Where a notebook starts: `plan` and its `shop`. Shown, it says whose shop that is and how to change it."""

    plan: Plan
    kept: bool

    @property
    def shop(self) -> Scenario:
        """The shop that is planned."""
        return self.plan.scenario

    def _repr_html_(self) -> str:
        name = escape(phrase(self.shop.name))
        links = [text("start.kept" if self.kept else "start.sample", name=name)]
        if _in_app():
            links += [f"<a href='?scenario={key}'>{escape(said)}</a>" for key, said in _shops().items()]
            links += ["<a href='?lang=en' lang='en'>English</a>", "<a href='?lang=zh' lang='zh'>中文</a>"]
        # A page of the app is left for the next; JupyterLab opens a link beside the notebook.
        line = " · ".join(links).replace("<a ", "<a target='_self' " if _in_app() else "<a ")
        return f"{read_in(language()).html}<p class='ecteam-start'>{line}</p>"


def start(sample: str, scenario: str | None = None, lang: Language | None = None, **changes: Any) -> Start:
    """What a notebook starts from: a named scenario, else the shop kept in the first notebook, else a sample.

    In the app (`make app`) the links of a page choose shop and language, for all pages. `changes` are fields of the
    scenario that the notebook needs. Raises `InputError` as `read_scenario` does.

    >>> start("tea_shop_startup", "tea_shop_growth").shop.stage
    'growth'
    """
    chosen = _chosen_in_app() if _in_app() else {}
    use(chosen.get("lang") or lang or "en")
    own = FOLDER / SHOP
    name = chosen.get("scenario") or scenario or (str(own) if own.is_file() else sample)
    shop, figures = read_scenario(name, **changes)
    if name in _shops():
        shop = shop.with_changes(name=phrase(shop.name))
    plan = make_plan(shop, load_assumptions().with_values(**figures) if figures else None)
    return Start(plan, name == str(own))


def _in_app() -> bool:
    """Whether Voila runs this kernel: it hands its kernels the request, as a web server does."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def _shops() -> dict[str, str]:
    """The shops that a page of the app may show: the kept one, whose key is empty, and the samples."""
    own = {"": label("start.my_shop")} if (FOLDER / SHOP).is_file() else {}
    names = sorted(path.stem for path in (data_dir() / "scenarios").glob("*.yaml"))
    return own | {name: phrase(read_scenario(name)[0].name) for name in names}


def _chosen_in_app() -> dict[str, Any]:
    """Language and shop that a link of the app chose, now or on an earlier page."""
    asked = dict(parse_qsl(os.environ.get("QUERY_STRING", ""), keep_blank_values=True))
    known = {"lang": LANGUAGES, "scenario": tuple(_shops())}
    return _choose(**{key: value for key, value in asked.items() if value in known.get(key, ())})


def _choose(**new: str) -> dict[str, Any]:
    file = FOLDER / APP
    chosen: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if new:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(chosen | new), encoding="utf-8")
    return chosen | new
