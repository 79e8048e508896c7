"use strict";
const ours = (() => {
  const by = (id) => document.getElementById(id);

  function element(name, text, attributes) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    return made;
  }

  async function ask(method, address, body) {
    const token = document.cookie.match("\\b_xsrf=([^;]*)\\b");
    const answer = await fetch(address, {
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

  return { by, element, lines: (texts) => texts.map((text) => element("li", text)), ask };
})();
