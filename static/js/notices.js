// Puts a notice away without loading the page again; without this file its form does so.

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
