"""What does the card of a post say: duties, KPIs, authority, the ladder of grades, and bands of fixed and variable pay?
Everything is a band of the pay table: nobody's own pay is in here.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecteam.inputs.posts import Posts
from ecteam.pay import payslip


@dataclass(frozen=True, eq=False)
class PostCard:
    """What one post answers for, what it is measured by, what it may decide, and how it is paid.

    `duties`: duty, en, zh. `kpis` and `authority`: the post's rows of `Posts`, the limits of the place's region.
    `ladder`: the bands of `pay_band` a grade, parted into fixed_low, fixed_high, variable_low, variable_high.
    `pay`: part (fixed, variable, total), low, typical, high, gross a month in `currency`, variable pay at target.
    """

    role: str
    en: str
    zh: str
    department: str
    place: str
    currency: str
    variable_share: float
    threshold: float
    cap: float
    duties: pd.DataFrame
    kpis: pd.DataFrame
    authority: pd.DataFrame
    ladder: pd.DataFrame
    pay: pd.DataFrame


def pay_band(low: float, typical: float, high: float, grades: pd.DataFrame) -> pd.DataFrame:
    """Between which amounts is each grade of a role paid?

    `low`, `typical`, `high`: the role's gross pay a month in the pay table; `grades`: rows of `Posts.grades` of one
    ladder, returned with pay_low = typical x factor_low and pay_high = typical x factor_high, both held between low and
    high, and cut: whether they are cut off.

    >>> from ecteam.inputs.posts import read_posts
    >>> ladder = read_posts().grades.query("ladder == 'service'")
    >>> pay_band(4200, 5800, 8500, ladder)[["en", "pay_low", "pay_high", "cut"]]
                 en  pay_low  pay_high    cut
    0       Trainee   4350.0    5220.0  False
    1         Agent   5220.0    6380.0  False
    2  Senior agent   6380.0    7250.0  False
    3     Team lead   7250.0    8410.0  False
    """
    asked = typical * grades[["factor_low", "factor_high"]].to_numpy(float)
    held = np.clip(asked, low, high)
    return grades.assign(pay_low=held[:, 0], pay_high=held[:, 1], cut=(held != asked).any(axis=1))


def post_card(
    role: str,
    posts: Posts,
    duties: pd.DataFrame,
    *,
    low_per_month: float,
    typical_per_month: float,
    high_per_month: float,
    place: str,
) -> PostCard:
    """What does the card of a post say: duties, KPIs, authority, ladder, and the bands of fixed and variable pay?

    duties : indexed by duty, with role, en, zh, as in `Assumptions.duties`; in a small team, the role that really does
        it
    low_per_month, typical_per_month, high_per_month : gross pay of the role in the pay table, at the level of the place
    place : payroll pack; it tells the currency and, by its country, which limits of authority hold

    Formula: variable pay at target = pay x typical variable share of the role; fixed pay = pay - variable pay.

    >>> from ecteam.inputs.assumptions import load_assumptions
    >>> from ecteam.inputs.posts import read_posts
    >>> card = post_card("picker", read_posts(), load_assumptions().duties, low_per_month=4500, typical_per_month=6000,
    ...     high_per_month=9000, place="cn/hangzhou")
    >>> card.pay
           part     low  typical    high
    0     fixed  2700.0   3600.0  5400.0
    1  variable  1800.0   2400.0  3600.0
    2     total  4500.0   6000.0  9000.0
    """
    region, currency = place.split("/")[0], payslip.currency(place)
    terms = posts.terms_in(region).loc[role]
    share = float(terms["variable_share_typical"])
    ladder = pay_band(
        low_per_month, typical_per_month, high_per_month, posts.grades[posts.grades["ladder"] == terms["ladder"]]
    )
    for end in ("low", "high"):
        ladder[f"variable_{end}"] = ladder[f"pay_{end}"] * share
        ladder[f"fixed_{end}"] = ladder[f"pay_{end}"] - ladder[f"variable_{end}"]
    total = np.array([low_per_month, typical_per_month, high_per_month], dtype=float)
    parts = {"fixed": total - total * share, "variable": total * share, "total": total}
    own = posts.authority["role"].eq(role) & posts.authority["region"].isin(["all", region])
    return PostCard(
        role=role,
        en=terms["en"],
        zh=terms["zh"],
        department=terms["department"],
        place=place,
        currency=currency,
        variable_share=share,
        threshold=float(terms["threshold"]),
        cap=float(terms["cap"]),
        duties=duties.loc[duties["role"] == role, ["en", "zh"]].rename_axis("duty").reset_index(),
        kpis=posts.kpis[posts.kpis["role"] == role].reset_index(drop=True),
        authority=posts.authority[own].reset_index(drop=True),
        ladder=ladder.reset_index(drop=True),
        pay=pd.DataFrame(parts.values(), columns=["low", "typical", "high"]).assign(part=list(parts))[
            ["part", "low", "typical", "high"]
        ],
    )
