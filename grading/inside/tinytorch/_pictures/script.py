"""The script that lets a graph be stepped through: it asks no network, and all it shows is text."""

SCRIPT = """
(() => {
  const BLUE = "#0072b2", ORANGE = "#d55e00", GREY = "#888888";
  const make = (kind, text) => {
    const made = document.createElement(kind);
    made.textContent = text;
    return made;
  };
  for (const figure of document.querySelectorAll("figure.tinytorch-graph:not(.ready)")) {
    figure.classList.add("ready");
    const steps = JSON.parse(figure.dataset.steps);
    const still = figure.querySelector("img");
    const source = decodeURIComponent(still.src.slice(still.src.indexOf(",") + 1));
    const read = new DOMParser().parseFromString(source, "image/svg+xml");
    const svg = document.importNode(read.documentElement, true);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", still.alt);
    svg.style.maxWidth = "100%";
    svg.style.height = "auto";
    const moving = make("div", "");
    moving.className = "moving";
    const said = make("p", "");
    said.setAttribute("aria-live", "polite");
    said.style.minHeight = "3em";
    said.style.maxWidth = "36em";
    let now = 0;
    const go = (to) => {
      now = Math.max(0, Math.min(steps.length - 1, to));
      const step = steps[now];
      said.textContent = step.said;
      for (const node of svg.querySelectorAll(".node")) {
        const here = Number(node.dataset.node) === step.at;
        const box = node.querySelector("rect");
        box.setAttribute("stroke", here ? ORANGE : BLUE);
        box.setAttribute("stroke-width", here ? "4" : "1.5");
        node.querySelector(".grad").textContent = step.grads[Number(node.dataset.node)];
      }
      for (const edge of svg.querySelectorAll(".edge")) {
        const used = now > 1 && Number(edge.dataset.to) === step.at;
        edge.setAttribute("stroke", used ? ORANGE : GREY);
        edge.setAttribute("fill", used ? ORANGE : GREY);
        edge.querySelector("path").setAttribute("stroke-width", used ? "4" : "1.5");
      }
      first.disabled = back.disabled = now === 0;
      forth.disabled = now === steps.length - 1;
    };
    const button = (text, to) => {
      const made = make("button", text);
      made.type = "button";
      made.style.cssText = "font: inherit; padding: 0.4em 0.8em; margin: 0 0.5em 0.4em 0";
      made.addEventListener("click", () => go(to()));
      return made;
    };
    const forth = button("Next step ▶", () => now + 1);
    const back = button("◀ Undo", () => now - 1);
    const first = button("Start again", () => 0);
    const buttons = make("div", "");
    buttons.append(forth, back, first);
    const style = make("style",
      "@media screen { .tinytorch-graph.ready > img { display: none } }" +
      "@media print { .tinytorch-graph > .moving { display: none } }");
    moving.append(buttons, said, svg);
    figure.append(style, moving);
    go(0);
  }
})();
"""
