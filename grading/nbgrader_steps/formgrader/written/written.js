"use strict";
(function () {
  const by = (id) => document.getElementById(id);
  const about = JSON.parse(by("about").textContent);
  const drafts = new Map();
  let answers = about.answers, comments = about.comments, at = about.start, saving = false;

  const asText = (score) => (score === null ? "" : String(score));
  const stands = (one) => ({ score: asText(one.score), comment: one.comment, version: one.version });
  const written = () => drafts.get(answers[at].id) || stands(answers[at]);
  const told = (text, bad) => {
    by("told").textContent = text;
    by("told").classList.toggle("bad", Boolean(bad));
  };
  const inPoints = (score) => `${score || "no"} point${String(score) === "1" ? "" : "s"}`;
  const inWords = (score, comment) => `${inPoints(score)}\n${comment || "(no comment)"}`;

  function show(focus) {
    const one = answers[at], mine = written();
    const left = answers.filter((other) => other.waits).length;
    by("left").textContent = `${left} of ${answers.length} answers left`;
    const whose = by("names").checked ? `, by ${one.student}` : "";
    by("theirs").textContent = `Answer ${at + 1} of ${answers.length}${whose}`;
    const source = `${about.api}/${encodeURIComponent(one.id)}`;
    if (by("answer").getAttribute("src") !== source) by("answer").setAttribute("src", source);
    by("score").value = mine.score;
    by("comment").value = mine.comment;
    const graded = one.score === null ? "Not graded yet." : `${inPoints(String(one.score))} given.`;
    const who = one.who ? ` Graded by ${one.who}, ${one.at}.` : "";
    by("graded").textContent = (one.waits ? "Waits for a person. " : "") + graded + who;
    by("other").hidden = !mine.now;
    if (mine.now) {
      by("why").textContent = mine.why;
      by("now").textContent = inWords(asText(mine.now.score), mine.now.comment);
      by("mine").textContent = inWords(mine.score, mine.comment);
    }
    by("used").replaceChildren(...comments.map((text) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text.length > 200 ? `${text.slice(0, 200)}…` : text;
      button.setAttribute("aria-label", `Use the comment: ${text}`);
      button.addEventListener("click", () => {
        const now = by("comment").value;
        by("comment").value = now.trim() ? `${now}\n${text}` : text;
        keep();
      });
      return button;
    }));
    if (focus) by("score").focus();
  }

  function keep() {
    const mine = written(), one = stands(answers[at]);
    mine.score = by("score").value;
    mine.comment = by("comment").value;
    const same = mine.score === one.score && mine.comment === one.comment && !mine.now;
    if (same) drafts.delete(answers[at].id);
    else drafts.set(answers[at].id, mine);
  }

  function move(steps) {
    at = (at + steps + answers.length) % answers.length;
    told("");
    show();
  }

  function nextLeft() {
    for (let step = 1; step < answers.length; step += 1) {
      if (answers[(at + step) % answers.length].waits) return step;
    }
    return 0;
  }

  async function save() {
    if (saving) return;
    keep();
    const id = answers[at].id, mine = { ...written() };
    saving = true;
    told("Saving…");
    try {
      const token = document.cookie.match("\\b_xsrf=([^;]*)\\b");
      const answer = await fetch(`${about.api}/${encodeURIComponent(id)}`, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token ? token[1] : "" },
        body: JSON.stringify({ score: mine.score, comment: mine.comment, version: mine.version }),
      });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) saved(id, mine, said);
      else refused(id, mine, answer.status, said);
    } catch (error) {
      told("The server cannot be reached: nothing was saved. What you wrote is still here.", true);
    } finally {
      saving = false;
    }
  }

  function saved(id, mine, said) {
    const draft = drafts.get(id);
    if (draft && draft.score === mine.score && draft.comment === mine.comment) drafts.delete(id);
    else if (draft) drafts.set(id, { ...draft, version: said.saved.version, now: undefined });
    const here = answers[at].id;
    answers = said.answers;
    comments = said.comments;
    at = Math.max(0, answers.findIndex((one) => one.id === here));
    const step = here === id ? nextLeft() : 0;
    at = (at + step) % answers.length;
    told(answers.some((one) => one.waits) ? "Saved." : "Saved. None is left.");
    show(true);
  }

  function refused(id, mine, status, said) {
    if (status === 409 && said.now) {
      drafts.set(id, { ...(drafts.get(id) || mine), now: said.now, why: said.why });
      const place = answers.findIndex((one) => one.id === id);
      if (place >= 0) answers[place] = said.now;
    }
    show();
    const why = said.why || "The server refused this (is it still logged in?). It is still here.";
    told(why, true);
  }

  by("form").addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  by("score").addEventListener("input", keep);
  by("comment").addEventListener("input", keep);
  by("back").addEventListener("click", () => move(-1));
  by("on").addEventListener("click", () => move(1));
  by("names").addEventListener("change", () => show());
  by("keep").addEventListener("click", () => {
    drafts.delete(answers[at].id);
    told("");
    show(true);
  });
  by("replace").addEventListener("click", () => {
    const mine = written();
    drafts.set(answers[at].id, { ...mine, version: mine.now.version, now: undefined });
    show();
    save();
  });
  document.addEventListener("keydown", (event) => {
    const where = document.activeElement, writes = where === by("comment");
    if (event.key === "Enter" && writes && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
      return;
    }
    if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
    const scores = where === by("score");
    const on = ["j", "ArrowDown"].concat(scores ? [] : ["ArrowRight"]);
    const back = ["k", "ArrowUp"].concat(scores ? [] : ["ArrowLeft"]);
    if (on.includes(event.key) || back.includes(event.key)) {
      event.preventDefault();
      move(on.includes(event.key) ? 1 : -1);
    } else if (!scores && /^[0-9.]$/.test(event.key)) {
      by("score").focus();
      by("score").select();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (drafts.size) event.preventDefault();
  });
  for (const id of ["answer", "model"]) {
    by(id).addEventListener("load", () => {
      const page = by(id).contentDocument;
      if (page) by(id).style.height = `${page.documentElement.scrollHeight + 4}px`;
    });
  }
  by("model").setAttribute("src", about.model);
  show(true);
})();
