// The token stands behind `#`: browsers send it to nobody, and it leaves the address bar at once.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const words = document.getElementById("words");
const form = document.getElementById("form");

async function ask(path, body) {
  const answer = await fetch(`/api/v1/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.detail);
  return json;
}

// 122 random bits in the form of a UUID; `crypto.randomUUID` is missing where there is no TLS.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

async function begin() {
  const link = await ask("link", { token });
  words.textContent = link.purpose === "invite" ? `Welcome, ${link.name}` : `Choose a new password, ${link.name}`;
  document.getElementById("email").value = link.email;
  form.hidden = false;
  document.getElementById("password").focus();
}

async function save() {
  const session = await ask("accept", {
    token,
    password: document.getElementById("password").value,
    device_id: uuid(),
    device_name: "Password page",
  });
  await fetch("/api/v1/auth/logout", {
    method: "POST",
    headers: { authorization: `Bearer ${session.access_token}` },
  });
  form.hidden = true;
  words.textContent = "Your password is set. You can sign in now, here or in the app";
}

const say = (error) => { words.textContent = error.message; };
form.addEventListener("submit", (event) => { event.preventDefault(); save().catch(say); });
begin().catch(say);
