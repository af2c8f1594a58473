// The shell's motions: menus, dialogs, messages, found things, and the path behind a number, opened in place.
const HEARD_FOR = 8000;

// a menu closes when one looks elsewhere
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  const path = event.target.closest?.(".path");
  if (path) fold(path);
});

// dialogs: data-dialog names one on the page; data-close closes the one around it
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
});
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest?.("dialog");
  if (dialog && !dialog.open && dialog.childElementCount) dialog.showModal();
});

// messages leave by themselves, except what went wrong
function watch(toast) {
  if (!toast.classList.contains("error")) setTimeout(() => toast.remove(), HEARD_FOR);
}
function say(text, kind) {
  const pattern = document.getElementById("toast-pattern");
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.classList.add(kind);
  toast.querySelector("[data-text]").textContent = text;
  document.querySelector(".toasts").append(toast);
  watch(toast);
}
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
document.addEventListener("toast", (event) => say(event.detail.text ?? event.detail.value, event.detail.kind ?? "info"));
document.addEventListener("htmx:responseError", () => say(document.body.dataset.failed, "error"));
document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline, "error"));
document.querySelectorAll(".toast").forEach(watch);

// the path behind a number
function fold(path) {
  const anchor = document.querySelector(`[aria-controls="${CSS.escape(path.id)}"]`);
  path.remove();
  if (!anchor) return;
  anchor.setAttribute("aria-expanded", "false");
  anchor.removeAttribute("aria-controls");
  anchor.focus();
}

function place(anchor, path) {
  const row = anchor.closest("tr");
  if (row) {
    const line = row.ownerDocument.createElement("tr");
    const cell = line.insertCell();
    cell.colSpan = row.cells.length;
    cell.append(path);
    row.after(line);
    new MutationObserver((_, observer) => {
      if (!cell.childElementCount) {
        observer.disconnect();
        line.remove();
      }
    }).observe(cell, { childList: true });
    return;
  }
  (anchor.closest("[data-path-after], .card, .rows > li, .panel, .head") ?? anchor.parentElement).after(path);
}

let opened = 0;
async function unfold(anchor) {
  anchor.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(anchor.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const path = holder.content.querySelector(".path");
    if (!path) throw new Error("no path");
    opened += 1;
    path.id = `path-${opened}`;
    path.tabIndex = -1;
    path.classList.add("opening");
    place(anchor, path);
    anchor.setAttribute("aria-expanded", "true");
    anchor.setAttribute("aria-controls", path.id);
    window.htmx?.process(path);
    path.focus({ preventScroll: true });
    path.scrollIntoView({ block: "nearest" });
  } catch {
    location.assign(anchor.href);
  } finally {
    anchor.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-fold]")) return fold(event.target.closest(".path"));
  const anchor = event.target.closest("a[data-path]");
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return undefined;
  event.preventDefault();
  const path = anchor.getAttribute("aria-expanded") === "true" && document.getElementById(anchor.getAttribute("aria-controls"));
  return path ? fold(path) : unfold(anchor);
});

// on a narrow screen the rail lies along the bottom: where one is stands in sight
document.querySelector(".rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// found things leave when one looks elsewhere
const found = document.getElementById("found");
document.addEventListener("click", (event) => {
  if (found && !event.target.closest(".search")) found.replaceChildren();
});

// a choice in a filter or a menu is its own submit
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
