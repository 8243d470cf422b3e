// What makes the pages nicer with JavaScript; without it everything works, too.
"use strict";

// Show and hide a password.
for (const button of document.querySelectorAll(".reveal")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const label = document.querySelector(`label[for="${input.id}"]`).textContent.trim().toLowerCase();
  const say = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", `${shown ? "Hide" : "Show"} ${label}`);
  };
  button.hidden = false;
  say(false);
  button.addEventListener("click", () => say(input.type === "password"));
  input.form.addEventListener("submit", () => say(false));
}

// Copy a value that is shown once.
for (const button of document.querySelectorAll(".copy")) {
  if (!navigator.clipboard) continue;
  const input = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(input.value);
    button.textContent = "Copied";
  });
}

// Print the page that is shown once.
for (const button of document.querySelectorAll(".print-page")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A choice made with mouse or finger takes effect at once. By keyboard each arrow key changes the choice, so there
// the button says which one is meant.
for (const select of document.querySelectorAll("select[data-submit]")) {
  let pointed = false;
  select.addEventListener("pointerdown", () => { pointed = true; });
  select.addEventListener("keydown", () => { pointed = false; });
  select.addEventListener("change", () => { if (pointed) select.form.requestSubmit(); });
}

// A second click on a submit button does nothing until the answer is there.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
  if (event.submitter?.dataset.busy && !event.defaultPrevented) event.submitter.lastChild.textContent = event.submitter.dataset.busy;
  setTimeout(() => delete event.target.dataset.sent, 5000);
});

// A row of a form is added and removed in place, so that what is typed stays.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-add], button[data-remove]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.remove) {
    const row = button.closest(button.dataset.remove);
    const next = row.nextElementSibling || row.parentElement.closest("fieldset").querySelector("[data-add]");
    row.remove();
    (next.querySelector("input") || next).focus();
    return;
  }
  const list = document.getElementById(button.dataset.to);
  const number = Number(list.dataset.next || list.children.length);
  list.dataset.next = number + 1;
  list.insertAdjacentHTML("beforeend", document.getElementById(button.dataset.add).innerHTML.replaceAll("NEW", number));
  list.lastElementChild.querySelector("input").focus();
});

// A form that shows what its settings lead to does so while somebody types.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = document.getElementById("firings");
  let timer = 0;
  let asked = 0;
  const show = async () => {
    const number = ++asked;
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body });
      const text = await answer.text();
      if (answer.ok && number === asked) shown.innerHTML = text;
    } catch {
      // The button shows it, too.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 250);
  });
  for (const button of form.querySelectorAll(".without-script")) button.hidden = true;
  show();
}

// A page that the browser kept is asked for anew, so that Back shows nothing after signing out.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Warn before the session ends for lack of use, and leave the page when it has.
const idleSeconds = Number(document.body.dataset.idleSeconds || 0);
const idleBox = document.querySelector(".idle-box");
if (idleSeconds > 0 && idleBox) {
  const warnSeconds = 120;
  let ends = Date.now() + idleSeconds * 1000;
  let focusBefore = null;
  let timer = 0;
  // What is typed is kept at the server until its person has signed in again.
  let typed = null;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.method === "post" && form.closest("main") && !form.enctype.startsWith("multipart")) typed = form;
  });
  const leave = async () => {
    const here = location.pathname + location.search;
    if (!typed?.isConnected) {
      location.assign(here);
      return;
    }
    const body = new URLSearchParams(new FormData(typed));
    body.set("keep-page", here);
    body.set("keep-action", new URL(typed.action).pathname);
    try {
      const answer = await fetch("/session/form", { method: "POST", body });
      location.assign(answer.ok ? (await answer.json()).page : here);
    } catch {
      location.assign(here);
    }
  };
  const tick = () => {
    clearTimeout(timer);
    const left = Math.round((ends - Date.now()) / 1000);
    if (left <= 0) {
      leave();
      return;
    }
    const warn = left <= warnSeconds;
    if (warn && idleBox.hidden) {
      focusBefore = document.activeElement;
      idleBox.hidden = false;
      idleBox.querySelector(".idle-keep").focus();
    }
    if (warn) idleBox.querySelector(".idle-left").textContent = left > 60 ? "two minutes" : `${left} seconds`;
    timer = setTimeout(tick, warn ? 1000 : Math.min((left - warnSeconds) * 1000, 60000));
  };
  idleBox.querySelector(".idle-keep").addEventListener("click", async () => {
    const answer = await fetch("/session/keep", { method: "POST", redirect: "manual" });
    if (!answer.ok) {
      location.reload();
      return;
    }
    ends = Date.now() + idleSeconds * 1000;
    idleBox.hidden = true;
    if (focusBefore) focusBefore.focus();
  });
  document.addEventListener("visibilitychange", tick); // a computer that slept notices at once
  tick();
}

// A page that follows something under way: each event carries the new content of the element whose
// id is its name; the log grows. Where that doesn't work, the page is loaded anew now and then.
const followed = document.querySelector("[data-events]");
if (followed) {
  const again = () => {
    if (document.hidden || document.activeElement?.closest("main form")) setTimeout(again, 1000);
    else location.reload();
  };
  const source = new EventSource(followed.dataset.events);
  for (const part of document.querySelectorAll("[data-part]")) {
    source.addEventListener(part.id, (event) => {
      if (!part.contains(document.activeElement)) part.innerHTML = event.data;
    });
  }
  const log = document.getElementById("run-log");
  source.addEventListener("run-log", (event) => {
    log.closest("[hidden]")?.removeAttribute("hidden");
    log.insertAdjacentHTML("beforeend", event.data);
    const none = document.getElementById("run-log-none");
    if (none) none.hidden = true;
  });
  source.addEventListener("over", () => {
    source.close();
    followed.dataset.over = "yes";
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED && !followed.dataset.over) setTimeout(again, 5000);
  });
  window.addEventListener("pagehide", () => source.close());
}
