"use strict";
(function () {
  const { by, element, lines } = ours;
  const api = JSON.parse(by("about").textContent).api;
  const SOON = 700, LATER = 4000;
  const OURS = ["Preview", "Apply", "Bring back"];
  let state = {}, shown = null, drawn = "", pressed = false, timer = 0;

  const number = (value) => (value === null ? "—" : String(Math.round(value * 100) / 100));
  const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));
  const many = (count) => `${count} submission${count === 1 ? "" : "s"}`;
  const boxes = () => [...by("whose").querySelectorAll("input")];
  const chosen = () => boxes().filter((box) => box.checked);

  function cells(row, texts) {
    for (const [text, attributes] of texts) row.append(element("td", text, attributes));
    return row;
  }

  const named = (line) => (line.cell ? `${line.cell}: ${line.what}` : line.what);

  function reason(one) {
    const row = element("tr", "");
    row.append(element("th", `${named(one)} (${one.assignment})`, { scope: "row" }));
    return cells(row, [
      [one.why],
      [one.submissions, { class: "number" }],
      [signed(one.points), { class: "number" }],
    ]);
  }

  function told(line) {
    const points = line.old === null && line.new === null ? "" : `: ${number(line.old)} → ${number(line.new)}`;
    return `${named(line)}${points} (${line.why})`;
  }

  function submission(one) {
    const row = element("tr", "", { role: "row" });
    const whose = `${one.student} ${one.assignment}`;
    const box = element("input", "", { type: "checkbox", "aria-label": `Choose ${whose}` });
    box.dataset.student = one.student;
    box.dataset.assignment = one.assignment;
    box.addEventListener("change", showButtons);
    const first = element("td", "", { role: "cell" });
    first.append(box);
    const change = one.new > one.old ? "more" : one.new < one.old ? "fewer" : "";
    const points = `${number(one.old)} → ${number(one.new)}`;
    const list = element("ul", "");
    list.append(...lines(one.lines.map(told)));
    const last = element("td", "", { role: "cell", class: "lines" });
    last.append(list);
    row.append(first, element("th", whose, { scope: "row", role: "rowheader" }));
    row.append(element("td", points, { role: "cell", class: `points ${change}` }), last);
    return row;
  }

  function showShown() {
    const now = JSON.stringify(shown);
    if (now !== drawn) {
      drawn = now;
      by("shown").hidden = !shown;
      if (shown) {
        const of = shown.assignment || "all assignments";
        const would = `${many(shown.changes.length)} would change`;
        by("found").textContent = `${of}: ${would}, ${shown.same} would stay as they are`;
        by("looked").textContent = `${shown.who} looked at ${shown.at}.`;
        by("would").hidden = !shown.changes.length;
        by("reasons").replaceChildren(...shown.reasons.map(reason));
        by("whose").replaceChildren(...shown.changes.map(submission));
      }
    }
    showButtons();
  }

  function showButtons() {
    const busy = Boolean(state.running || pressed);
    for (const button of document.querySelectorAll("button")) button.disabled = busy;
    if (!shown) return;
    by("all").textContent = shown.changes.length ? "Apply to all" : "Apply (no points change)";
    by("all").hidden = !shown.changes.length && !shown.same;
    by("some").textContent = `Apply to the ${many(chosen().length)} chosen`;
    by("some").disabled = busy || !chosen().length;
    by("some").hidden = !shown.changes.length;
    by("apply").hidden = by("all").hidden;
  }

  function showState() {
    const title = OURS.includes(state.step) ? state.step : state.step && "Another step for the class";
    const of = state.assignment || "all assignments";
    const text = title ? `${title}, ${of}. ${state.ended}` : "Nothing is being done.";
    if (by("told").textContent !== text) by("told").textContent = text;
    by("last").textContent = title ? `${state.last} Begun by ${state.who}, ${state.began}.` : "";
    by("bar").hidden = !state.running;
    by("remarks").hidden = !(state.failures || []).length;
    by("lines").replaceChildren(...lines(state.failures || []));
  }

  const take = (said) => {
    state = said.state;
    shown = said.shown;
    showState();
    showShown();
  };

  async function follow() {
    clearTimeout(timer);
    const ran = state.running;
    try {
      take(await ours.ask("GET", api));
      if (ran && !state.running) showRuns();
    } catch (error) {
      by("told").textContent = `How far it is cannot be seen: ${error.message}`;
    }
    timer = setTimeout(follow, state.running ? SOON : LATER);
  }

  async function begin(body) {
    by("refused").textContent = "";
    pressed = true;
    showButtons();
    by("told").scrollIntoView({ block: "nearest" });
    try {
      const said = await ours.ask("POST", api, body);
      said.state.running = true;
      pressed = false;
      take(said);
    } catch (error) {
      pressed = false;
      by("refused").textContent = error.message;
      showButtons();
    }
    clearTimeout(timer);
    timer = setTimeout(follow, SOON);
  }

  const apply = (whose) => begin({ do: "apply", run: shown.run, whose, why: by("why").value });
  const bringBack = (states, why) => begin({ do: "bring_back", states, why });

  function back(one, why) {
    const item = element("li", `${one.student} ${one.assignment}: ${number(one.score)} points until then `);
    const button = element("button", "Bring back", {
      type: "button",
      "aria-label": `Bring back ${one.student} ${one.assignment}: ${number(one.score)} points`,
    });
    button.addEventListener("click", () => bringBack([one.id], why));
    item.append(button);
    return item;
  }

  function run(one) {
    const made = element("details", "");
    const names = one.assignments.join(", ");
    made.append(element("summary", `${one.at}, ${one.who}: ${one.why}. ${many(one.submissions)} of ${names}`));
    made.addEventListener("toggle", async () => {
      if (!made.open || made.querySelector("ul")) return;
      const list = element("ul", "");
      made.append(list);
      try {
        const { states } = await ours.ask("GET", `${api}/runs/${one.run}`);
        const why = `brought back what was before: ${one.why}`.slice(0, 500);
        const all = element("button", `Bring back all ${states.length}`, { type: "button" });
        all.addEventListener("click", () => bringBack(states.map((each) => each.id), why));
        made.insertBefore(all, list);
        list.append(...states.map((each) => back(each, why)));
        showButtons();
      } catch (error) {
        list.remove();
        made.append(element("p", error.message, { class: "bad" }));
      }
    });
    return made;
  }

  async function showRuns() {
    try {
      const { runs, more } = await ours.ask("GET", `${api}/runs`);
      by("runs").replaceChildren(...runs.map(run));
      const older = more ? `${more} older runs: make regrade HISTORY=all.` : "";
      by("more").textContent = runs.length ? older : "No run has changed any grades yet.";
    } catch (error) {
      by("more").textContent = error.message;
    }
  }

  by("look").addEventListener("submit", (event) => {
    event.preventDefault();
    begin({ do: "preview", assignment: by("assignment").value || null });
  });
  by("apply").addEventListener("submit", (event) => event.preventDefault());
  by("all").addEventListener("click", () => apply(null));
  by("some").addEventListener("click", () => {
    apply(chosen().map((box) => [box.dataset.student, box.dataset.assignment]));
  });
  showRuns();
  follow();
})();
