"""A shop's own order file, as it comes from an upload: checked, kept for this session, and said in a few lines."""

import tempfile
from collections.abc import Mapping
from html import escape
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

from ecteam.inputs.checks import InputError
from ecteam.inputs.history import History, load_history
from ecteam.inputs.words import Note, text

YEAR_DAYS = 365
FROM_FILE = {"average_order_value": "value", "return_share": "returns"}
OWN = {"lines_per_order": "lines", "units_per_line": "units"}
"""Fields that a file may say, and those that are left to it where it knows them: field -> the measure per order."""


class OrderFile(NamedTuple):
    """An order file that was read: its orders, and what it says of the scenario's fields."""

    history: History
    fields: dict[str, Any]


class Uploads:
    """A folder of uploaded files that is gone with the session."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ecteam_")
        self.folder = Path(self._folder.name)

    def order_file(self, name: str, content: bytes, notes: bytes | None = None) -> OrderFile:
        """Keep an order file, with its YAML file of notes if it has one, and read it.

        Raises `InputError` for a file that is none; then all is kept as it was.
        """
        path = self.folder / _file_name(name)
        files = {path: content, path.with_suffix(".yaml"): notes}
        before = {file: file.read_bytes() if file.is_file() else None for file in files}
        _write(files)
        try:
            history = load_history(str(path))
        except InputError:
            _write(before)
            raise
        says = {field: history.per_order(measure) for field, measure in FROM_FILE.items()}
        own = {field: None for field, measure in OWN.items() if history.per_order(measure) is not None}
        known = {field: round(value, 4) for field, value in says.items() if value is not None}
        return OrderFile(history, {"history": str(path), "orders_per_day": None, **own, **known})


def with_notes(files: Mapping[str, bytes]) -> list[tuple[str, bytes, bytes | None]]:
    """Order files among uploaded ones, each with the YAML file of notes that has its name.

    >>> with_notes({"a.csv": b"1", "a.yaml": b"2", "b.csv": b"3"})
    [('a.csv', b'1', b'2'), ('b.csv', b'3', None)]
    """
    notes = {Path(name).stem: content for name, content in files.items() if name.endswith((".yaml", ".yml"))}
    orders = [name for name in files if not name.endswith((".yaml", ".yml"))]
    if alone := notes.keys() - {Path(name).stem for name in orders}:
        raise InputError([Note("notes_alone", notes=f"{stem}.yaml", file=f"{stem}.csv") for stem in alone])
    return [(name, files[name], notes.get(Path(name).stem)) for name in orders]


def _write(files: Mapping[Path, bytes | None]) -> None:
    """Write files, and remove those without content."""
    for path, content in files.items():
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content)


def _file_name(name: str) -> str:
    """The name of an uploaded file without any folder, whatever the browser sends."""
    last = PureWindowsPath(PurePosixPath(name.replace("\0", "")).name).name
    if not last or last in (".", ".."):
        raise InputError(f"{name!r} is no name of a file")
    return last[-100:]


def checked(found: OrderFile) -> str:
    """What was read in an order file, for its owner to check: platform, orders, days, what was left out, per order."""
    history = found.history
    used, closed = int(history.daily["use"].sum()), int(history.daily["closed"].sum())
    measures = {measure: history.per_order(measure) for measure in ("lines", "units", "value", "returns")}
    known = [f"{text(f'upload.{measure}')} {value:.2f}" for measure, value in measures.items() if value is not None]
    parts = [
        *history.what_was_read(),
        text("upload.days", closed=closed, used=used),
        *([text("upload.no_seasons", days=len(history.daily))] if len(history.daily) < YEAR_DAYS else []),
        text("upload.per_order", known=known) if known else text("upload.only_times"),
    ]
    return "<p role='status' class='ecteam-checked'>" + "<br>".join(escape(str(part)) for part in parts) + "</p>"


def to_keep(name: str, notes: bytes) -> str:
    """What was said of a file's columns, for the YAML file beside it."""
    kept = escape(text("columns.keep", notes=f"{Path(name).stem}.yaml"))
    return f"<p>{kept}</p><pre class='ecteam-code'>{escape(notes.decode())}</pre>"
