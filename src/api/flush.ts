/** Waiting for what was written. */
import { clearLastErrors, failed } from '../socket/last-error.js';
import { invalidSocket, sockets } from '../socket/sockets.js';

/**
 * Waits until everything that was written is handed to the operating system.
 *
 * @returns 0 then; -1 if the connection ended before. Never rejects.
 */
export function webSocketFlush(socket: number): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failed(-1, invalidSocket(socket, 'call webSocketFlushSync'), 'webSocketFlush');
  clearLastErrors();
  return inbox.flush();
}
