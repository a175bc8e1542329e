(function () {
  "use strict";
  const root = document.currentScript.closest(".what-if");
  const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const words = data.words, base = data.base;
  const find = name => root.querySelector("[data-part=" + name + "]");
  const controls = { orders: find("orders"), handle: find("handle"), ships: find("ships"), pay: find("pay") };
  const locale = document.documentElement.lang === "zh" || data.lang === "zh" ? "zh-CN" : "en-GB";
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const two = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name]);
  const signed = (value, form) => (value > 0 ? "+" : value < 0 ? "−" : "±") + form.format(Math.abs(value));
  const percent = times => Math.round(times * 100) + " %";
  const sum = values => values.reduce((a, b) => a + b, 0);

  function place() {
    return [
      controls.ships.checked ? data.ships.indexOf(true) : data.ships.indexOf(false),
      Number(controls.orders.value), Number(controls.handle.value), controls.pay ? Number(controls.pay.value) : base[3],
    ];
  }

  function at([ship, order, handle, pay]) {
    const heads = data.heads[ship][order][handle][pay];
    if (!heads) return null;
    const cost = data.cost[ship][order][handle][pay].map(cents => cents / 100);
    return { heads: heads, departments: data.by_department[ship][order][handle][pay], cost: cost, orders: data.orders[order] };
  }

  function figures(setting) {
    const last = setting.heads.length - 1;
    const rows = [[words.first, setting.heads[0], whole], [words.last, setting.heads[last], whole]];
    if (setting.cost) {
      const paid = sum(setting.cost);
      rows.push([words.total, paid, whole], [words.per_month, paid / setting.cost.length, whole]);
      rows.push([words.per_order, setting.orders > 0 ? paid / setting.orders : 0, two]);
    }
    data.departments.forEach((name, i) => rows.push([name, setting.departments[i], whole]));
    return rows;
  }

  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function ticks(top) {
    const rough = top / 4, size = Math.pow(10, Math.floor(Math.log10(rough || 1)));
    const step = [1, 2, 5, 10].map(n => n * size).find(n => n >= rough) || 1;
    const found = [];
    for (let value = 0; value <= top * 1.0001; value += step) found.push(value);
    return found;
  }

  function draw(part, now, plan, top) {
    const svg = find(part);
    if (!svg) return;
    const width = 420, height = 190, left = 62, bottom = 22, head = 10;
    const y = value => height - bottom - value / top * (height - bottom - head);
    const step = (width - left) / plan.length;
    svg.replaceChildren(element("title", {}, svg.getAttribute("aria-label")));
    for (const value of ticks(top)) {
      svg.append(element("line", { class: "grid", x1: left, x2: width, y1: y(value), y2: y(value) }));
      svg.append(element("text", { x: left - 5, y: y(value) + 3, "text-anchor": "end" }, whole.format(value)));
    }
    const every = Math.ceil(plan.length / 6);
    plan.forEach((value, i) => {
      const x = left + i * step + step * .14;
      if (now) svg.append(element("rect", { class: "bar", x: x, width: step * .72, y: y(now[i]), height: height - bottom - y(now[i]) }));
      svg.append(element("rect", { class: "base", x: x, width: step * .72, y: y(value), height: height - bottom - y(value) }));
      if (i % every === 0) svg.append(element("text", { x: x + step * .36, y: height - 7, "text-anchor": "middle" }, data.months[i]));
    });
  }

  // A scale that stays while the sliders move; only a setting beyond it makes it grow.
  const planned = at(base);
  const room = values => Math.max(...values) * 1.35 || 1;

  function show() {
    const here = place(), now = at(here), before = figures(planned), after = now && figures(now);
    const set = (name, text) => { const out = find(name + "-out"); if (out) { out.textContent = text; controls[name].setAttribute("aria-valuetext", text); } };
    set("orders", fill(words.orders_unit, { value: one.format(data.orders_per_day[here[1]]) }));
    set("handle", fill(words.handle_unit, { value: percent(data.handle_times[here[2]]), minutes: two.format(data.minutes * data.handle_times[here[2]]) }));
    set("pay", fill(words.pay_unit, { value: percent(data.pay_times[here[3]]) }));
    find("ships-out").textContent = controls.ships.checked ? words.ships_yes : words.ships_no;
    const body = find("figures");
    body.replaceChildren(...before.map(([name, value, form], i) => {
      const row = document.createElement("tr"), title = document.createElement("th");
      title.scope = "row"; title.textContent = name; row.append(title);
      const cells = [form.format(value), after ? form.format(after[i][1]) : "–", after ? signed(after[i][1] - value, form) : "–"];
      for (const text of cells) { const cell = document.createElement("td"); cell.textContent = text; row.append(cell); }
      return row;
    }));
    const last = planned.heads.length - 1;
    let text = words.unsettled;
    if (now) {
      text = fill(words.summary, { heads: whole.format(now.heads[last]), more: signed(now.heads[last] - planned.heads[last], whole) });
      if (now.cost) {
        const paid = sum(now.cost), plan = sum(planned.cost);
        const values = { cost: whole.format(paid / now.cost.length), currency: data.currency, percent: signed((paid / plan - 1) * 100, one) + " %" };
        text += fill(words.summary_cost, values);
      }
    }
    if (find("summary").textContent !== text) find("summary").textContent = text;
    draw("heads-chart", now && now.heads, planned.heads, Math.max(room(planned.heads), now ? Math.max(...now.heads) * 1.05 : 0));
    if (planned.cost) draw("cost-chart", now && now.cost, planned.cost, Math.max(room(planned.cost), now ? Math.max(...now.cost) * 1.05 : 0));
  }

  function go(to) {
    controls.orders.value = to[1]; controls.handle.value = to[2]; controls.ships.checked = data.ships[to[0]];
    if (controls.pay) controls.pay.value = to[3];
    show();
  }

  for (const control of Object.values(controls)) if (control) control.addEventListener("input", show);
  find("reset").addEventListener("click", () => go(base));
  // Paper cannot be moved: it shows the plan, and the screen comes back afterwards.
  find("controls").hidden = false;
  go(base);
})();
