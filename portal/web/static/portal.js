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

// A choice that takes effect at once needs no button.
for (const select of document.querySelectorAll("select[data-submit]")) {
  const button = select.form.querySelector("button[type=submit]");
  button.classList.add("unseen");
  button.tabIndex = -1;
  select.addEventListener("change", () => select.form.requestSubmit());
}

// A second click on a submit button does nothing until the answer is there.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
  setTimeout(() => delete event.target.dataset.sent, 5000);
});

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
  const tick = () => {
    clearTimeout(timer);
    const left = Math.round((ends - Date.now()) / 1000);
    if (left <= 0) {
      location.assign(location.pathname + location.search);
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

// A run that is under way shows how it goes on, unless somebody is busy with the page.
const refreshed = document.querySelector("[data-refresh]");
if (refreshed) {
  const again = () => {
    if (document.hidden || document.activeElement?.closest("form")) setTimeout(again, 1000);
    else location.reload();
  };
  setTimeout(again, Number(refreshed.dataset.refresh) * 1000);
}
