// Marks films and dismisses notices without reloading the page, closes open panels, and loads the
// search suggestions and the rating dialog on demand. Without JavaScript, plain forms and links
// do the same.

const marksForm = document.getElementById("marks");
const status = document.getElementById("status");
const watchlistCount = document.getElementById("watchlist-count");

/** The path of a film's page, from one of its buttons or links. */
function filmPath(control) {
  const url = control.getAttribute("formaction") ?? control.getAttribute("href");
  return url.match(/^\/movies\/[^/?#]+/)[0];
}

function filmTitle(control) {
  const film = control.closest(".card, .result, tr") ?? document;
  return film.querySelector(".poster__title, .table__title, .result__title a, h1 bdi").textContent;
}

/** Sends a mark and shows the film's new marks wherever the page has buttons for it. */
async function mark(button) {
  const response = await fetch(button.formAction, {
    method: "POST",
    body: new URLSearchParams({ [button.name]: button.value }),
    headers: { Accept: "application/json" },
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const marks = await response.json();
  const path = filmPath(button);
  for (const name of ["watchlist", "seen"]) {
    for (const twin of document.querySelectorAll(`[formaction^="${path}/${name}?"]`)) {
      twin.value = marks[name];
      twin.setAttribute("aria-pressed", marks[name]);
    }
  }
  for (const star of document.querySelectorAll(`[formaction^="${path}/rating?"]`)) {
    star.setAttribute("aria-pressed", Number(star.value) === (marks.rating ?? 0));
  }
  for (const link of document.querySelectorAll(`.rate[href^="${path}#"]`)) {
    link.textContent = formatRating(marks.rating);
  }
  watchlistCount.textContent = marks.watchlist_count ? marks.watchlist_count.toLocaleString("en") : "";
  announce(`${button.dataset.title ?? filmTitle(button)}: ${describe(button, marks)}`, marks.undo && {
    path,
    ...marks.undo,
  });
}

function formatRating(stars) {
  if (!stars) return "";
  return `${Math.floor(stars) || ""}${stars % 1 ? "½" : ""}`;
}

function describe(button, marks) {
  if (button.name === "stars") {
    return marks.rating ? `rated ${formatRating(marks.rating)} out of 5` : "rating removed";
  }
  if (button.classList.contains("mark--list")) {
    return marks.watchlist ? "added to your watchlist" : "removed from your watchlist";
  }
  if (marks.undo) return "marked as seen and removed from your watchlist";
  return marks.seen ? "marked as seen" : "no longer marked as seen";
}

/** Shows a message for a while; screen readers read it out. */
function announce(text, undo) {
  status.replaceChildren(text);
  if (undo) {
    const button = document.createElement("button");
    button.textContent = "Undo";
    button.className = "mark--undo";
    button.setAttribute("form", "marks");
    button.setAttribute("formaction", `${undo.path}/seen?at=films`);
    button.name = "undo";
    button.value = undo.listed;
    button.dataset.title = text.slice(0, text.lastIndexOf(":"));
    status.append(" ", button);
  }
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => status.replaceChildren(), undo ? 20_000 : 5_000);
}

document.addEventListener("click", async (event) => {
  const rate = event.target.closest(".rate");
  if (rate && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const { open } = await import(marksForm.dataset.rating);
    open(rate, filmPath(rate), filmTitle(rate), formatRating);
    return;
  }
  const button = event.target.closest('button[form="marks"]');
  if (!button || button.ariaBusy === "true") return;
  event.preventDefault();
  button.ariaBusy = "true";
  try {
    await mark(button);
  } catch {
    // The error page that the form leads to gives the reason.
    marksForm.requestSubmit(button);
  } finally {
    button.ariaBusy = null;
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".notice");
  if (!form) return;
  event.preventDefault();
  try {
    const response = await fetch(form.action, { method: "POST", redirect: "manual" });
    if (response.type !== "opaqueredirect") throw new Error(`status ${response.status}`);
    const notices = form.parentElement;
    form.remove();
    if (!notices.childElementCount) notices.remove();
    document.getElementById("main").focus({ preventScroll: true });
  } catch {
    form.submit();
  }
});

/** Closes the open filter panel unless `target` is inside it. */
function closePanel(target) {
  const panel = document.querySelector(".filter[open]");
  if (!panel || panel.contains(target)) return null;
  panel.open = false;
  return panel;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest(".refine:popover-open")) closePanel(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel(null)?.querySelector("summary").focus();
});

// A page that the browser loaded ahead of time was not counted then. It is when it is shown.
const [navigation] = performance.getEntriesByType("navigation");
if (navigation?.serverTiming?.some(({ name }) => name === "ahead")) {
  const report = () => {
    const body = new URLSearchParams({ page: location.pathname });
    fetch("/views", { method: "POST", body, keepalive: true });
  };
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", report, { once: true });
  } else {
    report();
  }
}

// Operators get a link to the form of the page. The cookie grants nothing.
if (/(?:^|; )operator=1(?:;|$)/.test(document.cookie)) {
  const link = document.createElement("a");
  link.href = `/admin/go?path=${encodeURIComponent(location.pathname)}`;
  link.textContent = "Edit this page";
  const item = document.createElement("li");
  item.append(link);
  document.querySelector(".masthead__nav ul").append(item);
}

const search = document.getElementById("search");
const suggest = () => import(search.dataset.suggestions);
search.addEventListener("focus", suggest, { once: true });
if (document.activeElement === search) suggest();
