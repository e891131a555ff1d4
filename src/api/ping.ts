/** Pings of the application's own. */
import { thrownError } from '../errors/errors.js';
import { WriteStatus } from '../native/shared.js';
import { clearLastErrors, failed } from '../socket/last-error.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import { SYNC_SOCKET_ADVICE } from './checks.js';
import { writeError } from './write.js';

/**
 * Pings the server.
 *
 * @returns 0 once the pong is back; -1 if the connection ended before. Never rejects.
 * @see RFC 6455 section 5.5.2
 */
export function webSocketPing(socket: number): Promise<number> {
  const inbox = sockets.get(socket);
  if (inbox === undefined)
    return failed(-1, invalidSocket(socket, SYNC_SOCKET_ADVICE), 'webSocketPing');
  clearLastErrors();
  try {
    return (
      inbox.ping() ?? failed(-1, writeError(inbox, WriteStatus.notOpen), 'webSocketPing', inbox)
    );
  } catch (thrown) {
    return failed(-1, thrownError(thrown, inbox.url), 'webSocketPing', inbox);
  }
}
