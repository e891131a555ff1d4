/** Flushing output. */
import { clearLastErrors, failedPromise } from '../socket/last-error.js';
import { invalidSocket, sockets } from '../socket/sockets.js';

/**
 * Waits until the operating system has taken all written messages, also those that are written in
 * the meantime.
 *
 * @param socket A number that webSocketOpen returned.
 * @returns 0 done, also after the end of a connection that had sent all; -1 error, such as messages
 *   that were lost with the connection. Never rejects.
 */
export function webSocketFlush(socket: number): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failedPromise(-1, invalidSocket(socket, 'call webSocketFlushSync'), 'webSocketFlush');
  clearLastErrors();
  return inbox.flush();
}
