"""Copies of the lessons (the learner's without answers, the teacher's with them), handouts to print, and the demo.

In the source a cell tagged `exercise` holds its answer between `### BEGIN SOLUTION` and `### END SOLUTION`; a cell
tagged `teacher` is for the teacher alone.
"""

import ast
import os
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat

from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.inputs.words import LANGUAGES, Language, in_language, language, text, using
from ecteam.view.picture import font_face
from ecteam.view.table import CODES, Html, filled
from ecteam.workshop.cases import case_table
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


def write_copies(folder: Path, *, teacher: bool = False, lang: Language | None = None) -> None:
    """Write a copy of every lesson into a folder; raises `InputError` where one of that name is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    if there := [path.name for path in sources() if (folder / path.name).exists()]:
        raise InputError(f"{folder / there[0]} is there already and may hold somebody's answers; name a new folder")
    for path in sources():
        nbformat.write(copy_of(nbformat.read(path, as_version=4), lang, teacher=teacher), folder / path.name)


TEMPLATES = Path(__file__).with_name("template")


def page(title: str, template: str, /, **values: Any) -> str:
    """A whole page of a template of ours, with our font in it for what it shows."""
    shown = filled(TEMPLATES / template, text=text, lang=language(), **values)
    font, code = Html(font_face(title + shown)), CODES[language()]
    return filled(TEMPLATES / "page.html.j2", title=title, shown=shown, font=font, code=code)


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
    lang = language()
    timing, held = case_table("timing"), lessons().values()
    return page(
        text("handout.title"),
        "handouts.html.j2",
        sheets=[rows.to_dict("records") for _, rows in case_table("handouts").groupby("sheet", sort=False)],
        cards=case_table("cards").to_dict("records"),
        cases=case_table("cases").to_dict("records"),
        timing=timing[["starts", "minutes", lang, f"materials_{lang}"]].to_numpy().tolist(),
        lessons=[(file.notebook[:2], file.title.said(), file.minutes, file.afterwards.said()) for file in held],
    )


def write_handouts(folder: Path, *, guide: bool = False) -> None:
    """Write the handouts in both languages into a folder, and the teacher's guide where it is wanted."""
    from nbconvert.filters import markdown2html

    words = (notebooks_dir() / "workshop" / "teachers_guide.md").read_text("utf-8")
    for lang in LANGUAGES:
        with using(lang):
            write(folder / f"handouts_{lang}.html", handouts())
            if guide:
                body = re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(in_language(words, lang)))
                write(folder / f"guide_{lang}.html", page("ecteam", "guide.html.j2", body=Html(body)))


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
