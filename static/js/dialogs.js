// Native dialogs: opened by data-dialog="<id>", closed by data-close; and one that asks before a deed
// (data-confirm on a form, hx-confirm on an element of htmx).
(() => {
  let asking = null;

  function build() {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "ask-title");
    const header = document.createElement("header");
    const title = document.createElement("h2");
    title.id = "ask-title";
    header.append(title);
    const body = document.createElement("div");
    body.className = "dialog-body";
    const text = document.createElement("p");
    const actions = document.createElement("div");
    actions.className = "dialog-actions";
    const no = document.createElement("button");
    const yes = document.createElement("button");
    no.type = yes.type = "button";
    no.className = "btn btn-plain";
    yes.className = "btn btn-danger";
    no.textContent = "Go back";
    actions.append(no, yes);
    body.append(text, actions);
    dialog.append(header, body);
    document.body.append(dialog);
    return { dialog, title, text, no, yes };
  }

  // Resolves to whether the person said yes. "Title|text|button" of the words; the title alone will do.
  function ask(words) {
    asking ??= build();
    window.flowbuilder.closeMenus();
    const [title, text = "", yes = "Yes, do it"] = words.split("|");
    asking.title.textContent = title;
    asking.text.textContent = text;
    asking.yes.textContent = yes;
    const { dialog } = asking;
    dialog.returnValue = "";
    dialog.showModal();
    asking.no.focus();
    return new Promise((resolve) => {
      asking.yes.onclick = () => dialog.close("yes");
      asking.no.onclick = () => dialog.close("");
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement && event.target.open && isOutside(event)) event.target.close();
  });

  function isOutside({ target, clientX, clientY }) {
    const box = target.getBoundingClientRect();
    return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopPropagation();
    const { submitter } = event;
    if (!(await ask(form.dataset.confirm))) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  }, true);

  document.addEventListener("htmx:confirm", async (event) => {
    event.preventDefault();
    const { ctx, issueRequest, dropRequest } = event.detail;
    if (await ask(ctx.confirm)) issueRequest();
    else dropRequest();
  });

  window.flowbuilder = { ...window.flowbuilder, ask };
})();
