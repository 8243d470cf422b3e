// The sign-in page's security check: before the form is sent, the script asks whether work is to be done,
// does it, and sends the result along. Without JavaScript the page says how long to wait instead.
"use strict";

// SHA-256 of a text shorter than 56 bytes, as its first 32 bits: one block, which is all the work needs.
// Written out, because the browser's own answers too slowly for so many short texts.
const firstBits = (() => {
  const constants = new Int32Array(64);
  const initial = new Int32Array(8);
  const fraction = (x) => ((x - Math.floor(x)) * 0x100000000) | 0;
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) initial[found] = fraction(Math.sqrt(n));
    constants[found++] = fraction(Math.cbrt(n));
  }
  const w = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  return (text) => {
    w.fill(0, 0, 16);
    for (let i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    w[15] = text.length * 8;
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15];
      const b = w[i - 2];
      w[i] = (w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = initial;
    for (let i = 0; i < 64; i++) {
      const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i]) | 0;
      const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return (a + initial[0]) >>> 0;
  };
})();

// A number for which the hash of nonce, dot and number begins with so many zero bits. The page stays usable meanwhile.
const solve = async (nonce, bits, tell) => {
  const below = 2 ** (32 - bits);
  for (let n = 0; ; ) {
    const pause = performance.now() + 40;
    while (performance.now() < pause) {
      for (let i = 0; i < 500; i++, n++) if (firstBits(`${nonce}.${n}`) < below) return String(n);
    }
    tell(Math.min(99, Math.round(100 * (1 - Math.exp(-n / 2 ** bits)))));
    await new Promise((done) => setTimeout(done));
  }
};

const form = document.querySelector("form[data-challenge]");
if (form) {
  const status = document.getElementById("challenge-status");
  const field = (name) => form.elements.namedItem(name);
  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = form.querySelector("button[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    try {
      const body = new URLSearchParams({ username: field("username").value });
      const answer = await fetch(form.dataset.challenge, { method: "POST", body });
      const work = answer.ok ? await answer.json() : {};
      field("challenge").value = work.challenge || "";
      field("solution").value = "";
      if (work.challenge) {
        status.textContent = "A short security check is running. You need do nothing.";
        status.hidden = false;
        const bar = document.getElementById("challenge-progress");
        bar.hidden = false;
        field("solution").value = await solve(work.nonce, work.bits, (percent) => { bar.value = percent; });
        bar.value = 100;
        status.textContent = "The security check is done. Signing in.";
      }
    } catch {
      // The server asks again, and says how long to wait instead.
    }
    button.disabled = false;
    ready = true;
    form.requestSubmit();
    ready = false;
  });
}
