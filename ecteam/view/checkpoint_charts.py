"""The build plan on the calendar: a bar a task, a mark a checkpoint, the owner on the row."""

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from ecteam.inputs.labels import Language, month_in_words, person
from ecteam.view.picture import axes_of, columns, day_name, note

ROW_INCHES = 0.27
"""Height of a task's row; `gantt_height` gives that of the whole picture."""
_WORDS: dict[str, dict[Language, str]] = {
    "title": {
        "en": "{n} checkpoints by {last}; no stretch over {weeks:.1f} weeks",
        "zh": "至{last}共 {n} 个检查点，单段工作最长 {weeks:.1f} 周",
    },
    "axis": {"en": "week beginning", "zh": "周（起始日）"},
    "rows": {"en": "task · owner", "zh": "任务 · 负责人"},
    "critical": {"en": "may not be late", "zh": "不可延误"},
    "slack": {"en": "has days to spare", "zh": "有余量"},
    "mark": {"en": "checkpoint: a result that is there", "zh": "检查点：可见的结果"},
}


def gantt_height(cut: pd.DataFrame) -> float:
    """The height in inches that a Gantt chart of these checkpoints needs: the `height` of `charts.picture`."""
    return 1.5 + ROW_INCHES * cut["task"].nunique()


def gantt(cut: pd.DataFrame, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """When does each task run, when is what there, and who answers for it?

    `cut` is what `checkpoints.checkpoints` gives; the table of the same figures is `checkpoint_table`.
    """
    ax = axes_of(ax)
    words = {key: word[lang] for key, word in _WORDS.items()}
    of_task = {"start": ("start", "min"), "due": ("due", "max"), "name": (lang, "first"), "owner": ("owner", "first")}
    rows = cut.groupby("task", sort=False).agg(**of_task, critical=("critical", "first"))
    rows = rows.sort_values(["start", "due"], kind="stable")
    at = pd.Series(np.arange(len(rows)), index=rows.index)
    colours = np.where(rows["critical"], "C0", "C4")
    # A bar ends with the last of its days, not at its first hour.
    day = pd.Timedelta(days=1)
    start, end = (mdates.date2num(rows[edge].to_numpy()) for edge in ("start", "due"))
    columns(ax, at, end + 1 - start, start, width=0.55, color=list(colours), lying=True)
    marks = mdates.date2num((cut["due"] + day).to_numpy())
    ax.scatter(marks, cut["task"].map(at), marker="D", s=26, color="black", zorder=3)
    ax.set_yticks(
        at,
        [f"{name} · {person(owner, lang)}" for name, owner in zip(rows["name"], rows["owner"], strict=True)],
    )
    ax.tick_params(axis="y", labelsize=8, length=0)
    ax.tick_params(axis="x", labelsize=8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    first, last = cut["start"].min(), cut["due"].max()
    ax.set_xlim(start.min(), marks.max() + 0.02 * (marks.max() - start.min()))
    # Mondays as given ticks: matplotlib's locator of weekdays takes seconds to find them.
    step = max(1, round((last - first).days / 7 / 8))
    mondays = pd.date_range(first, last + day, freq=f"{step}W-MON")
    new_year = np.diff(mondays.year, prepend=0) != 0
    years = [f"\n{day.year}" if new else "" for day, new in zip(mondays, new_year, strict=True)]
    ax.set_xticks(
        mdates.date2num(mondays.to_numpy()), [day_name(d, lang) + y for d, y in zip(mondays, years, strict=True)]
    )
    ax.grid(axis="x", visible=True)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(words["axis"])
    ax.set_ylabel(words["rows"])
    month = month_in_words(last.to_period("M"), lang)
    ax.set_title(words["title"].format(n=len(cut), last=month, weeks=cut["weeks"].max()), pad=24)
    _said_of_colours(ax, words)
    return ax


def _said_of_colours(ax: Axes, words: dict[str, str]) -> None:
    """What the two blues and the mark mean, in words of their own colour under the finding."""
    for key, sign, share, colour in (("critical", "■", 0.0, "C0"), ("slack", "■", 0.28, "C4"), ("mark", "◆", 0.6, "k")):
        note(ax, share, 1, sign, dy=6, size=8, color=to_rgb(colour), within="axes", va="bottom")
        note(ax, share, 1, words[key], dx=12, dy=6, size=8, color=colour, within="axes", va="bottom")
