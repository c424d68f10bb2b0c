// Offers films and directors while somebody types into the search: an editable combobox with a
// list, as the WAI-ARIA Authoring Practices describe it. site.js fetches this file when the search
// is first focused.

/** Milliseconds without a key before the server is asked. */
const PAUSE = 120;

const input = document.getElementById("search");
const list = document.createElement("ul");
const status = document.createElement("p");
const answers = new Map();
let timer;
let asked;
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

/** What was typed, as far as it matters. */
function typed() {
  return input.value.trim().replace(/\s+/g, " ");
}

async function suggest() {
  const q = typed();
  asked?.abort();
  asked = new AbortController();
  if (!q) return close();
  if (!answers.has(q)) {
    try {
      const answer = await fetch(`/search/suggestions?q=${encodeURIComponent(q)}`, { signal: asked.signal });
      if (!answer.ok) return close();
      answers.set(q, await answer.json());
    } catch {
      return; // A later question took its place, or the server is away: the form still searches.
    }
  }
  if (q === typed() && document.activeElement === input) show(answers.get(q));
}

function show(suggestions) {
  list.replaceChildren(...suggestions.map(option));
  point(-1);
  expand(suggestions.length > 0);
  const films = suggestions.length === 1 ? "1 suggestion" : `${suggestions.length} suggestions`;
  status.textContent = suggestions.length ? `${films}, up and down arrows to choose` : "No suggestions";
}

function option({ href, name, detail }, at) {
  const item = document.createElement("li");
  item.id = `suggestion-${at + 1}`;
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
  facts.textContent = detail;
  item.append(title, " ", facts);
  return item;
}

function expand(open) {
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
}

function close() {
  clearTimeout(timer);
  point(-1);
  expand(false);
  status.textContent = "";
}

/** Makes an option the active one; -1 is none of them: the text itself. */
function point(at) {
  active = at;
  for (const [place, item] of [...list.children].entries()) {
    item.setAttribute("aria-selected", String(place === at));
  }
  const item = list.children[at];
  if (item) {
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

/** From the text down the list and round to the text again, as the arrows go. */
function step(by) {
  const places = list.children.length + 1;
  point((active + 1 + by + places) % places - 1);
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
    point(-1);
  }
}

build();
input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE);
});
input.addEventListener("keydown", onKey);
input.addEventListener("blur", close);
// The input keeps the focus while the list is clicked or scrolled.
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const item = event.target.closest("[role=option]");
  if (item) location.assign(item.dataset.href);
});
// Something may have been typed while this file was on its way.
if (typed() && input.value !== input.defaultValue) suggest();
