// What was typed into the form of an outbound message just before it is left: it goes to the server at once, by a request that outlives
// the page. A page that is loaded again may overtake that request, so the tab keeps the words until they are confirmed.

const KEPT = "outbound-left";
/** A request that outlives its page has arrived after so long, and what was kept may have been overtaken. */
const FRESH = 60_000, PATIENCE = 1000;
/** The most that browsers take along for a page that is gone. */
const LUGGAGE = 60_000;
const form = () => document.getElementById("ob-form");
let typed = 0, sent = 0, confirmed = 0, taken = 0;

function words() {
  const data = new FormData(form());
  for (const name of ["sample_file", "undo"]) data.delete(name);
  return new URLSearchParams(data).toString();
}

function post(to, body) {
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true",
    "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
  };
  return fetch(to, { method: "POST", headers, body, keepalive: body.length < LUGGAGE });
}

function store(left) {
  try {
    if (left) sessionStorage.setItem(KEPT, JSON.stringify(left));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Without storage the request alone has to arrive.
  }
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function leave() {
  if (!form() || typed === confirmed || typed === taken) return;
  taken = typed;
  const to = form().action, body = words();
  store({ page: location.pathname, to, body, at: Date.now() });
  post(to, body).catch(() => {});
}

/** The page was loaded again: the server hears the last words first, and then draws them. */
async function comeBack() {
  const left = stored(), [{ type }] = performance.getEntriesByType("navigation");
  store(null);
  if (!form() || left?.page !== location.pathname || type === "navigate" || Date.now() - left.at > FRESH) return;
  form().inert = true;
  while (!(await hasAnswered(left))) await new Promise((go) => setTimeout(go, PATIENCE));
  location.replace(left.to.replace(/\/draft$/, ""));
}

async function hasAnswered({ to, body }) {
  try {
    const { status } = await post(to, body);
    return status < 500 && status !== 429;
  } catch {
    return false;
  }
}

document.addEventListener("input", ({ target }) => form()?.contains(target) && (typed += 1));
document.addEventListener("htmx:before:request", ({ detail }) => detail.ctx.sourceElement === form() && (sent = typed));
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement !== form() || ctx.response.status >= 400) return;
  confirmed = sent;
  if (confirmed === typed) store(null);
});
// The first comes before the next page is asked for, the others also where a phone puts the browser away.
for (const event of ["beforeunload", "pagehide"]) window.addEventListener(event, leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
// In the panel of a flow another step takes the place of the form, without the page being left.
document.addEventListener("focusout", ({ target, relatedTarget }) => form()?.contains(target) && !form().contains(relatedTarget) && leave());
comeBack();
