/** Closing: by handshake, by release, or at once. */
import type { WebSocketError } from '../errors/errors.js';
import { abandonInbox, closeInbox, terminateInbox } from '../socket/closing.js';
import type { Inbox } from '../socket/inbox.js';
import { clearLastErrors, failedPromise, failSync } from '../socket/last-error.js';
import { anySocket, forgetSocket, invalidSocket, sockets } from '../socket/sockets.js';
import { closeArgumentError, NORMAL_CLOSURE } from './checks.js';

/**
 * Closes a connection: the closing handshake, then the socket. The number becomes invalid at the
 * call, unless an argument is invalid.
 *
 * @param socket A number that webSocketOpen returned.
 * @param code The close code: 1000 to 1003, 1007 to 1014 or 3000 to 4999. Absent: 1000.
 * @param reason The close reason, at most 123 bytes of UTF-8. Absent: empty.
 * @returns 0 the socket is closed, also where the connection ended otherwise in the meantime, such as
 *   by a reset: webSocketFlush before tells whether the system took all messages; -1 error: an
 *   invalid number, code or reason (the socket stays open), or no close frame of the server within
 *   `closeTimeout` (the socket is closed all the same). Never rejects.
 * @see WinCC OA reference, webSocketClose
 */
export function webSocketClose(
  socket: number,
  code: number = NORMAL_CLOSURE,
  reason = '',
): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failedPromise(-1, invalidSocket(socket, 'call webSocketCloseSync'), 'webSocketClose');
  const error = closeArgumentError(code, reason);
  if (error !== undefined) return failedPromise(-1, error, 'webSocketClose', inbox);
  sockets.delete(socket);
  clearLastErrors();
  return closeInbox(inbox, code, reason);
}

/**
 * Frees a socket: its number becomes invalid, and written messages still go out. `error`: why the
 * connection failed.
 */
export function releaseSocket(inbox: Inbox, error: WebSocketError | undefined): void {
  sockets.delete(inbox.number);
  abandonInbox(inbox, error);
}

/**
 * Ends a connection at once, without the closing handshake: unsent messages are lost, and the
 * server sees an abnormal end (close code 1006).
 *
 * @param socket A number that webSocketOpen or webSocketOpenSync returned. It becomes invalid.
 * @returns 0; -1 for an invalid number. Never throws.
 */
export function webSocketTerminate(socket: number): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failSync(invalidSocket(socket), 'webSocketTerminate');
  forgetSocket(socket);
  terminateInbox(inbox);
  clearLastErrors();
  return 0;
}
