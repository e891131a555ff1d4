// Text messages that hold nothing but the time of their sending, in nanoseconds of the clock
// that all processes of the machine share.
import type { Socket } from 'node:net';
import { encodeFrame } from './frames';

const intervalMs = 5;

/** Such a message's frame. */
export const stamp = (): Buffer => encodeFrame(String(process.hrtime.bigint()));

/** Sends one every few milliseconds. */
export function stamped(socket: Socket): void {
  socket.setNoDelay(true);
  socket.resume();
  const timer = setInterval(() => {
    socket.write(stamp());
  }, intervalMs);
  socket.once('close', () => clearInterval(timer));
}
