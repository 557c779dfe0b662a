// One write per frame: work asked for under the same name is done once, before the next paint.

const waiting = new Map();

export function nextFrame(name, work) {
  if (waiting.size === 0) requestAnimationFrame(run);
  waiting.set(name, work);
}

function run() {
  const works = [...waiting.values()];
  waiting.clear();
  for (const work of works) work();
}
