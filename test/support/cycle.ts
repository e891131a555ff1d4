// Messages without end that can be told apart: the same few again and again, so many that none of
// them is lost, doubled or moved unseen.

/** What message `i` of such a sequence is made of, for a sequence of that period. */
const bodyOf = (size: number, i: number): Buffer => {
  const body = Buffer.alloc(size, `${i} `);
  // As text it stays ASCII.
  if (size > 0) body.writeUInt8(33 + (i % 89), 0);
  return body;
};

/** The bodies of a period: a prime number of them, 4 MiB together at most. */
export function cycleOf(size: number): Buffer[] {
  const period = [16381, 4093, 1021, 251, 61, 13].find((prime) => prime * size < 2 ** 22) ?? 3;
  return Array.from({ length: period }, (_, i) => bodyOf(size, i));
}
