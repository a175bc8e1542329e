"""The page that ranks a fleet: one table for each currency, links to the reports, changes, and what failed.

Names are text: everything is escaped, and the page runs no script and asks no other host.
"""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from urllib.parse import quote

from ecteam.analysis.pooling import Pooling
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import Language, label, language, number
from ecteam.publish.journal import Row
from ecteam.view.fleet import pools

STYLE = """
body { margin: 0 auto; padding: 2.2rem 1.6rem 4rem; max-width: 68rem; color: #1d2733; background: #fff;
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { font-size: 1.9rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .4rem; }
p { color: #5b6672; margin: .2rem 0 .8rem; } a { color: #0072b2; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th { text-align: left; border-bottom: 2px solid #1d2733; padding: .3rem .5rem; vertical-align: bottom; }
td { border-bottom: 1px solid #d9dee3; padding: .28rem .5rem; vertical-align: top; }
td:nth-child(2), .failed td:nth-child(n) { overflow-wrap: anywhere; } td:nth-child(2) { min-width: 11rem; }
.n { text-align: right; } td.n { white-space: nowrap; font-variant-numeric: tabular-nums; }
.pools td:first-child, .pools th:first-child { white-space: nowrap; }
.failed { border-left: 4px solid #d55e00; padding-left: .8rem; }
@media print { @page { size: A4 landscape; margin: 12mm; } body { padding: 0; max-width: none; }
  tr { break-inside: avoid; } thead { display: table-header-group; } }
"""


COLON: dict[Language, str] = {"en": ": ", "zh": "："}


def _change(now: float, before: float | None) -> str:
    """A figure against that of the last batch; `before` is None for a shop that was not in it."""
    if before is None:
        return "–"
    moved = now - before
    return f"{'+' if moved > 0 else '−'}{number(abs(moved))}" if abs(moved) > 1e-6 else "="


def index_page(fleet: str, rows: Sequence[Row], gone: Sequence[Row] = (), pooling: Pooling | None = None) -> str:
    """The index of a fleet: shops by cost per order in each currency, the cheapest first; failures before them all.

    `gone` are shops of the last batch that the fleet has no longer; their reports are still there. `pooling` is what
    the shops would save by sharing.
    """

    def word(key: str) -> str:
        return escape(label(key))

    right = [row for row in rows if not row["sentence"]]
    failures = [row for row in rows if row["sentence"]]
    parts = [
        f"<h1>{word('fleet_title')}{COLON[language()]}{escape(fleet)}</h1>",
        f"<p>{date.today():%Y-%m-%d} · {word('fleet_reports')}{COLON[language()]}{len(right)} · "
        f"{word('fleet_failed')}{COLON[language()]}{len(failures)}</p>",
    ]
    if failures:
        parts.append(_failures(failures, word))
    for currency in sorted({row["currency"] for row in right}):
        parts.append(_ranking(currency, [row for row in right if row["currency"] == currency], word))
    if pooling is not None and len(right) > 1:
        parts.append(f"<h2>{word('pool_title')}</h2><div class=pools>{pools(pooling)}</div>")
    if gone:
        names = "".join(f"<li>{_link(row)}</li>" for row in gone)
        parts.append(f"<h2>{word('fleet_gone')}</h2><ul>{names}</ul>")
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language() == "zh" else "en"}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(fleet)}</title><style>{STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _failures(rows: Sequence[Row], word: Callable[[str], str]) -> str:
    head = _head([(key, "") for key in ("fleet_row", "shop", "fleet_cell", "fleet_reason", "fleet_tries")], word)
    lines = []
    for row in rows:
        # A shop whose row is wrong was never run and has no saved run.
        cell = f"<code>{escape(row['cell'])}</code>" if row["cell"] else "–"
        if row["folder"] and row["cell"]:
            cell = f'<a href="{quote(row["folder"])}.failed.ipynb">{cell}</a>'
        lines.append(
            f"<tr><td class=n>{row['row']}</td><td>{escape(row['name']) or '–'}</td><td>{cell}</td>"
            f"<td>{escape(row['sentence'])}</td><td class=n>{row['tries']}</td></tr>"
        )
    return (
        f"<div class=failed><h2>{word('fleet_failures')}</h2><table>{head}<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _ranking(currency: str, rows: list[Row], word: Callable[[str], str]) -> str:
    columns = [("fleet_rank", "n"), ("shop", ""), ("fleet_stage", ""), ("fleet_city", ""), ("fleet_orders", "n"),
               ("heads_first", "n"), ("heads_last", "n"), ("fleet_change", "n"), ("fleet_cost_per_month", "n"),
               ("fleet_change", "n"), ("fleet_cost_per_order", "n"), ("fleet_change", "n")]  # fmt: skip
    lines = []
    for rank, row in enumerate(sorted(rows, key=_by_cost_per_order), start=1):
        now, then = row["totals"], row["before"]
        changes = {key: _change(now[key] or 0.0, then.get(key)) for key in CHANGES}
        cost_per_order = "–" if now["cost_per_order"] is None else f"{now['cost_per_order']:,.2f}"
        cells = [
            (str(rank), "n"), (_link(row), ""), (word(row["stage"]), ""), (escape(PLACES[row["city"]][language()]), ""),
            (number(now["orders_total"] or 0.0), "n"), (number(now["heads_first_month"] or 0.0), "n"),
            (number(now["heads_last_month"] or 0.0), "n"), (changes["heads_last_month"], "n"),
            (f"{now['cost_per_month'] or 0.0:,.0f}", "n"), (changes["cost_per_month"], "n"),
            (cost_per_order, "n"), (changes["cost_per_order"], "n"),
        ]  # fmt: skip
        lines.append("<tr>" + "".join(f"<td{' class=n' if kind else ''}>{cell}</td>" for cell, kind in cells) + "</tr>")
    total_heads = sum(row["totals"]["heads_last_month"] or 0.0 for row in rows)
    total_cost = sum(row["totals"]["cost_per_month"] or 0.0 for row in rows)
    return (
        f"<h2>{word('fleet_ranking')} ({escape(currency)})</h2>"
        f"<p>{word('fleet_total')}{COLON[language()]}{number(total_heads)} "
        f"{word('fleet_heads')} · {total_cost:,.0f} {escape(currency)} {word('fleet_a_month')}</p>"
        f"<table>{_head(columns, word)}<tbody>{''.join(lines)}</tbody></table>"
    )


CHANGES = ("heads_last_month", "cost_per_month", "cost_per_order")


def _by_cost_per_order(row: Row) -> tuple[bool, float, str]:
    """A shop without orders has no cost per order and comes last."""
    cost = row["totals"]["cost_per_order"]
    return cost is None, cost or 0.0, row["name"]


def _head(columns: Sequence[tuple[str, str]], word: Callable[[str], str]) -> str:
    cells = "".join(f"<th{' class=n' if kind else ''}>{word(key)}</th>" for key, kind in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def _link(row: Row) -> str:
    return f'<a href="{quote(row["folder"])}/report.html">{escape(row["name"])}</a>'
