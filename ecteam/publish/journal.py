"""What a batch has done so far, so that it can go on after a kill at any moment; what the last whole one found; and who
writes into the folder now."""

import hashlib
import json
import math
import os
import platform
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict, get_origin, get_type_hints

from filelock import FileLock, Timeout

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_version
from ecteam.inputs.history import history_path
from ecteam.inputs.outside import guarded, read_bytes, read_json
from ecteam.inputs.scenario import PLACES, Scenario
from ecteam.inputs.tables import STAGES
from ecteam.publish.fleet import Shop

JOURNAL = ".batch.jsonl"
LAST = "fleet.json"
MANIFEST = "manifest.json"
LOCK = ".batch.lock"
"""The file that is locked while a batch writes into the folder; it stays there, empty."""
HOLDER = ".batch.holder"
"""Who has the lock."""
TOTALS = {"orders_total", "heads_first_month", "heads_last_month", "cost_per_month", "cost_per_order"}
"""The figures of a shop that an index shows."""
MOST_BYTES = 1_000_000_000
"""Of the rows of a batch: ten times what the largest fleet has."""


class Row(TypedDict):
    """A shop in the index: its figures if the report is right, else a sentence and the cell it stopped in.

    `key` marks the inputs and `manifest` the finished files; `before` are the figures of the last whole batch, if the
    shop was in it; `pay_shown` says that pay which the shop has set is in it.
    """

    name: str
    row: int
    folder: str
    key: str
    manifest: str
    sentence: str
    cell: str
    tries: int
    stage: str
    city: str
    currency: str
    totals: dict[str, float | None]
    before: dict[str, float | None]
    pay_shown: bool


def shared_mark(notebook: Path, *options: object) -> str:
    """One mark for what all reports share: notebook, options such as the language, and what reckons and draws."""
    return f"{digest(notebook)} {options} {maker_mark()}"


def maker_mark() -> str:
    """One mark for what makes numbers and pictures: tables, code, versions of packages."""
    mark = hashlib.sha256(data_version().encode())
    for package in sorted(Path(__file__).parents[1].rglob("*.py")):
        mark.update(package.read_bytes())
    packages = ("graphlay", "numpy", "pandas", "scipy", "matplotlib", "papermill", "nbconvert", "holidays")
    return f"{mark.hexdigest()} {platform.python_version()} {[version(package) for package in packages]}"


def key_of(shop: Shop, shared: str) -> str:
    """A mark of everything a report is made from, what it shares with all others included."""
    files = b"".join(path.read_bytes() for path in history_files(shop.scenario))
    inputs = [shop.scenario.model_dump(), dict(shop.figures), shop.folder, hashlib.sha256(files).hexdigest()]
    text = json.dumps([shared, *inputs], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def history_files(scenario: Scenario) -> list[Path]:
    """The order file of a shop and the datasheet beside it, as far as they are there."""
    history = history_path(scenario.history) if scenario.history else None
    return [path for path in (history, history.with_suffix(".yaml")) if path.is_file()] if history else []


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def is_whole(folder: Path, manifest: str) -> bool:
    """Whether the report is the one with this digest of its manifest, and every file is there as it was written."""
    try:
        return digest(folder / MANIFEST) == manifest and as_written(folder)
    except (OSError, ValueError):
        return False


def as_written(folder: Path) -> bool:
    """Whether a folder holds what its manifest says and nothing else; so does one that is empty, or not there."""
    files = {path.name for path in folder.glob("*")}
    if not files:
        return True
    try:
        written = read_json(folder / MANIFEST, "no manifest")["sha256"]
        return files == {MANIFEST, *written} and all(digest(folder / name) == mark for name, mark in written.items())
    except (InputError, OSError, ValueError, TypeError, LookupError, AttributeError):
        return False


class Journal:
    """The finished rows of a batch, each on disk before the next; read again after a kill."""

    def __init__(self, folder: Path) -> None:
        self.path, self.last = folder / JOURNAL, folder / LAST

    def before(self) -> tuple[list[Row], list[Row]]:
        """The rows of a batch that did not come to its end, and those of the last one that did."""
        return self._read(self.path), self._read(self.last)

    def _read(self, path: Path) -> list[Row]:
        if not os.path.lexists(path):
            return []
        with guarded(path.name, f"{path} is damaged or no file of ours; delete it to start anew"):
            text = read_bytes(path, MOST_BYTES).decode("utf-8")
            # A kill, or a full disk, may have cut the last line of the journal short.
            found = [json.loads(line) for line in text.split("\n")[:-1]] if path == self.path else json.loads(text)
            rows = [row for row in found if row.keys() >= Row.__annotations__.keys()]
            for row in rows:
                _check(row)
        return rows

    def begin(self, rows: Iterable[Row]) -> None:
        """Start anew with the rows that are kept."""
        whole(self.path, "".join(f"{json.dumps(row)}\n" for row in rows))

    def add(self, row: Row) -> None:
        """Note a finished row; when this returns, it outlives a kill."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row)}\n")
            file.flush()
            os.fsync(file.fileno())

    def end(self, rows: list[Row]) -> None:
        """The batch is whole: its rows are what the next one is compared with."""
        whole(self.last, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        self.path.unlink()


def _check(row: dict[str, Any]) -> None:
    """Raise `ValueError` for a row that no batch has written."""
    for field, kind in get_type_hints(Row).items():
        value = row[field]
        figures = [figure for figure in (value.values() if isinstance(value, dict) else ()) if figure is not None]
        if not isinstance(value, get_origin(kind) or kind) or not all(map(math.isfinite, figures)):
            raise ValueError(field)
    known = row["city"] in PLACES and row["stage"] in STAGES
    if not row["sentence"] and not (known and row["totals"].keys() >= TOTALS):
        raise ValueError(row["name"])


def whole(path: Path, text: str) -> None:
    """Write a file so that it appears by a rename, complete; a hidden one is for its owner alone."""
    new = path.with_name(f"{path.name}.new")
    # What a kill has left is not written into: it may lead elsewhere.
    new.unlink(missing_ok=True)
    mode = 0o600 if path.name.startswith(".") else 0o666
    with open(new, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


@contextmanager
def only_batch(folder: Path) -> Iterator[None]:
    """Make the folder, if it is not there, and hold it while the block runs; raises `InputError` that names the
    process, host and start of who has it.

    A holder on another host, whose locks may not show here, is believed, and must be deleted by hand after a crash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / HOLDER
    held_by = _holder(note)
    if (folder / LOCK).is_symlink():
        raise InputError(f"{folder / LOCK} leads elsewhere, which no lock of ours does; delete it")
    try:
        with FileLock(folder / LOCK, mode=0o600, blocking=False):
            if held_by.get("host", socket.gethostname()) != socket.gethostname():
                raise InputError(f"{_in_use(folder, held_by)}; if it runs no longer, delete {note}")
            mine = {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now():%Y-%m-%d %H:%M}"}
            whole(note, json.dumps(mine))
            try:
                yield
            finally:
                note.unlink(missing_ok=True)
    except Timeout:
        raise InputError(_in_use(folder, held_by)) from None


def _holder(note: Path) -> dict[str, str]:
    try:
        holder = read_json(note, "no note")
    except InputError:
        return {}
    return holder if isinstance(holder, dict) and isinstance(holder.get("host"), str) else {}


def _in_use(folder: Path, holder: dict[str, str]) -> str:
    who = f"process {holder.get('pid', 'unknown')} on {holder.get('host', 'this host')}"
    since = f" since {holder['since']}" if "since" in holder else ""
    return f"{folder} is in use by another batch: {who}{since}"
