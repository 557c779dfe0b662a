// Has the cards laid out while the other scripts are on their way: whoever reads a size asks for it.

document.querySelector("[data-cards]").getBoundingClientRect();
