// Answers each message with the first one of its kind, which is what the client sends, so many
// microseconds after it came: what a longer line adds to a round trip, without its jitter.
import type { Socket } from 'node:net';
import { makeMessages } from '../messages';
import type { Data } from '../messages';
import { encodeFrame } from './frames';
import type { Request } from './upgrade';

export function echoLate(socket: Socket, { message, size, lateUs }: Request): void {
  socket.setNoDelay(true);
  const answer = encodeFrame(makeMessages(message, size)[0] as Data);
  socket.on('data', () => {
    const due = performance.now() + lateUs / 1000;
    // No timer keeps 100 µs.
    while (performance.now() < due);
    socket.write(answer);
  });
}
