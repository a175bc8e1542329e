"""Post cards as pages to print: one post on one sheet of A4, in English and Chinese; no script, no outside request."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isinf
from types import SimpleNamespace

import pandas as pd

from ecteam.inputs.labels import Language, label, number
from ecteam.inputs.scenario import PLACES
from ecteam.pay.post_card import PostCard
from ecteam.pay.variable_pay import LEVELS, payout_share
from ecteam.plan.plan import Plan
from ecteam.plan.post_cards import pay_per_head, post_cards
from ecteam.view.tables import Html

LANGUAGES: tuple[Language, ...] = ("en", "zh")
NUMBER = " class=n style='text-align:right'"
COLUMNS_FROM, SMALL_FROM = 9, 22
"""So many duties are set in columns; so many more in small type."""


def card(post: PostCard, lang: Language = "en", shop: str = "", own_pay_per_month: float | None = None) -> Html:
    """One post card as a section that fills a printed page: duties, KPIs, authority, pay, grades.

    `own_pay_per_month` is what the plan pays; None leaves it out and shows the band of the pay table only.
    """
    name = post.en if lang == "en" else post.zh
    where = " · ".join(filter(None, [shop, label(post.department, lang), _place(post.place, lang)]))
    kpis = html_table(
        [label(f"card_{key}", lang) for key in ("kpi", "target", "range", "weight", "data_source")],
        [
            (
                getattr(row, lang),
                _figure(row.typical, row.unit, row.unit_zh, lang, "≥ " if row.direction == "up" else "≤ "),
                _between(row.low, row.high, row.unit),
                f"{row.weight:.0%}",
                row.data_source if lang == "en" else row.data_source_zh,
            )
            for row in _rows(post.kpis)
        ],
        right=(1, 2, 3),
    )
    authority = html_table(
        [label("card_decision", lang), label("card_up_to", lang)],
        [
            (
                getattr(row, lang),
                label("no_limit", lang) if isinf(row.typical) else _figure(row.typical, row.unit, row.unit_zh, lang),
            )
            for row in _rows(post.authority)
        ],
        right=(1,),
    )
    parts = [_section("card_duties", lang, _duties(post.duties[lang])), _section("card_kpis", lang, kpis)]
    parts.append(
        f"<div class='pair'>{_section('card_authority', lang, authority)}{_pay(post, lang, own_pay_per_month)}</div>"
    )
    if len(post.ladder):
        parts.append(_section("card_ladder", lang, _ladder(post, lang)))
    signs = "".join(f"<span>{escape(label(f'card_{who}', lang))}</span>" for who in ("post_holder", "manager", "date"))
    return Html(
        f"<section class='card' lang='{_code(lang)}' id='{post.role}-{lang}'><header><h1>{escape(name)}</h1>"
        f"<p>{escape(where)}</p></header>{''.join(parts)}<footer>{signs}</footer></section>"
    )


def card_to_look_at(post: PostCard, lang: Language = "en", shop: str = "") -> Html:
    """A post card with its own look, for a notebook."""
    return Html(f"<style>{CARD_STYLE}</style>{card(post, lang, shop)}")


def booklet(plan: Plan, languages: Sequence[Language] = LANGUAGES, show_pay: bool = False) -> str:
    """The cards of all posts of a plan as one HTML page that prints one card a sheet, first language first.

    Bands of the pay table are on the cards; what this plan pays a head is there only with `show_pay`.
    """
    posts, own = post_cards(plan), pay_per_head(plan)
    shop = plan.scenario.name
    cards = [card(p, lang, shop, float(own[p.role]) if show_pay else None) for lang in languages for p in posts]
    contents = "".join(
        f"<li><a href='#{p.role}-{lang}'>{escape(p.en if lang == 'en' else p.zh)}</a></li>"
        for lang in languages
        for p in posts
    )
    title = f"{label('card_contents', languages[0])}: {shop}"
    return (
        f"<!DOCTYPE html>\n<html lang='{_code(languages[0])}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{CARD_STYLE}{PAGE_STYLE}</style></head><body>"
        f"<nav><h2>{escape(title)}</h2><ul>{contents}</ul></nav>{''.join(cards)}</body></html>\n"
    )


def _rows(table: pd.DataFrame) -> list[SimpleNamespace]:
    """The rows of a table; `itertuples` makes a class for each table, which takes longer than a few rows do."""
    columns = [table[name].tolist() for name in table]
    return [SimpleNamespace(**dict(zip(table, row, strict=True))) for row in zip(*columns, strict=True)]


def _duties(names: pd.Series) -> str:
    size = "many" if len(names) >= SMALL_FROM else "some" if len(names) >= COLUMNS_FROM else "few"
    return f"<ul class='duties {size}'>{''.join(f'<li>{escape(str(name))}</li>' for name in names)}</ul>"


def _pay(post: PostCard, lang: Language, own: float | None) -> str:
    rows = [
        (label(f"card_{row.part}", lang), *(f"{value:,.0f}" for value in (row.low, row.typical, row.high)))
        for row in _rows(post.pay)
    ]
    band = html_table(
        [f"{label('card_part', lang)}, {post.currency}", *(label(c, lang) for c in ("low", "typical", "high"))],
        rows,
        right=(1, 2, 3),
        total=True,
    )
    paid = payout_share(LEVELS, threshold=post.threshold, cap=post.cap)
    payout = html_table([f"{level:.0%}" for level in LEVELS], [tuple(f"{share:.0%}" for share in paid)], right=range(4))
    said = f"<p class='own'>{escape(label('card_own_pay', lang))}: {number(own)} {post.currency}</p>" if own else ""
    # What an owner's time is worth is no payment.
    heading = "owner_time" if post.role == "owner" else "card_pay"
    return _section(heading, lang, f"{band}{said}<h3>{escape(label('card_payout', lang))}</h3>{payout}")


def _ladder(post: PostCard, lang: Language) -> str:
    columns = [
        label("card_grade", lang),
        *(f"{label(f'card_{part}', lang)}, {post.currency}" for part in ("total", "fixed", "variable")),
        label("card_time", lang),
        label("card_criterion", lang),
    ]
    rows = [
        (
            f"{row.grade} {getattr(row, lang)}",
            *(
                _between(round(getattr(row, f"{part}_low")), round(getattr(row, f"{part}_high")))
                for part in ("pay", "fixed", "variable")
            ),
            str(row.months_at_least or "–"),
            getattr(row, f"criterion_{lang}"),
        )
        for row in _rows(post.ladder)
    ]
    return html_table(columns, rows, right=(1, 2, 3, 4))


def _figure(value: float, unit: str, unit_zh: str, lang: Language, sign: str = "") -> str:
    """A figure with its unit: "5 % of sales", 占销售额 5 %, "12 hours"; `sign` stands before the number."""
    if not unit.startswith("share "):
        return f"{sign}{number(value)} {unit if lang == 'en' else unit_zh}"
    share = f"{sign}{_percent(value)}"
    return f"{share} {unit.removeprefix('share ')}" if lang == "en" else f"{unit_zh} {share}"


def _percent(share: float) -> str:
    return f"{number(round(share * 100, 6))} %"


def _between(low: float, high: float, unit: str = "") -> str:
    words = (_percent if unit.startswith("share ") else number)(high)
    return (
        words
        if low == high
        else f"{number(round(low * 100, 6)) if unit.startswith('share ') else number(low)} – {words}"
    )


def _place(place: str, lang: Language) -> str:
    return next((row[lang] for row in PLACES.values() if row["place"] == place), place)


def _code(lang: Language) -> str:
    return {"en": "en", "zh": "zh-Hans"}[lang]


def _section(key: str, lang: Language, inside: str) -> str:
    return f"<div class='part'><h2>{escape(label(key, lang))}</h2>{inside}</div>"


def html_table(
    columns: Iterable[str], rows: Iterable[Sequence[str]], right: Iterable[int] = (), total: bool = False
) -> str:
    """A table of escaped text; columns of numbers to the right, the last row set off where it is a total."""
    numbers, rows = set(right), list(rows)

    def line(cells: Iterable[str], tag: str, kind: str = "") -> str:
        inside = "".join(
            f"<{tag}{NUMBER if i in numbers else ''}>{escape(str(cell))}</{tag}>" for i, cell in enumerate(cells)
        )
        return f"<tr{kind}>{inside}</tr>"

    body = "".join(line(row, "td", " class=total" if total and row is rows[-1] else "") for row in rows)
    return f"<table class='ecteam'><thead>{line(columns, 'th')}</thead><tbody>{body}</tbody></table>"


CARD_STYLE = """
.card { display: flex; flex-direction: column; box-sizing: border-box; max-width: 190mm; color: #1c2733;
  font: 10pt/1.35 "Helvetica Neue", Arial, "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
  sans-serif; }
