/** Async iterables over a socket's messages. */
import { inboxOf, invalidSocket } from './functions.js';
import type { Inbox, Message } from './inbox.js';
import { getLastError } from './last-error.js';
import { makeError } from './errors.js';

/**
 * All messages of a socket, in batches of those that arrived together.
 *
 * @param socket A number that webSocketOpen returned.
 * @returns Ends when the server closed the connection; throws the WebSocketError where it ended
 *   otherwise. Messages wait in the socket meanwhile: a slow consumer slows the server down.
 */
export async function* webSocketBatches(
  socket: number,
): AsyncGenerator<readonly Message[], void, undefined> {
  const inbox = inboxOf(socket);
  if (inbox === undefined) throw invalidSocket(socket);
  if (inbox.claimed) {
    const detail = `a subscriber or an iterable reads socket ${String(socket)}`;
    throw makeError('WSFD_READER_CONFLICT', detail);
  }
  inbox.claimed = true;
  try {
    yield* batchesOf(inbox);
  } finally {
    inbox.claimed = false;
  }
}

async function* batchesOf(inbox: Inbox): AsyncGenerator<readonly Message[], void, undefined> {
  for (;;) {
    if (!inbox.hasMessages) {
      const code = await inbox.wait(() => true, Infinity);
      if (code === 1) return;
      if (code !== 0) throw getLastError()[0] ?? makeError('WSFD_CLOSED_ABNORMALLY', inbox.url);
    }
    if (inbox.hasMessages) yield inbox.takeAll();
  }
}

/** The same, message by message. */
export async function* webSocketMessages(
  socket: number,
): AsyncGenerator<Message, void, undefined> {
  for await (const batch of webSocketBatches(socket)) yield* batch;
}
