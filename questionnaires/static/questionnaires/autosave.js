// Saves 0.8 s after the last input; only a 204 counts as saved.
const form = document.querySelector("form[data-autosave]");
if (form) {
  const text = form.dataset, rev = form.elements.rev;
  const state = document.getElementById("save-state");
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" });
  let wait = 800, timer, typed = 0, stored = 0, busy, stopped, pressed;

  const say = (words, href, label) => {
    state.textContent = words;
    if (!href) return;
    const link = Object.assign(document.createElement("a"), { href, textContent: label });
    state.append(" ", link);
    // sent as it is, the form is answered with both versions
    if (stopped) link.onclick = () => form.requestSubmit();
  };
  const later = () => { clearTimeout(timer); if (!stopped) timer = setTimeout(send, wait); };
  const again = (words) => { wait = Math.min(wait * 2, 60000); say(words); later(); };

  async function send() {
    if (busy) return later();
    const sent = typed, body = new URLSearchParams(new FormData(form));
    // changes at sign-in
    const token = /csrftoken=(\w+)/.exec(document.cookie);
    if (token) body.set("csrfmiddlewaretoken", token[1]);
    const headers = { "If-Match": `"${rev.value}"`, "X-Requested-With": "autosave" };
    busy = true;
    try {
      say(text.saving);
      const answer = await fetch(text.autosave, { method: "POST", body, headers, redirect: "manual" });
      if (answer.status === 204) {
        rev.value = answer.headers.get("ETag").replace(/\D/g, "");
        stored = sent;
        wait = 800;
        say(`${text.saved} ${clock.format(new Date())}`);
      } else if (answer.status === 401) again(text.signedOut);
      else if ([403, 409, 422].includes(answer.status)) {
        const { error, field } = await answer.json();
        stopped = answer.status === 409;
        say(error, stopped ? "#answers" : field && `#${field}`, stopped ? text.compare : "↑");
      } else again(text.unsaved);
    } catch {
      again(text.unsaved);
    }
    busy = false;
    if (pressed !== undefined) form.requestSubmit(pressed);
  }

  form.addEventListener("input", () => { typed += 1; later(); });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (busy) { event.preventDefault(); pressed = event.submitter; } else stored = typed;
  });
  addEventListener("beforeunload", (event) => { if (stored !== typed) event.preventDefault(); });
}
