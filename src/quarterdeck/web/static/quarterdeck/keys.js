// Keys: search (⌘K or /), rows (j and k), tables of pictures (t), the list of keys (?). Enter opens what has the focus.
const TYPING = "input, textarea, select, [contenteditable]";

function stepThrough(things, by) {
  const shown = things.filter((thing) => thing.checkVisibility?.() ?? true);
  const here = shown.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(here + by, 0), shown.length - 1);
  shown[next]?.focus();
}

function rows() {
  return [...document.querySelectorAll("main .open")];
}

function tables() {
  const near = document.activeElement.closest?.(".picture");
  const all = [...document.querySelectorAll(near ? ".picture:focus-within details" : ".picture details")];
  const open = !all.some((one) => one.open);
  for (const one of all) one.open = open;
}

function seek() {
  const search = document.getElementById("search");
  search?.focus();
  search?.select();
}

const ACTS = {
  "/": seek,
  j: () => stepThrough(rows(), 1),
  k: () => stepThrough(rows(), -1),
  t: tables,
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    seek();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest(TYPING)) return;
  if (document.querySelector("dialog[open]")) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// found things are walked with the arrow keys
const found = document.getElementById("found");
const search = document.getElementById("search");
search?.closest("form").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.target.closest("dialog")) {
    found.replaceChildren();
    search.focus();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    stepThrough([search, ...found.querySelectorAll("a")], event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  }
});

// keys are named as this keyboard names them
if (!/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const key of document.querySelectorAll(".search kbd")) key.textContent = "Ctrl K";
}
