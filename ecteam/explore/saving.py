"""The shelf of an explorer: a link that saves its settings, a button that opens saved ones, and the code behind it."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ipywidgets as widgets

from ecteam.explore.as_code import code_of
from ecteam.explore.page import WORDS
from ecteam.inputs.labels import Language
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import scenario_in, to_yaml


class Shelf(widgets.HBox):
    """Save, open, and show the code. `file` is the text that the link saves, `code` the lines that are shown."""

    def __init__(self, lang: Language) -> None:
        say = WORDS[lang]
        self._lang = lang
        self.file = ""
        self.link = widgets.HTML()
        self.opened = widgets.FileUpload(
            accept=".yaml,.yml", description=say["open"], icon="folder-open", layout=widgets.Layout(width="auto")
        )
        self.show_code = widgets.ToggleButton(description=say["code"], icon="code", layout=widgets.Layout(width="auto"))
        self.code = ""
        self.page = widgets.HTML()
        super().__init__([self.link, self.opened, self.show_code], layout=widgets.Layout(flex_flow="row wrap"))

    def put(self, shop: Scenario, figures: Mapping[str, float]) -> None:
        """Have the link save these settings. An order file is named without its folder: it lies beside the settings."""
        history = shop.history
        if history and Path(history).is_absolute():
            shop = shop.with_changes(history=Path(history).name)
        self.file = to_yaml(shop, figures)
        name = re.sub(r"[^\w-]+", "_", shop.name).strip("_") or "scenario"
        self.link.value = (
            f"<a class='ecteam-button' download='{escape(name)}.yaml' "
            f"href='data:text/yaml;charset=utf-8,{quote(self.file)}'>{WORDS[self._lang]['save']}</a>"
        )

    def read(self, name: str, content: bytes, folder: Path | None) -> tuple[Scenario, dict[str, Any]]:
        """The scenario and the figures of a file of settings; an order file is looked for in `folder`."""
        return scenario_in(content, name, folder)

    def say(self, shop: Scenario, figures: Mapping[str, float], view: Any, options: Mapping[str, Any]) -> None:
        """Show the lines that make a view again, while they are asked for."""
        self.code, self.page.value = "", ""
        if self.show_code.value:
            self.code = code_of(shop, figures, view, **options)
            words = WORDS[self._lang]["code_help"]
            self.page.value = f"{words}<pre class='ecteam-code' tabindex='0'>{escape(self.code)}</pre>"
