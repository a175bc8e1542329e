"""Pages of the workshop that are read in a browser and printed on A4: no script, no request to any host."""

import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from ecteam.inputs.labels import Language
from ecteam.view.page_fonts import font_face

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


def page(title: str, body: Iterable[str], lang: Language = "en") -> str:
    """A whole page, with our font in it for what it shows; `body` is HTML whose text was escaped."""
    shown = "\n".join(body)
    look = font_face(title + shown, lang) + STYLE
    return (
        f"<!doctype html>\n<html lang='{'zh-Hans' if lang == 'zh' else 'en'}'><head><meta charset='utf-8'>"
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
