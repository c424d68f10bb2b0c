// What pages gain by script: films are marked and notices put away without loading the page again,
// and the search suggests. Without this file forms do the same.

const count = document.getElementById("watchlist-count");

/** Shows the new state where it stands; the server answers a press with a way back, unread here. */
async function press(button) {
  const body = new URLSearchParams({ [button.name]: button.value });
  const answer = await fetch(button.formAction, { method: "POST", body, redirect: "manual" });
  if (answer.type !== "opaqueredirect") throw new Error(`status ${answer.status}`);
  if (button.name === "stars") {
    rate(button);
  } else {
    for (const twin of document.querySelectorAll(`[formaction^="${path(button)}?"]`)) {
      toggle(twin, button.value !== "true");
    }
    if (button.classList.contains("mark--list")) {
      count.textContent = Number(count.textContent) + (button.value === "true" ? 1 : -1) || "";
    }
  }
}

function path(button) {
  return button.getAttribute("formaction").split("?")[0];
}

function toggle(button, pressed) {
  button.value = pressed;
  button.setAttribute("aria-pressed", pressed);
}

/** Who rates a film has seen it. */
function rate(button) {
  for (const star of button.parentElement.children) {
    star.setAttribute("aria-pressed", star === button);
  }
  const seen = button.closest(".film__marks").querySelector(".mark--seen");
  if (button.value !== "0") toggle(seen, true);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest('button[form="marks"]');
  if (!button || button.ariaBusy === "true") return;
  event.preventDefault();
  button.ariaBusy = "true";
  try {
    await press(button);
  } catch {
    // The page that the server answers with says why.
    document.getElementById("marks").requestSubmit(button);
  } finally {
    button.ariaBusy = null;
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".notice");
  if (!form) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(`status ${answer.status}`);
    const notices = form.parentElement;
    form.remove();
    if (!notices.childElementCount) notices.remove();
    document.getElementById("main").focus({ preventScroll: true });
  } catch {
    form.submit();
  }
});

const search = document.getElementById("search");
const suggest = () => import(search.dataset.suggestions);
search.addEventListener("focus", suggest, { once: true });
if (document.activeElement === search) suggest();
