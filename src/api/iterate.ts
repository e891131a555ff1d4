/** Async iterables over a socket's messages. */
import { SYNC_SOCKET_ADVICE, conflictOf } from './checks.js';
import type { Inbox, Message } from '../socket/inbox.js';
import { getLastError, throwError } from '../socket/last-error.js';
import { makeError } from '../errors/errors.js';
import { invalidSocket, sockets } from '../socket/sockets.js';
import { stoppable } from './stoppable.js';

/** Inboxes of webSocketConnections. */
const reconnecting = new WeakSet<Inbox>();

/** The loss of this connection ends its iterables without an error; its loop reports it. */
export function markReconnecting(inbox: Inbox): void {
  reconnecting.add(inbox);
}

/**
 * All messages of a socket. Each batch has all queued messages, at least one.
 *
 * @param socket A number that webSocketOpen returned.
 * @returns Ends when either side closes the connection; throws the WebSocketError if it ends
 *   otherwise (not for a socket of webSocketConnections), for an invalid number, or if the messages
 *   have another reader. A slow consumer slows the server down: unread messages wait in the socket.
 */
export function webSocketBatches(
  socket: number,
): AsyncGenerator<readonly Message[], void, undefined> {
  return iterate(socket, (inbox) => inbox.takeAll(), 'webSocketBatches');
}

function iterate<T>(
  socket: number,
  take: (inbox: Inbox) => T,
  call: string,
): AsyncGenerator<T, void, undefined> {
  const loop: Loop = { anyMessage: () => true, isStopped: false };
  return stoppable(iterateOver(socket, take, loop, call), () => {
    loop.isStopped = true;
    sockets.get(socket)?.stopWaiting(loop.anyMessage);
  });
}

interface Loop {
  /** Its wait is known by this. */
  readonly anyMessage: () => boolean;
  /** Its end was asked for: it waits no more, not even for a next() that was asked before. */
  isStopped: boolean;
}

async function* iterateOver<T>(
  socket: number,
  take: (inbox: Inbox) => T,
  loop: Loop,
  call: string,
): AsyncGenerator<T, void, undefined> {
  const inbox = sockets.get(socket);
  if (inbox === undefined) return await throwError(invalidSocket(socket, SYNC_SOCKET_ADVICE), call);
  if (inbox.hasExclusiveReader || inbox.isAwaited) {
    return await throwError(conflictOf(inbox), call, inbox);
  }
  inbox.hasExclusiveReader = true;
  try {
    for (;;) {
      while (inbox.hasMessages) yield take(inbox);
      if (loop.isStopped) return;
      const code = await inbox.wait(loop.anyMessage, Infinity, call);
      if (code === 1 || (code === -1 && reconnecting.has(inbox))) return;
      if (code !== 0) throw getLastError()[0] ?? makeError('WSFD_CLOSED_ABNORMALLY', inbox.url);
    }
  } finally {
    inbox.hasExclusiveReader = false;
  }
}

/**
 * As webSocketBatches, one message at a time. After a `break`, unread messages stay in the socket.
 */
export function webSocketMessages(socket: number): AsyncGenerator<Message, void, undefined> {
  return iterate(socket, takeOne, 'webSocketMessages');
}

function takeOne(inbox: Inbox): Message {
  const message = inbox.take();
  inbox.afterTake();
  if (message === undefined) throw makeError('WSFD_INTERNAL', 'an inbox with messages has none');
  return message;
}
