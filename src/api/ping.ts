/** Pings of the application. */
import { thrownError } from '../errors/errors.js';
import { WriteStatus } from '../native/shared.js';
import { clearLastErrors, failedPromise } from '../socket/last-error.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import { SYNC_SOCKET_ADVICE } from './checks.js';
import { writeError } from './write.js';

/**
 * Pings the server. It has no time limit of its own: `pingInterval` and `pongTimeout` of the
 * options end a connection whose server is silent.
 *
 * @param socket A number that webSocketOpen returned.
 * @returns 0 the pong has arrived; -1 error, such as the end of the connection. Never rejects.
 * @see RFC 6455 section 5.5.2
 */
export function webSocketPing(socket: number): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failedPromise(-1, invalidSocket(socket, SYNC_SOCKET_ADVICE), 'webSocketPing');
  clearLastErrors();
  try {
    return (
      inbox.ping() ??
      failedPromise(-1, writeError(inbox, WriteStatus.notOpen), 'webSocketPing', inbox)
    );
  } catch (thrown) {
    return failedPromise(-1, thrownError(thrown, inbox.url), 'webSocketPing', inbox);
  }
}
