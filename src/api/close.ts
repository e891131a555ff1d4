/** Closing: in order, by letting go, or at once. */
import type { WebSocketError } from '../errors/errors.js';
import { abandonInbox, closeInbox, terminateInbox } from '../socket/closing.js';
import type { Inbox } from '../socket/inbox.js';
import { clearLastErrors, failed, failNow } from '../socket/last-error.js';
import { anySocket, forgetSocket, invalidSocket, sockets } from '../socket/sockets.js';
import { closeArgumentError, NORMAL_CLOSURE } from './checks.js';

/**
 * Closes a connection: the closing handshake, then the socket. Its number is no socket's any more
 * as soon as this is called, unless an argument is not valid.
 *
 * @param socket A number that webSocketOpen returned.
 * @param code The close code: 1000 to 1003, 1007 to 1014 or 3000 to 4999. Absent: 1000.
 * @param reason Why, at most 123 bytes of UTF-8. Absent: empty.
 * @returns 0 once it is closed; -1 for a number that is no open socket's or a code or reason that
 *   cannot be sent (the socket stays open), or if the server did not answer within `closeTimeout`
 *   (the socket is closed all the same). Never rejects.
 * @see WinCC OA reference, webSocketClose
 */
export function webSocketClose(
  socket: number,
  code: number = NORMAL_CLOSURE,
  reason = '',
): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failed(-1, invalidSocket(socket, 'call webSocketCloseSync'), 'webSocketClose');
  const error = closeArgumentError(code, reason);
  if (error !== undefined) return failed(-1, error, 'webSocketClose', inbox);
  sockets.delete(socket);
  clearLastErrors();
  return closeInbox(inbox, code, reason);
}

/**
 * Lets a socket go: its number is no socket's any more, and what was written still goes out.
 * `error` is why it was not closed as it should.
 */
export function releaseSocket(inbox: Inbox, error: WebSocketError | undefined): void {
  sockets.delete(inbox.number);
  abandonInbox(inbox, error);
}

/**
 * Ends a connection at once, without the closing handshake: what was written and not yet sent is
 * lost, and the server sees the connection end abnormally.
 *
 * @param socket A number that webSocketOpen returned; it is no socket's any more.
 * @returns 0; -1 for a number that is no open socket's. Never throws.
 */
export function webSocketTerminate(socket: number): number {
  const inbox = anySocket(socket);
  if (inbox === undefined) return failNow(invalidSocket(socket), 'webSocketTerminate');
  forgetSocket(socket);
  terminateInbox(inbox);
  clearLastErrors();
  return 0;
}
