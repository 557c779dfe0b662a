// What an action does alike on the canvas and in the outline, by its name in the table.

export function alike(page) {
  return {
    edit: () => page.panel.focus(),
    comment: () => page.comments.write(),
    reply: () => page.comments.reply(),
    resolve: () => page.comments.resolve(),
    "next-problem": () => page.findings.walk(1),
    "previous-problem": () => page.findings.walk(-1),
    export: () => {
      location.assign(page.urls.export);
      page.toast("The flow is exported: its file comes as a download.", "info");
    },
    flows: () => location.assign(page.urls.index),
    versions: () => location.assign(page.urls.versions),
    settings: () => page.panel.openSettings(),
    try: () => press("[data-try]"),
    publish: () => press("[data-publish]"),
    help: () => document.getElementById("keys").showModal(),
  };
}

/** Undo or redo, after what was typed last. What it is can be said at once unless something of it is still on its way. */
export function again(page, kind, words) {
  const isIdle = !page.sync.queue.first;
  if (isIdle && !words) return page.say(`There is nothing to ${kind}.`);
  page.sync.hurry();
  page.sync.send({ kind });
  if (isIdle) page.toast(`${kind === "undo" ? "Undone" : "Redone"}: ${words}.`, "undone");
}

export function press(selector) {
  document.querySelector(selector)?.click();
}
