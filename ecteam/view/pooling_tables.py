"""What a fleet would save by sharing, as a table: who, on which conditions, and apart against together."""

from typing import Any

from ecteam.analysis.pooling import DESK, Pooling
from ecteam.inputs.labels import Language, label, number
from ecteam.inputs.scenario import PLACES
from ecteam.view.post_cards import html_table
from ecteam.view.tables import Html

_NAMES_SHOWN = 8


def pools(pooling: Pooling, lang: Language = "en") -> Html:
    """The groups of shops that could share a desk or a warehouse; a sentence where there are none."""
    if pooling.table.empty:
        return Html(f"<p>{label('pool_none', lang)}</p>")
    columns = [label(key, lang) for key in ("pool", "pool_shops", "pool_conditions", "pool_at_once", "pool_hours",
                                            "pool_heads", "pool_saved")]  # fmt: skip
    rows = [
        (
            label(f"pool_{row.pool}", lang),
            _names(row.shops, lang),
            _conditions(row, lang),
            f"{row.at_once_apart} → {row.at_once_pooled}",
            f"{row.hours_apart:,.0f} → {row.hours_pooled:,.0f}",
            f"{row.heads_apart} → {row.heads_pooled}",
            f"{number(round(row.saved_per_month + row.rent_saved_per_month))} {row.currency}",
        )
        for row in pooling.table.itertuples()
    ]
    note = f"<p>{label('pool_note', lang)}</p>"
    return Html(html_table(columns, rows, right=(3, 4, 5, 6)) + note)


def _names(shops: tuple[str, ...], lang: Language) -> str:
    shown = (", " if lang == "en" else "、").join(shops[:_NAMES_SHOWN])
    more = len(shops) - _NAMES_SHOWN
    if more <= 0:
        return shown
    return f"{shown} and {more} more" if lang == "en" else f"{shown}等 {len(shops)} 家"


def _conditions(row: Any, lang: Language) -> str:
    """What shops must have in common, and what then holds for all of them."""
    hours = f"{row.from_hour}:00–{row.until_hour}:00"
    if row.pool == DESK:
        language = label(f"language_{row.language}", lang)
        seconds, share = number(row.target_seconds), f"{row.target_share:.0%}"
        if lang == "en":
            return (
                f"One language ({language}), one currency ({row.currency}), as many chats at once; open {hours}, "
                f"{share} of chats answered within {seconds} s for all"
            )
        return (
            f"同一语言（{language}）、同一币种（{row.currency}）、同时接待数相同；"
            f"服务时段 {hours}，统一要求 {share} 会话在 {seconds} 秒内响应"
        )
    place, rule = PLACES[row.city][lang], label(row.ship_rule, lang)
    if lang == "en":
        return f"One place ({place}), the same opening hours ({hours}) and promise to ship ({rule})"
    return f"同一城市（{place}），仓库时段（{hours}）与发货时限（{rule}）相同"
