"""Say by dropdowns what the columns of an order file are for, above a preview of its first rows."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd
import yaml

from ecteam.explore.controls import LABEL_WIDTH, WIDTH
from ecteam.inputs.checks import InputError
from ecteam.inputs.order_dialects import SAMPLE_ROWS, looks_like_header, may_be_personal
from ecteam.inputs.order_files import open_table
from ecteam.inputs.order_times import has_date, read_moments
from ecteam.inputs.outside import read_yaml
from ecteam.inputs.words import Sentence, text
from ecteam.view.table import plain

ROLES = ("time", "clock", "number", "orders", "status", "units", "value")
PREVIEW_ROWS = 5
FEW_WORDS = 12
"""A column of no more words than these holds states or kinds, not people."""
CAN_BE_SAID = (
    "no_time_column",
    "order_no_",
    "order_value_unclear",
    "order_time_",
    "order_number_again",
    "order_column_",
)
"""The sentences, by how their keys begin, that a form answers."""


def can_be_said(error: InputError) -> bool:
    """Whether a file was refused for what its owner can say of its columns."""
    notes = [mistake.note for mistake in error.mistakes if isinstance(mistake, Sentence) and mistake.note]
    return any(note.key.startswith(CAN_BE_SAID) for note in notes)


class ColumnForm(widgets.VBox):
    """The dropdowns and preview of one file. `read` takes the file's notes as YAML when the button is clicked."""

    def __init__(self, name: str, content: bytes, notes: bytes | None, read: Callable[[bytes], None]) -> None:
        table = open_table(content, name, looks_like_header)
        # A file without a header has a customer's words for headers.
        shown = [f"{at + 1}: {'…' if may_be_personal(head) else head}" for at, head in enumerate(table.headers)]
        given = read_yaml(notes, f"{name}.yaml")[0] if notes else None
        self._notes = dict(given or {})
        words: dict[str, Any] = {
            "layout": {"width": WIDTH, "max_width": "100%"},
            "style": {"description_width": LABEL_WIDTH},
        }
        options = [("–", ""), *((show, head) for show, head in zip(shown, table.headers, strict=True) if head)]
        self.fields: dict[str, widgets.Widget] = {
            f"{role}_column": widgets.Dropdown(options=options, description=text(f"columns.{role}"), **words)
            for role in ROLES
        }
        days = [("–", None), (text("columns.day_first"), True), (text("columns.month_first"), False)]
        self.fields["day_first"] = widgets.Dropdown(options=days, description="05/01/2026", **words)
        self.fields["time_zone"] = widgets.Text(
            placeholder="Asia/Shanghai", description=text("columns.zone"), continuous_update=False, **words
        )
        for key, field in self.fields.items():
            if key in self._notes:
                field.value = self._notes[key]
        self.button = widgets.Button(description=text("columns.read"), icon="check", layout={"width": "auto"})
        self.button.on_click(lambda _: read(self.notes))
        preview = _preview(table.sample(range(len(table.headers)), SAMPLE_ROWS), shown)
        says = widgets.HTML(f"<p>{escape(text('columns.help', file=name))}</p>{preview}")
        super().__init__([says, *self.fields.values(), self.button])

    @property
    def notes(self) -> bytes:
        """What the YAML file beside the order file would say."""
        said = {key: field.value for key, field in self.fields.items() if field.value not in ("", None)}
        rest = {key: value for key, value in self._notes.items() if key not in self.fields}
        return yaml.safe_dump(rest | said, allow_unicode=True, sort_keys=False).encode() if rest | said else b""


def _preview(cells: pd.DataFrame, headers: list[str]) -> str:
    """The first rows as a table, with dots for what may be a customer's: only moments, numbers and states are shown."""
    shown = pd.DataFrame({headers[at]: _masked(cells[at], headers[at]) for at in cells})
    return f"<div tabindex='0' class='ecteam-preview'>{plain(shown).to_html()}</div>"


def _masked(cells: pd.Series, header: str) -> list[str]:
    first, filled = cells[:PREVIEW_ROWS].tolist(), cells[cells != ""]
    if may_be_personal(header):
        return ["…" if cell else "" for cell in first]
    if has_date(read_moments(filled)).mean() > 0.5 or (
        filled.nunique() <= FEW_WORDS and filled.nunique() * 4 <= len(filled)
    ):
        return first
    # Of a long number, which may be a telephone's, its beginning; of a text, nothing.
    return [
        f"{cell[:3]}…" if len(re.sub(r"\D", "", cell)) > 6 and not re.search(r"[^\W\d_]", cell)
        else cell if not re.search(r"[^\W\d_]{2}|@", cell)
        else "…" for cell in first
    ]  # fmt: skip
