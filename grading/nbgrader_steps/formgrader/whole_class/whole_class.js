"use strict";
(function () {
  const by = (id) => document.getElementById(id);
  const about = JSON.parse(by("about").textContent);
  const STEPS = [
    ["autograde", "Autograde", "Autograding"],
    ["feedback", "Generate feedback", "Generating feedback"],
    ["release", "Release feedback", "Releasing feedback"],
  ];
  const SOON = 700, LATER = 4000;
  let left = [], state = {}, asking = null, timer = 0;

  const element = (name, text, attributes) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    return made;
  };
  const lines = (texts) => texts.map((text) => element("li", text));

  async function ask(method, path, body) {
    const token = document.cookie.match("\\b_xsrf=([^;]*)\\b");
    const answer = await fetch(about.api + path, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token ? token[1] : "" },
      body: body && JSON.stringify(body),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      throw new Error(said.why || "The server refused this: are you still logged in?");
    }
    return said;
  }

  function row(name, numbers, assignment) {
    const made = document.createElement("tr");
    made.append(element("th", name, { scope: "row" }));
    for (const number of numbers) made.append(element("td", number, { class: "number" }));
    const cell = document.createElement("td");
    for (const [step, title] of STEPS) {
      const button = element("button", title, { type: "button", "aria-label": `${title}: ${name}` });
      button.disabled = Boolean(state.running);
      button.addEventListener("click", () => begin(step, assignment));
      cell.append(button);
    }
    made.append(cell);
    return made;
  }

  function showLeft() {
    const names = ["handed_in", "to_grade", "waiting", "to_tell"];
    const rows = left.map((one) => row(one.assignment, names.map((name) => one[name]), one.assignment));
    const sums = names.map((name) => left.reduce((sum, one) => sum + one[name], 0));
    by("left").replaceChildren(...rows, row("All assignments", sums, null));
  }

  function showState() {
    const title = (STEPS.find(([step]) => step === state.step) || ["", "", ""])[2];
    const of = state.assignment || "all assignments";
    const far = state.total === null ? "" : `: ${state.done} of ${state.total}`;
    const who = state.step ? ` (begun by ${state.who}, ${state.began})` : "";
    const told = state.step ? `${title}, ${of}${far}. ${state.ended}` : "Nothing is being done.";
    if (by("told").textContent !== told) by("told").textContent = told;
    by("last").textContent = (state.last ? `Last: ${state.last}` : "") + who;
    by("bar").hidden = !state.running;
    if (state.total) {
      by("bar").max = state.total;
      by("bar").value = state.done;
    } else {
      by("bar").removeAttribute("value");
    }
    by("stop").hidden = !state.running || state.stopping;
    const failures = state.failures || [];
    by("failed").hidden = !failures.length;
    by("failures").replaceChildren(...lines(failures));
    for (const button of by("left").querySelectorAll("button")) button.disabled = state.running;
  }

  async function look() {
    try {
      left = (await ask("GET", "/left")).left;
      by("looks").textContent = left.map((one) => one.why).filter(Boolean).join(" ");
      showLeft();
    } catch (error) {
      by("looks").textContent = error.message;
    }
  }

  async function follow() {
    clearTimeout(timer);
    const ran = state.running;
    try {
      state = await ask("GET", "");
      showState();
      if (ran && !state.running) look();
    } catch (error) {
      by("told").textContent = `How far it is cannot be seen: ${error.message}`;
    }
    timer = setTimeout(follow, state.running ? SOON : LATER);
  }

  async function begin(step, assignment, agreed) {
    by("asks").hidden = true;
    try {
      const said = await ask("POST", "", { step, assignment, agreed });
      if (said.question) {
        asking = () => begin(step, assignment, said.question);
        by("question").replaceChildren(...lines(said.question.split("\n")));
        by("asks").hidden = false;
        by("cancel").focus();
        return;
      }
      state = said;
      showState();
      state.running = true;
    } catch (error) {
      by("told").textContent = error.message;
    }
    clearTimeout(timer);
    timer = setTimeout(follow, SOON);
  }

  by("release").addEventListener("click", () => asking());
  by("cancel").addEventListener("click", () => {
    by("asks").hidden = true;
  });
  by("stop").addEventListener("click", async () => {
    state = await ask("DELETE", "");
    showState();
  });
  look();
  follow();
})();
