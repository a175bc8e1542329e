"""One source, two builds: the learner's copy without answers, the teacher's copy with them, in one language or both.

The notebooks in `notebooks/workshop` are the source. A cell tagged `exercise` holds its answer between
`### BEGIN SOLUTION` and `### END SOLUTION`; a cell tagged `teacher` is for the teacher alone.

Pages of the workshop that are read in a browser and printed on A4: no script, no request to any host.

Handouts to print on A4: positioning card, route, count sheet, guesses, event cards, cases, timing sheet.

The notebooks and data of the package as a folder of one's own to start from.
"""

import ast
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.inputs.words import LANGUAGES, Language, in_language, language, text, using
from ecteam.view.picture import font_face
from ecteam.workshop.cases import cards, case_table, cases
from ecteam.workshop.lesson import lessons

SOLUTION = re.compile(r"^### BEGIN SOLUTION\n(.*?)^### END SOLUTION\n?", re.MULTILINE | re.DOTALL)


def sources() -> list[Path]:
    """The lessons as they were written, in their order."""
    return sorted((notebooks_dir() / "workshop").glob("*.ipynb"))


def copy_of(source: Any, lang: Language | None = None, *, teacher: bool = False) -> Any:
    """A lesson for learners, where `my_team = ...` stands in an answer's place, or for the teacher with everything."""
    book = nbformat.from_dict({**source, "cells": []})
    for cell in source.cells:
        tags = cell.metadata.get("tags", [])
        if "teacher" in tags and not teacher:
            continue
        cell = nbformat.from_dict({**cell, "metadata": {"tags": tags} if tags else {}})
        if cell.cell_type == "markdown" and lang:
            cell.source = in_language(cell.source, lang)
        elif cell.cell_type == "code":
            cell.source = SOLUTION.sub(lambda found: found[1] if teacher else _open(found[1]), cell.source).rstrip("\n")
            cell.outputs, cell.execution_count = [], None
            if "parameters" in tags and lang:
                cell.source = re.sub(r'^lang = "\w+"', f'lang = "{lang}"', cell.source, flags=re.MULTILINE)
        book.cells.append(cell)
    return book


def _open(answer: str) -> str:
    """Dots for each variable of an answer that a check looks at: those that begin with my_.

    >>> _open("half = 3\\nmy_least, my_most = half, 2 * half\\n")
    'my_least = ...\\nmy_most = ...\\n'
    """
    names = [
        node.id for node in ast.walk(ast.parse(answer)) if isinstance(node, ast.Name) and type(node.ctx) is ast.Store
    ]
    return "".join(f"{name} = ...\n" for name in dict.fromkeys(names) if name.startswith("my_"))


def write_copies(folder: Path, *, teacher: bool = False, lang: Language | None = None) -> list[Path]:
    """Write a copy of every lesson into a folder; raises `InputError` where one of that name is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    if there := [path.name for path in sources() if (folder / path.name).exists()]:
        raise InputError(f"{folder / there[0]} is there already and may hold somebody's answers; name a new folder")
    written = []
    for path in sources():
        book = copy_of(nbformat.read(path, as_version=4), lang, teacher=teacher)
        nbformat.write(book, folder / path.name)
        written.append(folder / path.name)
    return written


STYLE = """
body { margin: 0 auto; padding: 1.6rem; max-width: 62rem; color: #1d2733; background: #fff;
  font: 15px/1.5 "ecteam Sans SC", system-ui, sans-serif; }
