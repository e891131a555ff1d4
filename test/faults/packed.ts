// Packed messages, both ways.
import type { PackedBatch } from 'wsfd';
import { withServer } from './scenario';

/** Messages of 10 bytes, one that spans reads, and one that is too large for the lent memory. */
export const packed = withServer('packed', {}, async (calls, server) => {
  const sizes = [...Array<number>(20).fill(10), 300_000, 400_000];
  let end = 0;
  const ends = Uint32Array.from(sizes, (size) => (end += size));
  const bytes = Buffer.alloc(end, ' ');
  for (const place of ends) bytes[place - 1] = 0x31;
  const socket = await calls.open(server.url);
  if (socket < 0) return;
  let next = 0;
  await new Promise<void>((resolve) => {
    const patience = setTimeout(resolve, 500);
    const take = (batch: PackedBatch): void => {
      for (let i = 0; i < batch.length; i++, next++) {
        if (batch.subarray(i).length !== sizes[next]) calls.problem('a message came changed');
      }
      if (batch.json().some((value) => value !== 1)) calls.problem('a value came changed');
      if (next < sizes.length) return;
      clearTimeout(patience);
      resolve();
    };
    if (calls.subscribePacked(socket, take) && calls.writePacked(socket, bytes, ends)) return;
    clearTimeout(patience);
    resolve();
  });
  await calls.close(socket);
});
