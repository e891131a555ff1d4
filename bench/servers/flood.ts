// Sends all that the connection takes: the same encoded frames again and again.
import type { Socket } from 'node:net';
import { streamOf } from './frames';
import type { Request } from './upgrade';

/** What is written at once: whole streams of about a megabyte, so that writes are few. */
const blocks = new Map<Buffer, Buffer>();
function blockOf(stream: Buffer): Buffer {
  let block = blocks.get(stream);
  if (block === undefined) {
    const times = Math.max(1, Math.round((1 << 20) / stream.length));
    block = Buffer.concat(Array<Buffer>(times).fill(stream));
    blocks.set(stream, block);
  }
  return block;
}

export function flood(socket: Socket, request: Request): void {
  const block = blockOf(streamOf(request));
  const pump = (): void => {
    if (socket.write(block)) setImmediate(pump);
  };
  socket.on('drain', pump);
  socket.resume();
  pump();
}
