/** Guesses which name a misspelt one was meant to be. */

/** Letters of a name that are compared: the work grows with their square. */
const MAX_COMPARED = 60;

/** How many letters have to be changed, added or dropped to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The word of `known` that is nearest to `word`, without regard to case. */
export function nearest(word: string, known: readonly string[]): string {
  const wanted = word.slice(0, MAX_COMPARED).toLowerCase();
  let best = known[0] ?? '';
  let least = Infinity;
  for (const candidate of known) {
    const against = candidate.toLowerCase();
    // A prefix is nearer than any similar word.
    const needed = against.startsWith(wanted) ? 0 : distance(wanted, against);
    if (needed < least) {
      least = needed;
      best = candidate;
    }
  }
  return best;
}