.card header { border-bottom: 2pt solid #0072b2; margin-bottom: 2mm; }
.card h1 { font-size: 20pt; margin: 0; line-height: 1.2; }
.card header p { margin: .5mm 0 1.5mm; color: #4a5663; }
.card h2 { font-size: 10.5pt; margin: 2.5mm 0 1mm; color: #0b4a73; }
.card h3 { font-size: 8.5pt; margin: 2mm 0 .5mm; font-weight: 600; }
.card ul.duties { margin: 0; padding-left: 4mm; }
.card ul.some { columns: 2; column-gap: 6mm; }
.card ul.many { columns: 3; column-gap: 5mm; font-size: 8.5pt; line-height: 1.25; }
.card li { break-inside: avoid; }
.card table { border-collapse: collapse; width: 100%; margin: 0; font-size: 8.5pt; line-height: 1.3; }
.card th, .card td { text-align: left; vertical-align: top; padding: .7mm 2mm .7mm 0; background: none;
  border: 0; border-bottom: .4pt solid #cfd6dd; white-space: normal; }
.card th { font-weight: 600; color: #4a5663; border-bottom-color: #7d8996; }
.card td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.card td.n + td:not(.n), .card th.n + th:not(.n) { padding-left: 2mm; }
.card .total td { font-weight: 600; }
.card .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 8mm; }
.card .own { margin: 1mm 0 0; font-weight: 600; }
.card footer { display: flex; gap: 8mm; margin-top: 9mm; }
.card footer span { flex: 1; border-top: .6pt solid #1c2733; padding-top: 1mm; font-size: 8pt; color: #4a5663; }
"""
PAGE_STYLE = """
@page { size: A4; margin: 12mm; }
body { margin: 0; font-family: Arial, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
.card { break-after: page; break-inside: avoid; max-width: none; }
.card:last-of-type { break-after: auto; }
nav { max-width: 190mm; margin: 6mm auto; padding: 0 4mm; }
nav ul { columns: 3; padding-left: 5mm; }
@media print { nav { display: none; } }
@media screen { body { background: #eef1f4; } .card { background: #fff; max-width: 190mm; margin: 6mm auto;
  padding: 10mm; box-shadow: 0 0 3mm #c5ccd3; } }
"""
