// When work is done: one write per frame, asked for under the same name it is done once, before the next paint; the rest when nobody waits.

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

/** In an idle moment, at last after so many milliseconds. Safari tells of none, and is given time to paint. */
export function whenIdle(work, timeout = 1000) {
  if (window.requestIdleCallback) return requestIdleCallback(work, { timeout });
  return setTimeout(work, 16);
}
