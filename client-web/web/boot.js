// Starts the page, or, when loaded as a worker, the worker. Both run the same module, compiled once.

import init, { start_page, start_worker } from "./{{glue}}";

const moduleUrl = new URL("./{{module}}", import.meta.url);

async function bootPage() {
  const admin = await firstAdmin();
  const worker = new Worker(import.meta.url, { type: "module", name: "trailtrack" });
  // What the worker says before the page is ready is kept and handed over.
  const early = [];
  worker.onmessage = (event) => early.push(event.data);
  // Left alone, a busy worker outlives its page for seconds, keeps the database from the next one, and takes the
  // tab's process with it when the browser loses patience. What is saved stays saved, as after pulling the plug.
  addEventListener("pagehide", () => worker.terminate());
  // A page that comes back from the browser's memory comes back without its worker.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  const module = await WebAssembly.compileStreaming(fetch(moduleUrl));
  worker.postMessage(module);
  await init({ module_or_path: module });
  await start_page(worker, early);
  if (admin) {
    await window.trailtrack.request(JSON.stringify({ verb: "join", server: location.origin, ...admin }));
  }
}

// Behind a one-time setup link, the administrator it made; otherwise nobody.
async function firstAdmin() {
  if (location.pathname !== "/setup") return undefined;
  const token = new URLSearchParams(location.search).get("token") ?? "";
  const { setUp } = await import("./{{setup}}");
  const admin = await setUp(token);
  history.replaceState(null, "", "/");
  return admin;
}

function bootWorker() {
  // What the page says before the worker is ready is kept and handed over.
  const early = [];
  self.onmessage = async (first) => {
    self.onmessage = (event) => early.push(event.data);
    await init({ module_or_path: first.data });
    start_worker(early);
  };
}

function showFailure(error) {
  const cover = document.getElementById("cover");
  cover.hidden = false;
  const words = document.createElement("p");
  words.textContent = "TrailTrack could not start in this browser. It needs a current Firefox, Chrome, Edge or Safari with WebGL. What is saved on this device is untouched.";
  const again = document.createElement("button");
  again.textContent = "Try again";
  again.onclick = () => location.reload();
  const detail = document.createElement("p");
  detail.textContent = String(error);
  cover.replaceChildren(words, again, detail);
}

if (typeof document === "undefined") {
  bootWorker();
} else {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
  bootPage().catch(showFailure);
}
