/* JupyterLab's side of the course's page: it saves when the page asks, and has Validate and Submit.
   Written by hand in the form in which JupyterLab loads an extension; there is nothing to build. */
"use strict";
(() => {
  const NAME = "course-page", NARROW = 700;
  const lab = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const wanted_cell = decodeURIComponent((location.hash.match(/^#cell-id=(.+)/) || ["", ""])[1]);
  let shared = {};

  /* One of JupyterLab's own libraries, such as "@lumino/widgets". */
  const library = async name => (await Object.values(shared[name])[0].get())();

  const base = () => JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl;

  /* The documents below a folder that are open. */
  function open_below(app, folder) {
    return [...app.shell.widgets("main")].filter(
      widget => widget.context && widget.context.path.startsWith(folder));
  }

  async function save_below(app, folder) {
    const saved = [], failed = [];
    for (const { context } of open_below(app, folder)) {
      try {
        if (context.model.dirty) await context.save();
        (context.model.dirty ? failed : saved).push(context.path);
      } catch { failed.push(context.path); }
    }
    return { saved, failed };
  }

  function listen(app) {
    const channel = new BroadcastChannel("course:" + base());
    channel.onmessage = async ({ data }) => {
      if (data.ask !== "save") return;
      const dirty = open_below(app, data.folder).filter(w => w.context.model.dirty);
      channel.postMessage({ id: data.id, lab, dirty: dirty.map(w => w.context.path) });
      channel.postMessage({ id: data.id, lab, ...(await save_below(app, data.folder)) });
    };
  }

  const WORDS = { "holds": "✓ holds", "fails": "✗ fails", "not written yet": "… not written yet",
    "changed": "✗ changed", "not run": "✗ not run", "hidden": "after handing in" };

  function element(tag, text, ...children) {
    const made = document.createElement(tag);
    made.append(text, ...children);
    return made;
  }

  /* What Validate found, each test with a button that leads to its cell. */
  function found(panel, answer, close) {
    const list = element("ul", "");
    list.style.cssText = "padding-left: 1.2em; line-height: 2.6";
    for (const test of answer.tests) {
      const go = element("button", test.place.section || test.place.name);
      go.type = "button";
      go.addEventListener("click", () => { close(); show_cell(panel, test.place); });
      const more = test.hidden > 0 ? ` (${test.hidden} more after you hand in)` : "";
      list.append(element("li", `${WORDS[test.state]} `, go, test.why ? ` ${test.why}` : "", more));
    }
    const open = answer.unfinished.map(({ place, functions }) => element("li",
      `${place.section || place.name}: ${functions.join(", ") || "as it was handed out"}`));
    const shown = element("div", element("p", element("strong", answer.summary)), answer.stopped, list,
      ...(open.length ? [element("p", "Not answered yet:"), element("ul", "", ...open)] : []));
    shown.style.cssText = "overflow: auto; max-height: 60vh";
    return shown;
  }

  function show_cell(panel, place) {
    const cells = panel.content.widgets;
    const index = cells.findIndex(cell => cell.model.id === place.id);
    panel.content.activeCellIndex = index < 0 ? place.number : index;
    panel.content.scrollToItem?.(panel.content.activeCellIndex, "center");
    panel.content.activate();
  }

  async function ask_validation(path) {
    const xsrf = (document.cookie.match(/(?:^|; )_xsrf=([^;]+)/) || ["", ""])[1];
    const answer = await fetch(base() + "course/api/validate", { method: "POST",
      body: JSON.stringify({ path }),
      headers: { "Content-Type": "application/json", "X-XSRFToken": decodeURIComponent(xsrf) } });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.message || `The server answered ${answer.status}.`);
    return said;
  }

  async function validate(panel, button) {
    const { Dialog } = await library("@jupyterlab/apputils");
    const { Widget } = await library("@lumino/widgets");
    button.disabled = true;
    let shown;
    try {
      await panel.context.save();
      const answer = await ask_validation(panel.context.path);
      shown = found(panel, answer, () => dialog.reject());
    } catch (error) { shown = element("p", error.message); }
    finally { button.disabled = false; }
    const body = new Widget({ node: shown });
    const dialog = new Dialog({ title: "Validate", body, buttons: [Dialog.okButton({ label: "Close" })] });
    await dialog.launch();
  }

  async function submit(app, panel, page) {
    const [course, assignment] = panel.context.path.split("/");
    await save_below(app, `${course}/${assignment}/`);
    page.location.href = `${base()}course#submit=` +
      [course, assignment].map(encodeURIComponent).join("/");
  }

  /* Buttons in the toolbar of every notebook that lies in an assignment's folder. */
  async function add_buttons(app, panel) {
    const { Widget } = await library("@lumino/widgets");
    await panel.context.ready;
    const place = panel.content.widgets.map(cell => cell.model.id).indexOf(wanted_cell);
    if (place >= 0) panel.revealed.then(() => show_cell(panel, { id: wanted_cell, number: place }));
    if (panel.context.path.split("/").length !== 3) return;
    const add = (rank, text, tip, act) => {
      const button = element("button", text);
      Object.assign(button, { type: "button", title: tip, className: "jp-ToolbarButtonComponent course-page" });
      button.style.fontSize = "var(--jp-ui-font-size1)";
      button.addEventListener("click", () => act(button));
      panel.toolbar.insertItem(rank, `course-${text.toLowerCase()}`, new Widget({ node: button }));
    };
    add(10, "Validate", "Save, and run the visible tests", button => validate(panel, button));
    add(11, "Submit", "Save, and hand in this assignment", () => submit(app, panel, window.open("", "_blank")));
  }

  async function add_link(app) {
    const { Widget } = await library("@lumino/widgets");
    const link = element("a", "Course page");
    Object.assign(link, { href: base() + "course", target: "_blank", className: "course-page" });
    link.style.cssText = "padding: 0 1em; line-height: 28px; color: var(--jp-content-link-color)";
    const widget = new Widget({ node: link });
    widget.id = "course-page-link";
    app.shell.add(widget, "top", { rank: 2000 });
  }

  const plugin = {
    id: `${NAME}:plugin`,
    autoStart: true,
    activate: app => {
      listen(app);
      add_link(app);
      app.restored.then(() => { if (innerWidth < NARROW) app.shell.collapseLeft(); });
      app.docRegistry.addWidgetExtension("Notebook", { createNew: panel => { add_buttons(app, panel); } });
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: scope => { shared = scope; },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
