// My flows: a form that came back with something to say opens its dialog again.
for (const mark of document.querySelectorAll("[data-open-dialog]")) document.getElementById(mark.dataset.openDialog)?.showModal();
