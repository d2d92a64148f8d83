// Asks the device for a passkey, puts its answer into the form, and sends the form.
// `data-passkey` says what for: "create" or "get"; what to ask stands in `data-options`, or is
// fetched from `data-from`. The server checks everything.
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function asked(options) {
  const { publicKey } = options;
  const user = publicKey.user && { ...publicKey.user, id: bytes(publicKey.user.id) };
  return {
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      ...(user && { user, excludeCredentials: known(publicKey.excludeCredentials) }),
      ...(!user && { allowCredentials: known(publicKey.allowCredentials) }),
    },
  };
}

function told(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  return {
    id: credential.id,
    rawId: words(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(
      parts.filter((part) => response[part]).map((part) => [part, words(response[part])]),
    ),
  };
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.from, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}

async function use(form) {
  const said = form.querySelector("[data-passkey-said]");
  said.hidden = true;
  try {
    const wanted = asked(await options(form));
    const made = form.dataset.passkey === "create"
      ? await navigator.credentials.create(wanted)
      : await navigator.credentials.get(wanted);
    form.elements.credential.value = JSON.stringify(told(made));
    form.submit();
  } catch (error) {
    const isThere = error.name === "InvalidStateError";
    said.textContent = isThere ? said.dataset.there : said.dataset.stopped;
    said.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const able = Boolean(window.PublicKeyCredential);
  form.hidden = !able;
  for (const one of document.querySelectorAll("[data-without-passkeys]")) one.hidden = able;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    use(form);
  });
}
