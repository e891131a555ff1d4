/** A guess at what a name that does not exist was meant to be. */

/** Of a longer name the beginning decides: the work grows with the square of the length. */
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

/** The word of `known` that is nearest to `word`, upper and lower case being the same. */
export function nearest(word: string, known: readonly string[]): string {
  const wanted = word.slice(0, MAX_COMPARED).toLowerCase();
  let best = known[0] ?? '';
  let least = Infinity;
  for (const candidate of known) {
    const against = candidate.toLowerCase();
    // A beginning is nearer than any word of the same letters.
    const needed = against.startsWith(wanted) ? 0 : distance(wanted, against);
    if (needed < least) {
      least = needed;
      best = candidate;
    }
  }
  return best;
}
