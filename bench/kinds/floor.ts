// The floor of receiving text: strings of that size are made by V8 from bytes that are in the cache,
// and nothing else is done.
import { loadAddon } from '../addon';
import { measure, ratesOf } from '../measure';
import { makeMessages } from '../messages';
import type { Metrics, Trial } from '../types';

/** Bytes of strings that are made in one turn of the loop, as wsfd's own turns bring. */
const turnBytes = 8 << 20;

export async function floor({ workload, extent }: Trial): Promise<Metrics> {
  const { size, message } = workload;
  const { latin1 } = loadAddon();
  const [first = ''] = makeMessages(message, size);
  const bytes = Buffer.from(first);
  let count = 0;
  let length = 0;
  let goesOn = true;
  const turn = (): void => {
    for (let made = 0; made < turnBytes; made += size) {
      length += latin1(bytes).length;
      count += 1;
    }
    if (goesOn) setImmediate(turn);
  };
  turn();
  const window = await measure(extent, () => count);
  goesOn = false;
  if (length !== count * size) throw new Error(`${length} characters in ${count} strings`);
  return ratesOf(window, size);
}
