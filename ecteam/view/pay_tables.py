"""Tables of pay: one head from pay to full cost, a payslip, and what a share of the target pays."""

from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.labels import Language, label, number
from ecteam.pay.payroll_part import Payslip
from ecteam.plan.plan import Plan
from ecteam.view.cost_charts import cost_of_a_head
from ecteam.view.tables import Html, plain


def head(plan: Plan, role: str, lang: Language = "en") -> Styler:
    """What one head of a role costs in the mean month, item by item, with the total."""
    items = cost_of_a_head(plan, role)
    columns = [label("cost_item", lang), f"{label('a_head_a_month', lang)}, {plan.scenario.currency}"]
    rows = [(label(str(item), lang), number(amount)) for item, amount in items.items()]
    rows.append((label("total", lang), number(items.sum())))
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)


def payslip(slip: Payslip, lang: Language = "en") -> Styler:
    """A payslip to the cent: gross, what is taken off, net, and what the employer pays in all."""
    keys = ("gross", "employee_contributions", "income_tax", "net", "employer_extra", "employer_cost")
    columns = [label("pay_item", lang), f"{label('amount', lang)}, {slip.currency}"]
    rows = [(label(f"slip_{key}", lang), f"{getattr(slip, key):,.2f}") for key in keys]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:])


def payout(reached: float, paid: float, variable_share: float, lang: Language = "en") -> Html:
    """What a share of the target pays: of the variable part, and of all pay."""
    all_pay = 1 - variable_share * (1 - paid)
    said = {
        "en": f"{reached:.0%} of the target reached: {paid:.0%} of variable pay, {all_pay:.0%} of all pay.",
        "zh": f"达成率 {reached:.0%}：发放浮动薪资的 {paid:.0%}，为全部薪资的 {all_pay:.0%}。",
    }[lang]
    return Html(f"<p>{escape(said)}</p>")
