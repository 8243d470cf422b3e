// Says while somebody types a new password what it still lacks. The rules are the server's, which checks them
// again when the form is sent; without JavaScript they stand there to be read.
"use strict";

for (const box of document.querySelectorAll(".password-rules")) {
  const input = document.getElementById(box.dataset.for);
  const says = box.querySelector("[role=status]");
  const strength = box.querySelector(".strength");
  let timer = 0;
  let asked = 0;
  const show = (opinion) => {
    for (const rule of box.querySelectorAll("[data-rule]")) {
      const broken = opinion && opinion.broken.includes(rule.dataset.rule);
      rule.classList.toggle("unmet", Boolean(broken));
      rule.classList.toggle("met", Boolean(opinion) && !broken && rule.dataset.rule !== "password.reused");
    }
    strength.hidden = !opinion;
    says.textContent = opinion ? opinion.reason || `This password is ${opinion.word}.` : "";
    if (!opinion) return;
    strength.querySelector("meter").value = opinion.strength;
    strength.querySelector(".strength-word").textContent = opinion.word;
  };
  const ask = async () => {
    const number = ++asked;
    if (!input.value) return show(null);
    try {
      const answer = await fetch(box.dataset.check, { method: "POST", body: new URLSearchParams({ password: input.value }) });
      if (answer.ok && number === asked) show(await answer.json());
    } catch {
      // The server says it when the form is sent.
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 300);
  });
}
