// A dialog that rates a film of a list. site.js loads this file when it is first needed.

const dialog = document.createElement("div");
dialog.className = "rating";
dialog.popover = "auto";
dialog.setAttribute("role", "dialog");
dialog.setAttribute("aria-labelledby", "rating-title");
document.body.append(dialog);
dialog.addEventListener("click", (event) => {
  if (event.target.closest("button")) dialog.hidePopover();
});

function star(path, title, stars, name) {
  const button = document.createElement("button");
  button.className = "star";
  button.name = "stars";
  button.value = stars;
  button.dataset.title = title;
  button.setAttribute("form", "marks");
  button.setAttribute("formaction", `${path}/rating?at=films`);
  button.setAttribute("aria-label", name);
  return button;
}

function value(rating) {
  return rating === "" ? 0 : parseFloat(rating) + (rating.endsWith("½") ? 0.5 : 0) || 0.5;
}

/** Shows the dialog for the film of `link`, with its present rating. */
export function open(link, path, title, formatRating) {
  const heading = document.createElement("h2");
  heading.id = "rating-title";
  const film = document.createElement("bdi");
  film.textContent = title;
  heading.append("Rate ", film);
  const stars = document.createElement("span");
  stars.className = "stars";
  const values = Array.from({ length: 10 }, (_, half) => (half + 1) / 2);
  const name = (stars) => `${formatRating(stars)} ${stars > 1 ? "stars" : "star"}`;
  stars.append(...values.map((stars) => star(path, title, stars, name(stars))));
  stars.append(star(path, title, 0, "No rating"));
  const rating = value(link.textContent.trim());
  for (const button of stars.children) {
    button.setAttribute("aria-pressed", Number(button.value) === rating);
  }
  dialog.replaceChildren(heading, stars);
  dialog.addEventListener("toggle", (event) => {
    if (event.newState === "closed") link.focus();
  }, { once: true });
  dialog.showPopover();
  (stars.querySelector('[aria-pressed="true"]:not([value="0"])') ?? stars.firstChild).focus();
}
