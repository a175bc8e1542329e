"""Whatever fails in a learner's cell, in one kind sentence instead of a traceback."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from ecteam.inputs.checks import InputError, nearest
from ecteam.inputs.words import language, phrase
from ecteam.workshop.answers import NotYet, say


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
    if isinstance(error, InputError) and "ellipsis" not in str(error).lower():
        return [say(f"Not quite: {mistake}", f"输入有误：{phrase(mistake)}") for mistake in error.mistakes]
    return [error.words[language()] if isinstance(error, NotYet) else say(*_cause(error, names))]


def _cause(error: BaseException, names: Any) -> tuple[str, str]:
    """What went wrong in both languages."""
    if "ellipsis" in str(error).lower():
        return (
            "There is still a ... in this cell: put your answer in its place and run the cell again.",
            "这一格里还有省略号 ...：把它换成你的答案，再运行。",
        )
    if isinstance(error, NameError):
        name = error.name or (re.findall(r"'([^']+)'", str(error)) or ["?"])[0]
        near = nearest(name, [n for n in names if not n.startswith("_")])
        return (
            f"There is no {name} yet{f'; did you mean {near!r}?' if near else '.'} Run the cells above this one, from "
            "the top.",
            f"还没有 {name}{f'，是不是 {near!r}？' if near else '。'}请从头依次运行上面各格。",
        )
    if isinstance(error, SyntaxError):
        line, (why_en, why_zh) = (
            error.lineno or 1,
            next(why for fits, *why in SYNTAX if re.search(fits, error.msg or "")),
        )
        return (
            f"Python cannot read line {line}: {why_en}. Mend it and run the cell again.",
            f"第 {line} 行 Python 读不懂：{why_zh}。改好后再运行。",
        )
    if isinstance(error, KeyError):
        return (
            f"There is nothing called {error.args[0]!r} here: compare the name with the table above.",
            f"没有名为 {error.args[0]!r} 的列或条目：对照上面的表看看写法。",
        )
    what = (str(error) or type(error).__name__).splitlines()[0]
    return (
        f"This cell did not finish ({what}). Look at what you changed last; "
        "if that does not help, raise a hand, or start over with Kernel > Restart.",
        f"这一格没有算完（{what}）。检查一下你改过的地方；改不好就举手，或从菜单 Kernel > Restart 重新开始。",
    )


SYNTAX = (
    (r"never closed|incomplete input|EOF", "a bracket is not closed", "有括号没有闭合"),
    (r"unterminated", "a quote is not closed", "引号没有闭合"),
    (r"invalid character", "a character of another keyboard (， “) stands in it", "用了中文标点，请换成英文标点"),
    (r"forgot a comma|Perhaps", "a comma is missing", "可能漏了逗号"),
    (r"indent", "it does not begin where the line above begins", "缩进与上一行对不上"),
    (r"unmatched|does not match", "a bracket is closed that was not opened", "括号不配对"),
    (r"", "something is missing, often the value after =", "少了点什么，常见的是 = 后面没有写值"),
)
"""What is most often wrong with a line that Python cannot read, by the pattern of its message; the last fits all."""
