// Passkeys and security keys: what a form with data-passkey needs from the browser.
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the server sent, with bytes where the browser wants bytes.
const readOptions = (text) => {
  const options = JSON.parse(text);
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const one of list || []) one.id = toBytes(one.id);
  }
  return options;
};

const writeAnswer = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const sentences = {
  NotAllowedError: "The browser stopped, or it took too long. Try once more.",
  InvalidStateError: "This device or key is set up already.",
  SecurityError: "Passkeys don’t work at this address. Use the name of the host, not its number.",
  NotSupportedError: "This device can’t make a passkey that asks for your fingerprint, face or PIN.",
};

let waiting = null; // the question that the browser asks in the list of the user ID field

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const trouble = form.querySelector(".passkey-trouble");
  const say = (text) => {
    trouble.hidden = !text;
    trouble.querySelector("span").textContent = text;
  };
  if (!window.PublicKeyCredential) {
    if (!form.hidden) say("This browser can’t use passkeys. Choose another way.");
    continue;
  }
  form.hidden = false;

  const options = async () => {
    if (form.dataset.options) return readOptions(form.dataset.options);
    const answer = await fetch(form.dataset.optionsFrom, { method: "POST" });
    if (!answer.ok) throw new Error("no options");
    const asked = await answer.json();
    form.elements.token.value = asked.token;
    return readOptions(asked.options);
  };
  const send = (credential) => {
    form.elements.answer.value = writeAnswer(credential);
    const shared = document.querySelector("input[type=checkbox][name=shared]");
    if (form.elements.shared && shared) form.elements.shared.value = shared.checked ? "yes" : "";
    form.submit();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (waiting) waiting.abort();
    say("");
    try {
      const publicKey = await options();
      send(form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey }));
    } catch (err) {
      say(sentences[err.name] || "That didn’t work. Try once more, or choose another way.");
      delete form.dataset.sent;
    }
  });

  // On the sign-in page the browser offers passkeys in the list of the user ID field, too.
  if (form.dataset.optionsFrom && PublicKeyCredential.isConditionalMediationAvailable) {
    (async () => {
      if (!(await PublicKeyCredential.isConditionalMediationAvailable())) return;
      waiting = new AbortController();
      try {
        const publicKey = await options();
        send(await navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal }));
      } catch {
        // Nobody chose one; the button is there, too.
      }
    })();
  }
}
