"use strict";
for (const form of document.querySelectorAll("form[data-address]")) {
  const field = form.querySelector("textarea"), told = form.querySelector(".told");
  const button = form.querySelector("button");
  const tell = (text, bad) => {
    told.textContent = text;
    told.classList.toggle("bad", Boolean(bad));
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    tell("Saving…");
    try {
      const token = document.cookie.match("\\b_xsrf=([^;]*)\\b");
      const answer = await fetch(form.dataset.address, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token ? token[1] : "" },
        body: JSON.stringify({ answer: field.value, read: form.dataset.read }),
      });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) {
        form.dataset.read = said.saved.answer;
        button.textContent = "Change the answer";
        tell("Saved.");
      } else if (answer.status === 409 && said.now) {
        form.dataset.read = said.now.answer;
        tell(`${said.why} There stands: ${said.now.answer} Press again to save yours in its place.`, true);
      } else {
        tell(said.why || "The server refused this (is it still logged in?). What you wrote is still here.", true);
      }
    } catch (error) {
      tell("The server cannot be reached: nothing was saved. What you wrote is still here.", true);
    } finally {
      button.disabled = false;
    }
  });
}
window.addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll("form[data-address]")];
  if (forms.some((form) => form.querySelector("textarea").value.trim() !== form.dataset.read)) event.preventDefault();
});
