// What an action does alike on the canvas and in the outline, by its name in the table.

export function alike(page) {
  return {
    edit: () => page.panel.focus(),
    comment: () => page.comments.write(),
    reply: () => page.comments.reply(),
    resolve: () => page.comments.resolve(),
    "next-problem": () => page.findings.walk(1),
    "previous-problem": () => page.findings.walk(-1),
    export: () => location.assign(page.urls.export),
    flows: () => location.assign(page.urls.index),
    versions: () => location.assign(page.urls.versions),
    settings: () => page.panel.openSettings(),
    try: () => press("[data-try]"),
    publish: () => press("[data-publish]"),
    help: () => document.getElementById("keys").showModal(),
  };
}

export function press(selector) {
  document.querySelector(selector)?.click();
}
