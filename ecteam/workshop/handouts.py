"""Handouts to print on A4: positioning card, route, count sheet, guesses, event cards, cases, timing sheet."""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import pandas as pd

from ecteam.inputs.labels import Language
from ecteam.workshop.cases import cards, case_table, cases
from ecteam.workshop.lesson import lessons
from ecteam.workshop.pages import page, table, write

WORDS = {
    "title": ("Handouts of the workshop", "工作坊讲义"),
    "cards": ("Event cards", "事件卡"),
    "cut": ("Print, cut, fold, shuffle. In Python: ", "打印、裁开、对折、洗牌。在 Python 里："),
    "cases": ("Five cases", "五个案例"),
    "timing": ("Timing sheet (three hours)", "时间表（三小时）"),
    "from": ("Minute", "第几分钟"),
    "minutes": ("Minutes", "时长"),
    "what": ("What", "内容"),
    "materials": ("Materials", "材料"),
    "lessons": ("Lessons", "课程"),
    "lesson": ("Lesson", "课"),
    "afterwards": ("Afterwards", "学完之后"),
}


def handouts(lang: Language = "en") -> str:
    """All handouts as one page whose sheets begin on new sheets of paper.

    >>> handouts("zh").count("<section")
    9
    """
    texts = case_table("handouts")
    sheets = [_sheet(rows, lang) for _, rows in texts.groupby("sheet", sort=False)]
    sheets += [_cards(lang), _cases(lang), _timing(lang)]
    body = [f"<section class=sheet>{sheet}</section>" for sheet in sheets]
    return page(_word("title", lang), body, lang)


def write_handouts(folder: Path) -> list[Path]:
    """Write `handouts_en.html` and `handouts_zh.html` into a folder."""
    languages: tuple[Language, ...] = ("en", "zh")
    return [write(folder / f"handouts_{lang}.html", handouts(lang)) for lang in languages]


def _word(key: str, lang: Language) -> str:
    return WORDS[key][0 if lang == "en" else 1]


def _sheet(rows: pd.DataFrame, lang: Language) -> str:
    """A sheet of its rows: titles, texts, fields with a line to write on, or a table with empty cells."""
    said: dict[str, list[str]] = {kind: part[lang].tolist() for kind, part in rows.groupby("kind", sort=False)}
    parts = [f"<h1>{escape(text)}</h1>" for text in said.get("title", [])]
    parts += [f"<p>{escape(text)}</p>" for text in said.get("text", [])]
    parts += [f"<div><b>{escape(text)}</b><div class=line></div></div>" for text in said.get("field", [])]
    if heads := said.get("column"):
        empty = [""] * (len(heads) - 1)
        parts.append(f"<div class=blank>{table(heads, [(text, *empty) for text in said.get('row', [])])}</div>")
    return "".join(parts)


def _boxes(frame: pd.DataFrame, lang: Language, more: str | None) -> Iterator[str]:
    for name, row in frame.iterrows():
        ask = f"<p><i>{escape(row[f'{more}_{lang}'])}</i></p>" if more else ""
        yield (
            f"<div class=box><h2>{escape(row[lang])}</h2><p>{escape(row[f'story_{lang}'])}</p>{ask}"
            f"<p class=small><code>{escape(str(name))}</code></p></div>"
        )


def _of_boxes(title: str, boxes: Iterable[str], note: str = "") -> str:
    return f"<h1>{escape(title)}</h1>{note}<div class=cards>{''.join(boxes)}</div>"


def _cards(lang: Language) -> str:
    how = f'<p class=small>{escape(_word("cut", lang))}<code>play(case, "double_eleven")</code></p>'
    return _of_boxes(_word("cards", lang), _boxes(cards(), lang, "ask"), how)


def _cases(lang: Language) -> str:
    return _of_boxes(_word("cases", lang), _boxes(cases(), lang, None))


def _timing(lang: Language) -> str:
    plan = case_table("timing")
    heads = [_word(key, lang) for key in ("from", "minutes", "what", "materials")]
    rows = [(row["starts"], row["minutes"], row[lang], row[f"materials_{lang}"]) for _, row in plan.iterrows()]
    held = [
        (file.notebook[:2], getattr(file.title, lang), file.minutes, getattr(file.afterwards, lang))
        for file in lessons().values()
    ]
    names = ["", *(_word(key, lang) for key in ("lesson", "minutes", "afterwards"))]
    return (
        f"<h1>{escape(_word('timing', lang))}</h1>{table(heads, rows, right=(0, 1))}"
        f"<h2>{escape(_word('lessons', lang))}</h2>{table(names, held, right=(2,))}"
    )
