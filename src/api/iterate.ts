/** Async iterables over a socket's messages. */
import { SYNC_SOCKET_ADVICE, conflictOf } from './checks.js';
import type { Inbox, Message } from '../socket/inbox.js';
import { getLastError } from '../socket/last-error.js';
import { makeError } from '../errors/errors.js';
import { invalidSocket, sockets } from '../socket/sockets.js';

const renewed = new WeakSet<Inbox>();

/** From now on the loss of this connection ends its iterables without an error: its loop reports it. */
export function endQuietly(inbox: Inbox): void {
  renewed.add(inbox);
}

/**
 * All messages of a socket, in batches of those that arrived together.
 *
 * @param socket A number that webSocketOpen returned.
 * @returns Ends when the server closed the connection; throws the WebSocketError where it ended
 *   otherwise (but ends for a socket of webSocketConnections), and for a number that is no
 *   socket's. Messages wait in the socket meanwhile: a slow consumer slows the server down.
 */
export function webSocketBatches(
  socket: number,
): AsyncGenerator<readonly Message[], void, undefined> {
  return iterate(socket, (inbox) => inbox.takeAll(), 'webSocketBatches');
}

async function* iterate<T>(
  socket: number,
  take: (inbox: Inbox) => T,
  call: string,
): AsyncGenerator<T, void, undefined> {
  const inbox = sockets.get(socket);
  if (inbox === undefined) throw invalidSocket(socket, SYNC_SOCKET_ADVICE);
  if (inbox.claimed || inbox.isAwaited) throw conflictOf(inbox);
  inbox.claimed = true;
  try {
    for (;;) {
      while (inbox.hasMessages) yield take(inbox);
      const code = await inbox.wait(() => true, Infinity, call);
      if (code === 1 || (code === -1 && renewed.has(inbox))) return;
      if (code !== 0) throw getLastError()[0] ?? makeError('WSFD_CLOSED_ABNORMALLY', inbox.url);
    }
  } finally {
    inbox.claimed = false;
  }
}

/** As webSocketBatches, one message at a time. After a `break`, the messages that are left stay in the socket. */
export function webSocketMessages(socket: number): AsyncGenerator<Message, void, undefined> {
  return iterate(socket, takeOne, 'webSocketMessages');
}

function takeOne(inbox: Inbox): Message {
  const message = inbox.take();
  if (message === undefined) throw makeError('WSFD_INTERNAL', 'an inbox with messages has none');
  return message;
}
