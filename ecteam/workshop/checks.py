"""Exercises that check themselves: a hint on the first wrong try, then the reason; what is unfinished is no try.

No answer stands here or in the judges: they work out anew, with ecteam, whether what was made holds.
"""

import inspect
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from ecteam.inputs.checks import did_you_mean, nearest
from ecteam.inputs.words import Language, language, number, read_in, text, use
from ecteam.workshop import friendly_errors
from ecteam.workshop.answers import NotYet, read
from ecteam.workshop.lesson import Lesson, hold, lessons

State = Literal["passed", "open", "hint", "reason", "guess"]


@dataclass(frozen=True)
class Said:
    """What a check says, as a notebook shows it."""

    state: State
    words: str

    def __repr__(self) -> str:
        return f"{_LOOK[self.state][0]} {self.words}"

    def _repr_html_(self) -> str:
        mark, colour = _LOOK[self.state]
        return (
            f"<div role='status' class='ecteam-{self.state}' style='border-left:4px solid {colour};"
            f"padding:.4rem .7rem;margin:.2rem 0;line-height:1.45'><b style='color:{colour}'>{mark}</b> "
            f"{escape(self.words)}</div>"
        )


_LOOK: Mapping[State, tuple[str, str]] = {
    "passed": ("✓", "#00795c"),
    "open": ("…", "#5b6672"),
    "hint": ("→", "#8a5a00"),
    "reason": ("→", "#a33b00"),
    "guess": ("?", "#0a5c99"),
}


@dataclass(frozen=True)
class Begun:
    """The lesson of this kernel, and how often each exercise was tried."""

    lesson: Lesson
    tries: Counter[str] = field(default_factory=Counter)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # The style that hides the passages of the other language.
        return read_in(language())._repr_mimebundle_()


_begun: dict[str, Begun] = {}


def begin(lesson: str, lang: Language = "en", case: str | None = None) -> Begun:
    """Begin a lesson in a notebook: one language is shown, and whatever fails is said in a kind sentence.

    `case` is a case of the workshop, by default the lesson's own.

    >>> begin("hats").lesson.held.name
    'tea'
    """
    use("zh" if lang == "zh" else "en")
    begun = _begun["now"] = Begun(hold(lesson, case))
    friendly_errors.watch()
    return begun


def check(exercise: str, names: Mapping[str, Any] | None = None) -> Said:
    """Look at the variable that an exercise asks for: `check("my_team")`, in the lesson that `begin` began.

    `names` are the variables to look in, by default those of the notebook.

    >>> _ = begin("queues")
    >>> check("my_saved", {"my_saved": ...}).state
    'open'
    """
    names = inspect.stack(0)[1].frame.f_globals if names is None else names
    begun = _begun.get("now")
    if begun is None:
        return Said("open", BEGIN_FIRST)
    exercises = begun.lesson.file.exercises
    if exercise not in exercises:
        return Said("open", NotYet("no_exercise", name=exercise, near=did_you_mean(exercise, exercises)).words)
    # The judges need most of ecteam: they are loaded when the first exercise is checked, not when a lesson begins.
    from ecteam.workshop import judges

    try:
        made = read(_found(exercise, names), exercises[exercise].takes, exercise)
        fault, values = judges.verdict(exercise, made, begun.lesson)
    except NotYet as error:
        return Said("open", error.words)
    shown = {key: number(value) if isinstance(value, float) else value for key, value in values.items()}
    if fault == "passed":
        return Said("passed", exercises[exercise].passed.said(**shown))
    begun.tries[exercise] += 1
    state: Literal["hint", "reason"] = "hint" if begun.tries[exercise] == 1 else "reason"
    return Said(state, getattr(exercises[exercise].wrong[fault], state).said(**shown))


def _found(name: str, names: Mapping[str, Any]) -> Any:
    if name in names:
        return names[name]
    exercises = {exercise for file in lessons().values() for exercise in file.exercises}
    mine = [other for other in names if other.startswith("my_") and other not in exercises]
    raise NotYet("no_variable", name=name, near=did_you_mean(name, mine) if nearest(name, mine) else "")


def guess(name: str, answer: float, unit: str = "", names: Mapping[str, Any] | None = None) -> Said:
    """Set a learner's guess beside the model's answer: `guess("my_guess", len(plan.seats), "people")`.

    The answer is shown only to those who guessed.

    >>> guess("my_guess", 8, "people", {"my_guess": 6})
    ? You guessed 6 people; the model says 8: you are 2 below it (25%).
    """
    names = inspect.stack(0)[1].frame.f_globals if names is None else names
    try:
        made = float(read(_found(name, names), "number", name))
    except NotYet as error:
        return Said("open", f"{error.words} {text('guess.first')}")
    unit = f" {unit}" if unit else ""
    how = "right" if made == answer else "above" if made > answer else "below"
    share = text("guess.share", share=f"{abs(made - answer) / abs(answer):.0%}") if answer else ""
    values = {"answer": number(answer), "far": number(abs(made - answer)), "share": share}
    return Said("guess", text(f"guess.{how}", made=f"{number(made)}{unit}", **values))


BEGIN_FIRST = (
    "Run the cells of this notebook from the top first (Run > Run All Cells). "
    "请先从头运行本笔记本（Run > Run All Cells）。"
)
