"""What a browser needs around an explorer's widgets: their look, the script that names them, alerts and a busy bar."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ecteam.inputs.words import CARDS, phrase, text

PAGE, SCRIPT = (
    f"<{tag}>{start}{Path(__file__).with_name(name).read_text('utf-8')}</{tag}>"
    for tag, start, name in (("style", CARDS, "explorer.css"), ("script", "\n", "explorer.js"))
)
"""The look of what explorers show; and what names each control for screen readers and frees its keys."""


def alert(mistakes: Sequence[str]) -> str:
    """Sentences about what was set wrong, which a screen reader says at once."""
    return "".join(f"<p role='alert' class='ecteam-alert'>{escape(phrase(sentence))}</p>" for sentence in mistakes)


def busy(seconds: float) -> str:
    """A bar that fills in the time that the work took before."""
    said = text("explore.busy", seconds=f"{seconds:.0f}")
    return (
        f"<div role='progressbar' aria-label='{said}' class='ecteam-busy'><span>{said}</span>"
        f"<div style='animation-duration: {seconds:.1f}s'></div></div>"
    )