h1 { font-size: 1.8rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 1.4rem 0 .3rem; }
p.small { color: #5b6672; margin: .2rem 0 .8rem; font-size: .88rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; border-bottom: 2px solid #1d2733; padding: .3rem .5rem; vertical-align: bottom; }
td { border-bottom: 1px solid #d9dee3; padding: .3rem .5rem; vertical-align: top; overflow-wrap: anywhere; }
.n { text-align: right; } td.n { font-variant-numeric: tabular-nums; white-space: nowrap; } td { min-width: 3.5em; }
.refused { border-left: 4px solid #d55e00; padding-left: .8rem; }
.sheet { break-after: page; border-bottom: 1px dashed #9aa5b1; padding-bottom: 1.4rem; margin-bottom: 1.4rem; }
.sheet:last-child { break-after: auto; border: 0; }
.line { border-bottom: 1px solid #5b6672; height: 3.2rem; margin-bottom: .8rem; }
.blank td { height: 2.6rem; }
.box { border: 1.5px solid #1d2733; padding: .6rem .9rem; }
.box h2 { margin: 0; } .box p { margin: .4rem 0; }
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.cards .box { min-height: 9rem; break-inside: avoid; }
@media print { @page { size: A4; margin: 14mm; } body { padding: 0; max-width: none; font-size: 11pt; }
  tr { break-inside: avoid; } thead { display: table-header-group; } .sheet { border: 0; margin: 0; } }
"""


def page(title: str, body: Iterable[str]) -> str:
    """A whole page, with our font in it for what it shows; `body` is HTML whose text was escaped."""
    shown = "\n".join(body)
    look = font_face(title + shown) + STYLE
    return (
        f"<!doctype html>\n<html lang='{'zh-Hans' if language() == 'zh' else 'en'}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{look}</style></head>\n<body>\n{shown}\n</body></html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[int] = ()) -> str:
    """A table of texts; columns numbered in `right` hold numbers."""
    kind = [" class=n" if column in right else "" for column in range(len(heads))]
    top = "".join(f"<th{k}>{escape(head)}</th>" for k, head in zip(kind, heads, strict=True))
    lines = (
        "<tr>" + "".join(f"<td{k}>{escape(str(cell))}</td>" for k, cell in zip(kind, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def write(path: Path, text: str) -> Path:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return path


def handouts() -> str:
    """All handouts as one page whose sheets begin on new sheets of paper.

    >>> handouts().count("<section")
    9
    """
    texts = case_table("handouts")
    sheets = [_sheet(rows) for _, rows in texts.groupby("sheet", sort=False)]
    how = f'<p class=small>{escape(_word("cut"))}<code>play(case, "double_eleven")</code></p>'
    sheets += [_boxes(_word("cards"), cards(), how), _boxes(_word("cases"), cases()), _timing()]
    body = [f"<section class=sheet>{sheet}</section>" for sheet in sheets]
    return page(_word("title"), body)


def write_handouts(folder: Path) -> list[Path]:
    """Write `handouts_en.html` and `handouts_zh.html` into a folder."""
    written = []
    for lang in LANGUAGES:
        with using(lang):
            written.append(write(folder / f"handouts_{lang}.html", handouts()))
    return written


def _word(key: str) -> str:
    return text(f"handout.{key}")


def _sheet(rows: pd.DataFrame) -> str:
    """A sheet of its rows: titles, texts, fields with a line to write on, or a table with empty cells."""
    said: dict[str, list[str]] = {kind: part[language()].tolist() for kind, part in rows.groupby("kind", sort=False)}
    parts = [f"<h1>{escape(text)}</h1>" for text in said.get("title", [])]
    parts += [f"<p>{escape(text)}</p>" for text in said.get("text", [])]
    parts += [f"<div><b>{escape(text)}</b><div class=line></div></div>" for text in said.get("field", [])]
    if heads := said.get("column"):
        empty = [""] * (len(heads) - 1)
        parts.append(f"<div class=blank>{table(heads, [(text, *empty) for text in said.get('row', [])])}</div>")
    return "".join(parts)


def _boxes(title: str, frame: pd.DataFrame, note: str = "") -> str:
    """A sheet of boxes, one for each case or event card; a card asks something as well."""
    ask, story = f"ask_{language()}", f"story_{language()}"
    boxes = [
        f"<div class=box><h2>{escape(row[language()])}</h2><p>{escape(row[story])}</p>"
        f"{f'<p><i>{escape(row[ask])}</i></p>' if ask in row else ''}"
        f"<p class=small><code>{escape(str(name))}</code></p></div>"
        for name, row in frame.iterrows()
    ]
    return f"<h1>{escape(title)}</h1>{note}<div class=cards>{''.join(boxes)}</div>"


def _timing() -> str:
    plan = case_table("timing")
    heads = [_word(key) for key in ("from", "minutes", "what", "materials")]
    rows = [
        (row["starts"], row["minutes"], row[language()], row[f"materials_{language()}"]) for _, row in plan.iterrows()
    ]
    held = [
        (file.notebook[:2], getattr(file.title, language()), file.minutes, getattr(file.afterwards, language()))
        for file in lessons().values()
    ]
    names = ["", *(_word(key) for key in ("lesson", "minutes", "afterwards"))]
    return (
        f"<h1>{escape(_word('timing'))}</h1>{table(heads, rows, right=(0, 1))}"
        f"<h2>{escape(_word('lessons'))}</h2>{table(names, held, right=(2,))}"
    )


def copy_demo(folder: Path) -> None:
    """Copy notebooks, lessons without their answers, and data into a new folder.

    Raises `InputError` if the folder is there already or cannot be written; nothing is left of half a copy.
    """
    if "\0" in str(folder):
        raise InputError(f"{str(folder)!r} cannot be written: the name holds a NUL character")
    sources = (notebooks_dir(), data_dir())
    try:
        if folder.lstat():
            raise InputError(f"{folder} is there already; name a new folder")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {reason(error)}") from None
    if any(source.resolve() in folder.resolve().parents for source in sources):
        raise InputError(f"{folder} lies in the folder that is copied; name another folder")
    made = [path for path in (folder, *folder.parents) if not path.exists()][-1]
    left_out = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    try:
        for source in sources:
            shutil.copytree(source, folder / source.name, ignore=left_out)
        # The lessons as they were written hold their answers.
        lessons = folder / sources[0].name / "workshop"
        shutil.rmtree(lessons)
        write_copies(lessons)
    except BaseException as error:
        # Half a copy is nothing to start from.
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise InputError(f"{folder} cannot be written: {reason(error)}") from None
        raise
