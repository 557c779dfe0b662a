// Parts of the panel that the server draws from what it holds of a step: they ask for themselves anew once it holds something else.

export function followSaved(board, el) {
  board.on("patched", ({ patch }) => {
    const saved = new Set((patch.cards ?? []).map((card) => card.id));
    for (const part of el.querySelectorAll("[data-follows]")) if (saved.has(part.dataset.follows)) part.dispatchEvent(new Event("saved"));
  });
}
