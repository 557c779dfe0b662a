// The sample of a message with a picture, a video or a document: it leaves as soon as it is chosen, and says how far it is.
// The form then carries its id, so that saving goes on as always.

let isHere = false;

function say(input, text) {
  const place = document.getElementById("field-sample-error");
  place.replaceChildren();
  if (text) place.append(window.flowbuilder.icon("alert-circle"), Object.assign(document.createElement("span"), { textContent: text }));
  input.toggleAttribute("aria-invalid", Boolean(text));
  input.closest(".field").classList.toggle("has-error", Boolean(text));
}

function megabytes(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}

function begin(input) {
  const [file] = input.files;
  if (!file) return;
  const most = Number(input.dataset.most);
  if (file.size > most) {
    say(input, `The file has ${megabytes(file.size)} MB; at most ${most / 1024 / 1024} MB are allowed. Choose a smaller one.`);
    input.value = "";
    return;
  }
  say(input, "");
  upload(input, new FormData(input.form));
}

function upload(input, data) {
  const bar = input.parentElement.querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", input.dataset.sample);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
  });
  request.addEventListener("loadend", () => {
    input.disabled = false;
    bar.hidden = true;
    done(input, request);
  });
  input.disabled = true;
  bar.value = 0;
  bar.hidden = false;
  request.send(data);
}

function done(input, request) {
  input.value = "";
  const form = document.getElementById("ob-form");
  const kept = form?.elements.sample;
  if (request.status !== 200 || !kept) {
    const isPlain = request.getResponseHeader("Content-Type")?.startsWith("text/plain") && request.responseText;
    if (input.isConnected) say(input, isPlain || "The upload broke off. Choose the file again.");
    input.focus();
    return;
  }
  kept.value = request.responseText;
  isHere = true;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener(
  "input",
  (event) => {
    if (event.target.matches?.("[data-sample]")) event.stopPropagation();
  },
  true,
);
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-sample]")) begin(event.target);
});
document.addEventListener("htmx:after:swap", () => {
  const input = document.getElementById("field-sample");
  if (!isHere || !input) return;
  isHere = false;
  if (document.activeElement === document.body) input.focus();
});
