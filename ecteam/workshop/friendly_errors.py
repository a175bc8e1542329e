"""Whatever fails in a learner's cell, in one kind sentence instead of a traceback."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from ecteam.inputs.checks import InputError, nearest
from ecteam.inputs.words import phrase, text
from ecteam.workshop.answers import NotYet


def watch() -> None:
    """Show what fails in the cells of this notebook as a sentence; outside of a notebook nothing changes."""
    from IPython import get_ipython

    def shown(shell: Any, _kind: type, error: BaseException, _trace: Any, **_: Any) -> list[str]:
        return show(error, shell.user_ns)

    if shell := get_ipython():
        shell.set_custom_exc((Exception,), shown)


def show(error: BaseException, names: Mapping[str, Any]) -> list[str]:
    """Show what went wrong below a cell; gives the sentences."""
    from IPython.display import HTML, display

    words = sentence(error, names)
    style = "color:#a33b00;margin:.2rem 0"
    display(HTML("".join(f"<p role='alert' style='{style}'>→ {escape(said)}</p>" for said in words)))
    return words


def sentence(error: BaseException, names: Any = ()) -> list[str]:
    """What went wrong and what to do, a sentence for each mistake.

    >>> sentence(NameError("name 'my_tema' is not defined", name="my_tema"), {"my_team": 1})
    ["There is no my_tema yet; did you mean 'my_team'? Run the cells above this one, from the top."]
    """
    if "ellipsis" in str(error).lower():
        return [text("error.dots")]
    if isinstance(error, NotYet):
        return [error.words]
    if isinstance(error, InputError):
        return [text("error.input", mistake=phrase(mistake)) for mistake in error.mistakes]
    if isinstance(error, NameError):
        name = error.name or (re.findall(r"'([^']+)'", str(error)) or ["?"])[0]
        near = nearest(name, [n for n in names if not n.startswith("_")])
        return [text("error.name", name=name, near=text("error.near", near=near) if near else text("error.no_near"))]
    if isinstance(error, SyntaxError):
        why = next(why for fits, why in SYNTAX if re.search(fits, error.msg or ""))
        return [text("error.syntax", line=error.lineno or 1, why=text(f"syntax.{why}"))]
    if isinstance(error, KeyError):
        return [text("error.key", name=error.args[0])]
    return [text("error.other", what=(str(error) or type(error).__name__).splitlines()[0])]


SYNTAX = (
    (r"never closed|incomplete input|EOF", "open"),
    (r"unterminated", "quote"),
    (r"invalid character", "keyboard"),
    (r"forgot a comma|Perhaps", "comma"),
    (r"indent", "indent"),
    (r"unmatched|does not match", "close"),
    (r"", "other"),
)
"""What is most often wrong with a line that Python cannot read, by the pattern of its message; the last fits all."""
