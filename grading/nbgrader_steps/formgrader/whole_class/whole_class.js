"use strict";
(function () {
  const { by, element, lines } = ours;
  const about = JSON.parse(by("about").textContent);
  const STEPS = [
    ["autograde", "Autograde", "Autograding"],
    ["feedback", "Generate feedback", "Generating feedback"],
    ["release", "Release feedback", "Releasing feedback"],
  ];
  const SOON = 700, LATER = 4000;
  const NUMBERS = [
    ["handed_in", "Handed in"],
    ["to_grade", "To autograde"],
    ["waiting", "Wait for a person"],
    ["to_tell", "Feedback to make"],
  ];
  let left = [], state = {}, asking = null, pressed = "", timer = 0;

  const ask = (method, path, body) => ours.ask(method, about.api + path, body);

  function row(name, numbers, assignment) {
    const made = element("tr", "", { role: "row" });
    made.append(element("th", name, { scope: "row", role: "rowheader" }));
    NUMBERS.forEach(([, what], place) => {
      const number = numbers[place] ?? "not known";
      made.append(element("td", number, { class: "number", role: "cell", "data-what": what }));
    });
    const cell = element("td", "", { role: "cell" });
    for (const [step, title] of STEPS) {
      const button = element("button", title, { type: "button", "aria-label": `${title}: ${name}` });
      button.disabled = Boolean(state.running || pressed);
      button.addEventListener("click", () => begin(step, assignment));
      cell.append(button);
    }
    made.append(cell);
    return made;
  }

  function showLeft() {
    const rows = left.map((one) => row(one.assignment, NUMBERS.map(([name]) => one[name]), one.assignment));
    const sums = NUMBERS.map(([name]) => {
      const theirs = left.map((one) => one[name]);
      return theirs.includes(null) ? null : theirs.reduce((sum, number) => sum + number, 0);
    });
    by("left").replaceChildren(...rows, row("All assignments", sums, null));
  }

  function showState() {
    const title = (STEPS.find(([step]) => step === state.step) || ["", "", "A regrade"])[2];
    const of = state.assignment || "all assignments";
    const far = state.total ? `: ${state.done} of ${state.total}` : "";
    const who = state.step ? `Begun by ${state.who}, ${state.began}.` : "";
    const did = state.step ? `${title}, ${of}${far}. ${state.ended}` : "Nothing is being done.";
    const told = pressed || did;
    if (by("told").textContent !== told) by("told").textContent = told;
    by("last").textContent = (state.last ? `Last: ${state.last}. ` : "") + who;
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
    for (const button of by("left").querySelectorAll("button")) {
      button.disabled = Boolean(state.running || pressed);
    }
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
    by("refused").textContent = "";
    pressed = `${STEPS.find(([one]) => one === step)[1]}: looking at what there is …`;
    showState();
    by("run").scrollIntoView({ block: "nearest" });
    try {
      const said = await ask("POST", "", { step, assignment, agreed });
      pressed = "";
      if (said.question) {
        showState();
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
      pressed = "";
      showState();
      by("refused").textContent = error.message;
    }
    clearTimeout(timer);
    timer = setTimeout(follow, SOON);
  }

  by("release").addEventListener("click", () => asking());
  by("cancel").addEventListener("click", () => {
    by("asks").hidden = true;
  });
  by("stop").addEventListener("click", async () => {
    try {
      state = await ask("DELETE", "");
      showState();
    } catch (error) {
      by("refused").textContent = error.message;
    }
  });
  look();
  follow();
})();
