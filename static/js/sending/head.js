// What is chosen for the head of the message is seen in the preview at once, before it is uploaded.
(() => {
  let shown = null;
  let address = "";
  let mine = null;
  let sample = null;

  function player(file) {
    const isPicture = file.type.startsWith("image/");
    const made = document.createElement(isPicture ? "img" : "video");
    made.className = "wa-medium";
    if (isPicture) made.alt = `Picture: ${file.name}`;
    else {
      made.controls = true;
      made.setAttribute("aria-label", `Video: ${file.name}`);
    }
    made.src = address;
    return made;
  }

  function paper(file, like) {
    const made = like.cloneNode(true);
    (made.querySelector("bdi") ?? made.querySelector("span")).textContent = file.name;
    const link = made.querySelector("a");
    if (link) Object.assign(link, { href: address, download: file.name });
    made.querySelector("small")?.replaceChildren("PDF");
    return made;
  }

  function show() {
    const field = document.getElementById("field-medium_file");
    const file = field?.files[0];
    const head = document.querySelector("#will-read :is(.wa-medium, .wa-file)");
    if (!field || !head) return;
    if (head !== mine) sample = head;
    if (file === shown && head === mine) return;
    if (shown) URL.revokeObjectURL(address);
    shown = field.accept.split(",").includes(file?.type) ? file : null;
    address = shown && URL.createObjectURL(shown);
    mine = !shown ? sample : shown.type === "application/pdf" ? paper(shown, sample) : player(shown);
    if (mine !== head) head.replaceWith(mine);
  }

  /** A file takes the place of what was ticked, and the other way round. */
  function choose(target) {
    const field = document.getElementById("field-medium_file");
    const others = document.querySelectorAll("input[name=medium]");
    if (target === field) others.forEach((other) => (other.checked = other.defaultChecked && !field.files.length));
    else if (field && target.name === "medium") field.value = "";
    else return;
    show();
  }

  document.addEventListener("change", (event) => choose(event.target));
  // Typing a word brings the preview anew, with the sample.
  document.addEventListener("htmx:after:swap", show);
})();
