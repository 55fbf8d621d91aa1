// The one-time setup link of a new relay: creates its first administrator. A plain page: it is used once.

const PATH = "/api/v1/auth/setup";

// Shows the form and resolves, once the administrator exists, to what signing in needs.
export function setUp(token) {
  const cover = document.getElementById("cover");
  cover.hidden = false;
  const form = document.createElement("form");
  form.append(
    element("h1", { textContent: "Set up this relay" }),
    element("p", { textContent: "You become its first administrator." }),
    field("name", "Your name", { autocomplete: "name" }),
    field("email", "E-mail", { type: "email", autocomplete: "username" }),
    field("password", "Password", { type: "password", autocomplete: "new-password", minLength: 15 }),
    element("p", { id: "trouble", role: "alert" }),
    element("button", { textContent: "Set up" }),
  );
  cover.replaceChildren(form);
  form.elements.name.focus();
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const person = Object.fromEntries(new FormData(form));
      const trouble = await create(token, person);
      document.getElementById("trouble").textContent = trouble;
      if (trouble === "") {
        cover.replaceChildren(element("p", { textContent: "Opening TrailTrack…" }));
        resolve({ email: person.email, password: person.password });
      }
    };
  });
}

async function create(token, person) {
  const body = JSON.stringify({ token, ...person, device_id: uuid(), device_name: "Setup page" });
  try {
    const response = await fetch(PATH, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (response.ok) return "";
    const { detail } = await response.json();
    return detail;
  } catch {
    return "The relay cannot be reached. Is it still running?";
  }
}

// 122 random bits in the form of a UUID; `crypto.randomUUID` is missing where there is no TLS.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function field(name, label, attributes) {
  const row = element("label", { textContent: label });
  row.append(element("input", { name, required: true, ...attributes }));
  return row;
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
