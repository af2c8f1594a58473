// A grid edited in place: cells copied from a sheet are pasted over cells, rows are added as they are needed.
function cells(row) {
  return [...row.querySelectorAll("td > input:not([type=hidden]), td > select, td > textarea")];
}

function rows(grid) {
  return [...grid.tBodies[0].rows].filter((row) => cells(row).length);
}

function add(grid) {
  const pattern = grid.parentElement.querySelector("template") ?? grid.closest("form").querySelector(`template[data-grid="${grid.id}"]`);
  const total = grid.closest("form").elements[`${grid.dataset.prefix}-TOTAL_FORMS`];
  if (!pattern || !total || Number(total.value) >= Number(grid.dataset.most ?? 1000)) return null;
  const holder = document.createElement("tbody");
  holder.innerHTML = pattern.innerHTML.replaceAll("__prefix__", total.value);
  total.value = String(Number(total.value) + 1);
  const row = holder.rows[0];
  row.classList.add("new");
  grid.tBodies[0].append(row);
  return row;
}

// a sheet's clipboard: tabs and line ends, quotes around cells that hold them, quotes doubled
function parse(text) {
  const table = [[""]];
  let quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const sign = text[place];
    const row = table.at(-1);
    if (quoted) {
      if (sign !== '"') row[row.length - 1] += sign;
      else if (text[place + 1] === '"') { row[row.length - 1] += '"'; place += 1; }
      else quoted = false;
    } else if (sign === '"' && row.at(-1) === "") quoted = true;
    else if (sign === "\t") row.push("");
    else if (sign === "\n") table.push([""]);
    else if (sign !== "\r") row[row.length - 1] += sign;
  }
  if (table.length > 1 && table.at(-1).length === 1 && table.at(-1)[0] === "") table.pop();
  return table;
}

function put(cell, words) {
  if (cell instanceof HTMLSelectElement) {
    const choice = [...cell.options].find((one) => one.value === words || one.text.trim() === words.trim());
    if (choice) cell.value = choice.value;
    cell.setAttribute("aria-invalid", String(!choice));
  } else if (cell.type === "checkbox") cell.checked = ["1", "true", "yes", "x", "是", "✓"].includes(words.trim().toLowerCase());
  else cell.value = words.trim();
  cell.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("paste", (event) => {
  const grid = event.target.closest("table.grid-edit");
  const text = event.clipboardData.getData("text/plain");
  if (!grid || !/[\t\n]/.test(text.trimEnd())) return;
  event.preventDefault();
  let row = event.target.closest("tr");
  const first = cells(row).indexOf(event.target);
  for (const line of parse(text)) {
    row ??= add(grid);
    if (!row) break;
    const fields = cells(row);
    line.forEach((words, place) => fields[first + place] && put(fields[first + place], words));
    const all = rows(grid);
    row = all[all.indexOf(row) + 1] ?? null;
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-row]");
  if (!button) return;
  const row = add(document.getElementById(button.dataset.addRow));
  if (row) cells(row)[0]?.focus();
});

document.addEventListener("change", (event) => {
  if (event.target.matches(".grid-edit input[name$='-DELETE']")) {
    event.target.closest("tr").classList.toggle("leaving", event.target.checked);
  }
});

document.addEventListener("keydown", (event) => {
  const grid = event.target.closest("table.grid-edit");
  if (!grid || !event.target.matches("input") || !["ArrowUp", "ArrowDown", "Enter"].includes(event.key)) return;
  if (event.target.type === "number" && event.key !== "Enter") return;
  const row = event.target.closest("tr");
  const all = rows(grid);
  const place = cells(row).indexOf(event.target);
  const next = all[all.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)] ?? (event.key === "Enter" ? add(grid) : null);
  event.preventDefault();
  if (next) cells(next)[place]?.focus();
});
