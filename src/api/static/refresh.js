// Renews the page's content every 15 seconds while it is looked at; what is folded open stays open.
const EVERY_MS = 15000;

async function renew() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    const open = [...document.querySelectorAll("details")].map((part) => part.open);
    if (!fresh) return;
    fresh.querySelectorAll("details").forEach((part, at) => { part.open = open[at] ?? false; });
    document.querySelector("main").replaceWith(fresh);
    document.body.classList.remove("stale");
  } catch {
    document.body.classList.add("stale");
  }
}

setInterval(renew, EVERY_MS);
document.addEventListener("visibilitychange", renew);
