"""What learners made, read kindly: a thing of the kind that is asked for, or a sentence that says what to do."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.checks import did_you_mean
from ecteam.inputs.words import LANGUAGES, Language, Name, language
from ecteam.workshop.cases import Case


def say(en: str, zh: str) -> str:
    """A sentence in the language that is set."""
    return en if language() == "en" else zh


class NotYet(Exception):
    """What was made is not yet an answer; the sentence says what to do. Takes one sentence for each language."""

    def __init__(self, en: str, zh: str) -> None:
        self.words: dict[Language, str] = {"en": en, "zh": zh}
        super().__init__(en)


def unfinished(made: Any) -> bool:
    """Whether there is still a `...` in something, however deep.

    >>> unfinished({"pack_orders": ["Owner", ...]}), unfinished(7)
    (True, False)
    """
    if made is ...:
        return True
    if isinstance(made, str | bytes):
        return False
    if isinstance(made, Mapping):
        return any(unfinished(part) for pair in made.items() for part in pair)
    if isinstance(made, pd.DataFrame):
        return any(unfinished(made[column].tolist()) for column in made)
    if isinstance(made, Sequence | set | pd.Series | np.ndarray):
        return any(unfinished(part) for part in made)
    return False


def read(made: Any, kind: str, name: str) -> Any:
    """A learner's thing as its judge takes it; raises `NotYet` where it is unfinished or of another kind.

    >>> read("7", "whole", "my_least")
    Traceback (most recent call last):
    ecteam.workshop.answers.NotYet: my_least is the text '7'; write a whole number without quotes, such as my_least = 7
    """
    if unfinished(made):
        raise NotYet(
            f"Not yet: {name} still holds dots. Put your answer where the ... is, run the cell, then this one.",
            f"还没完成：{name} 里还有省略号。把 ... 换成你的答案，运行那一格，再运行这一格。",
        )
    kind_en, kind_zh, example, reader = READERS[kind]
    value = reader(made)
    if value is None:
        en, zh = _what(made)
        quotes = isinstance(made, str) and kind in ("number", "whole")
        raise NotYet(
            f"{name} is {en}; write {kind_en}{' without quotes' if quotes else ''}, such as {name} = {example}",
            f"{name} 现在是{zh}；请写成{kind_zh}{'，不要加引号' if quotes else ''}，例如 {name} = {example}",
        )
    return value


def key_of(name: str, known: Iterable[str], what: tuple[str, str], names: Mapping[str, str] | None = None) -> str:
    """The key that somebody means who writes it, or its label in either language; `names` are other spellings.

    >>> key_of("打包", ["pack_orders", "pick_orders"], ("duty", "职责"))
    'pack_orders'
    >>> key_of("pakc_orders", ["pack_orders", "pick_orders"], ("duty", "职责"))
    Traceback (most recent call last):
    ecteam.workshop.answers.NotYet: There is no duty 'pakc_orders' here; did you mean 'pack_orders'?
    """
    keys = list(known)
    spelled = {Name(key).in_language(lang).lower(): key for lang in LANGUAGES for key in keys}
    spelled |= {other.lower(): key for other, key in (names or {}).items()} | {key.lower(): key for key in keys}
    if name.lower() in spelled:
        return spelled[name.lower()]
    near = did_you_mean(name, spelled)
    en, zh = what
    raise NotYet(
        f"There is no {en} {name!r} here{near or '; write it as the table spells it'}",
        f"这里没有{zh}“{name}”{near.in_language('zh') or '；请照表里的写法写'}",
    )


def _number(made: Any) -> float | None:
    fine = isinstance(made, Real | np.number) and not isinstance(made, bool | np.bool_) and math.isfinite(float(made))
    return float(made) if fine else None


def _whole(made: Any) -> float | None:
    """A number; whether it is whole is the judge's to say, who can say why it must be."""
    return int(made) if isinstance(made, Integral) and not isinstance(made, bool) else _number(made)


def _text(made: Any) -> str | None:
    return made.strip() if isinstance(made, str) and made.strip() else None


def _texts(made: Any) -> list[str] | None:
    if isinstance(made, str | Mapping) or not isinstance(made, Sequence | set | pd.Series | pd.Index):
        return None
    found = [_text(part) for part in made]
    return None if None in found else [text for text in found if text]


def _by_name(value_of: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any] | None]:
    """A reader of values by their names, where each is of one kind."""

    def reader(made: Any) -> dict[str, Any] | None:
        if not isinstance(made, Mapping | pd.Series):
            return None
        values = {_text(name): value_of(value) for name, value in made.items()}
        return None if None in values or None in values.values() else values  # type: ignore[return-value]

    return reader


def _case(made: Any) -> Case | None:
    return made if isinstance(made, Case) else None


# What an exercise may ask for: in words, an example, and how it is read (None: it is something else).
READERS: Mapping[str, tuple[str, str, str, Callable[[Any], Any]]] = {
    "number": ("a number", "一个数", "2.5", _number),
    "whole": ("a whole number", "一个整数", "7", _whole),
    "text": ("a text in quotes", "加引号的文字", '"..."', _text),
    "texts": ("a list of texts", "文字列表", '["...", "..."]', _texts),
    "names": ("a table of names in braces", "大括号里的名称对照", '{"...": "..."}', _by_name(_text)),
    "figures": ("names with numbers in braces", "大括号里的名称与数字", '{"...": 3}', _by_name(_number)),
    "case": ("a case", "一个案例（Case）", "case.changed(...)", _case),
}


def _what(made: Any) -> tuple[str, str]:
    """What somebody wrote instead, in words."""
    shown = repr(made) if isinstance(made, str | bool | int | float | type(None)) else ""
    shown = f" {shown[:40]}" if shown else ""
    for kinds, en, zh in (
        (type(None), "still empty (None)", "空的（None）"),
        (bool, f"the truth value{shown}", f"逻辑值{shown}"),
        (str, f"the text{shown}" if made != "" else "an empty text", f"文字{shown}" if made != "" else "空文字"),
        (Real, f"the number{shown}", f"数字{shown}"),
        (pd.DataFrame, "a table", "一张表"),
        (Mapping, "a table in braces with other things in it", "大括号，但内容不是所要的类型"),
        (Sequence | set, "a list", "一个列表"),
    ):
        if isinstance(made, kinds):
            return en, zh
    if callable(made):
        return "a function; call it with brackets ()", "一个函数，要加括号 () 调用"
    return f"of the kind {type(made).__name__}", f"{type(made).__name__} 类型"
