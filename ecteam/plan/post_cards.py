"""The posts of a plan: the card of each, and what its payroll costs when targets are missed or beaten."""

from datetime import date

import numpy as np
import pandas as pd

from ecteam.inputs.posts import read_posts
from ecteam.inputs.scenario import PLACES
from ecteam.pay.post_card import PostCard, post_card
from ecteam.pay.variable_pay import simulate_payroll
from ecteam.plan.plan import Plan


def post_cards(plan: Plan) -> list[PostCard]:
    """What do the cards of the posts say that this plan fills, in the order of the roles?

    A card lists every duty of the seat that has work in this plan, those of roles it is joined with included. Pay is
    the band of the pay table at the level of the place: what was set for this plan is not on it.

    >>> from ecteam import load_scenario, make_plan
    >>> [card.role for card in post_cards(make_plan(load_scenario("tea_shop_startup")))][:2]
    ['owner', 'designer']
    """
    work = plan.workload.groupby("duty")["hours"].sum()
    there = plan.inputs.duties.index.isin(work.index[work > 0])
    duties = plan.inputs.duties[there].assign(role=plan.inputs.duties.loc[there, "worn_by"])
    rows = plan.assumptions.rows(plan.scenario.region)
    level = float(plan.values[PLACES[plan.scenario.city]["pay_level"]])
    filled = set(plan.team["role"])
    cards = []
    for role in (role for role in plan.results.roles if role in filled):
        low, typical, high = rows.loc[f"pay_{role}", ["low", "typical", "high"]].astype(float) * level
        cards.append(
            post_card(
                role,
                read_posts(),
                duties,
                low_per_month=low,
                typical_per_month=typical,
                high_per_month=high,
                place=plan.scenario.place,
            )
        )
    return cards


def pay_per_head(plan: Plan) -> pd.Series:
    """Gross pay of a head a month, average variable pay included, by role, in the plan's currency.

    >>> from ecteam import load_scenario, make_plan
    >>> float(pay_per_head(make_plan(load_scenario("tea_shop_startup")))["designer"])
    8000.0
    """
    level = plan.values[PLACES[plan.scenario.city]["pay_level"]]
    roles = list(dict.fromkeys(plan.team["role"]))
    return pd.Series({role: float(plan.values[f"pay_{role}"] * level) for role in roles}, name="gross_per_month")


def payroll_at_targets(plan: Plan) -> pd.DataFrame:
    """What does the payroll of the plan's last month cost at each of `LEVELS` of the target, and who gains?

    Columns: those of `pay.simulate_payroll` and gain_share, what a head gains over its pay on target. The owner draws
    no pay and is left out. Pay is that of the plan, terms are those of `data/pay`.

    >>> from ecteam import load_scenario, make_plan
    >>> payroll = payroll_at_targets(make_plan(load_scenario("tea_shop_growth")))
    >>> [float(share) for share in payroll.query("role == 'cs_agent'")["gain_share"].round(3)]
    [-0.35, -0.175, 0.0, 0.07]
    """
    last = plan.team[
        (plan.team["month"] == plan.months[-1]) & (plan.team["role"] != "owner") & (plan.team["heads"] > 0)
    ]
    terms = read_posts().terms_in(plan.scenario.region)
    at_levels = simulate_payroll(
        last.set_index("role")["employed_fte"],
        pay_per_head(plan),
        terms["variable_share_typical"],
        place=plan.scenario.place,
        on=_day(plan.inputs.payroll_months[-1]),
        threshold=terms["threshold"],
        cap=terms["cap"],
        months_paid=float(plan.values["pay_months_per_year"]),
    )
    on_target = at_levels["pay_per_head"] - at_levels["gain_per_head"]
    return at_levels.assign(
        gain_share=np.where(on_target > 0, at_levels["gain_per_head"] / on_target.where(on_target > 0), 0.0)
    )


def _day(month: np.datetime64) -> date:
    return month.astype("datetime64[D]").item()
