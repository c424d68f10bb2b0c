// Suggests films and people while a search is typed: an editable combobox with a listbox, as
// in the WAI-ARIA Authoring Practices. site.js loads this file when the search is first focused.

/** Milliseconds between the last key and the request. */
const DEBOUNCE = 120;

const input = document.getElementById("search");
const list = document.createElement("ul");
const status = document.createElement("p");
const responses = new Map();
let timer;
let pending;
let active = -1;

function build() {
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.form.append(list, status);
}

/** Returns the text of the search with its spaces normalized. */
function typed() {
  return input.value.trim().replace(/\s+/g, " ");
}

async function suggest() {
  const q = typed();
  pending?.abort();
  pending = new AbortController();
  if (!q) return close();
  if (!responses.has(q)) {
    try {
      const url = `/search/suggestions?q=${encodeURIComponent(q)}`;
      const response = await fetch(url, { signal: pending.signal });
      if (!response.ok) return close();
      responses.set(q, await response.json());
    } catch {
      return; // Aborted, or the server is unreachable; the form still works.
    }
  }
  if (q === typed() && document.activeElement === input) show(responses.get(q));
}

function show(suggestions) {
  list.replaceChildren(...suggestions.map(option));
  activate(-1);
  expand(suggestions.length > 0);
  const count = suggestions.length === 1 ? "1 suggestion" : `${suggestions.length} suggestions`;
  status.textContent = suggestions.length ? `${count}, up and down arrows to choose` : "No suggestions";
}

function option({ href, name, details, role, films }, index) {
  const item = document.createElement("li");
  item.id = `suggestion-${index + 1}`;
  item.dataset.href = href;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const title = document.createElement("bdi");
  title.append(...name.map(({ text, marked }) => {
    if (!marked) return text;
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  }));
  const facts = document.createElement("span");
  facts.className = "suggestions__detail";
  const count = `${films} ${films === 1 ? "film" : "films"}`;
  const kind = { director: "Director", actor: "Actor", filter: "Filter" }[role];
  facts.textContent = kind ? `${kind}, ${count}` : (details ?? []).join(", ");
  item.append(title, " ", facts);
  return item;
}

function expand(open) {
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
}

function close() {
  clearTimeout(timer);
  activate(-1);
  expand(false);
  status.textContent = "";
}

/** Makes an option the active one; -1 stands for the text field itself. */
function activate(index) {
  active = index;
  for (const [position, item] of [...list.children].entries()) {
    item.setAttribute("aria-selected", String(position === index));
  }
  const item = list.children[index];
  if (item) {
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

/** Moves through the text field and the options, wrapping around. */
function step(by) {
  const positions = list.children.length + 1;
  activate((active + 1 + by + positions) % positions - 1);
}

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const open = !list.hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!open) suggest();
    else if (!event.altKey) step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "ArrowUp") close();
  } else if (event.key === "Escape" && open) {
    event.preventDefault();
    close();
  } else if (event.key === "Enter" && open && active >= 0) {
    event.preventDefault();
    location.assign(list.children[active].dataset.href);
  } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) {
    activate(-1);
  }
}

build();
input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, DEBOUNCE);
});
input.addEventListener("keydown", onKey);
input.addEventListener("blur", close);
// Keep the focus in the field while the list is clicked or scrolled.
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const item = event.target.closest("[role=option]");
  if (item) location.assign(item.dataset.href);
});
// Text may have been typed while this file was loading.
if (typed() && input.value !== input.defaultValue) suggest();
