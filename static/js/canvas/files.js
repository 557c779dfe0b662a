// A file for a step: it leaves as soon as it is chosen, says how far it is, and becomes a change of the step once it is here.

import { MORPH } from "./arrival.js";

const MEGABYTE = 1024 * 1024;

export function chooseFile(panel, input) {
  const [file] = input.files;
  const most = Number(input.dataset.most);
  if (!file) return;
  if (file.size > most) {
    const size = (file.size / MEGABYTE).toFixed(1);
    input.value = "";
    say(input, `The file has ${size} MB; at most ${most / MEGABYTE} MB are allowed. Choose a smaller one.`);
    return;
  }
  say(input, "");
  upload(panel, input, file);
}

/** What a file is for WhatsApp; the server looks into it. */
function kindOf(file) {
  const [sort] = file.type.split("/");
  return { image: "IMAGE", video: "VIDEO" }[sort] ?? "DOCUMENT";
}

/** Take the file away from the step. */
export async function clearFile(panel, name) {
  const node = panel.shown;
  panel.canvas.sync.send({ kind: "change", node, data: { [name]: null } });
  await panel.canvas.settled();
  if (panel.shown === node) panel.load(MORPH);
}

function upload(panel, input, file) {
  const bar = input.parentElement.querySelector("progress");
  const node = panel.shown;
  const data = new FormData();
  data.set("kind", input.dataset.kind || kindOf(file));
  data.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", input.dataset.upload);
  request.setRequestHeader("X-CSRFToken", panel.canvas.sync.token());
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
  });
  request.addEventListener("loadend", () => {
    input.disabled = false;
    bar.hidden = true;
    done(panel, input, node, request);
  });
  input.disabled = true;
  bar.value = 0;
  bar.hidden = false;
  request.send(data);
}

async function done(panel, input, node, request) {
  input.value = "";
  const answer = parsed(request);
  if (request.status !== 200) {
    say(input, answer.error?.findings?.[0]?.text ?? answer.error?.text ?? "The upload broke off. Choose the file again.");
    input.focus();
    return;
  }
  panel.canvas.sync.send({ kind: "change", node, data: { [input.dataset.file]: answer } });
  await panel.canvas.settled();
  if (panel.shown === node) panel.load(MORPH);
}

function parsed(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

function say(input, text) {
  const place = input.closest(".field").querySelector("[data-file-error]");
  place.replaceChildren();
  if (text) place.append(window.flowbuilder.icon("alert-circle"), Object.assign(document.createElement("span"), { textContent: text }));
  input.closest(".field").classList.toggle("has-error", Boolean(text));
}
