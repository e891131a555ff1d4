/** The ways in which a connection is ended from this side, and its slot given back. */
import { errorOf, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { native } from '../native/addon.js';
import { announceClose } from './announce.js';
import type { Inbox } from './inbox.js';
import { clearLastErrors, failLater } from './last-error.js';

/** Closes and frees the slot; whoever still waits is told that the socket was closed. */
export function closeInbox(inbox: Inbox, code: number, reason: string): Promise<number> {
  return new Promise((resolve) => {
    startClosing(inbox, code, reason, (error) => {
      freeSlot(inbox);
      if (error !== undefined) {
        failLater(resolve, -1, [error], 'webSocketClose', inbox);
        return;
      }
      clearLastErrors();
      resolve(0);
    });
  });
}

/** Starts the closing handshake; `gone` is called once it is over, with what it took too long. */
export function startClosing(
  inbox: Inbox,
  code: number,
  reason: string,
  gone: (error: WebSocketError | undefined) => void,
): void {
  const hadEnded = inbox.hasEnded;
  inbox.leave();
  inbox.onGone = (failure) => {
    const error = failure === undefined ? undefined : errorOf(failure, inbox.url);
    if (!hadEnded) announceClose(inbox, false, error);
    gone(error?.category === 'timeout' ? error : undefined);
  };
  try {
    if (!native.close(inbox.slot, code, reason)) inbox.onClosed(undefined);
  } catch (thrown) {
    inbox.onGone = undefined;
    inbox.abandonPending();
    native.terminate(inbox.slot);
    gone(thrownError(thrown, inbox.url));
  }
}

/** Closes at once, without a word to the server, and frees the slot. */
export function terminateInbox(inbox: Inbox): void {
  if (!inbox.hasEnded) announceClose(inbox, false, undefined);
  inbox.leave();
  inbox.watcher?.onTerminate();
  inbox.abandonPending();
  native.terminate(inbox.slot);
  inbox.slot = -1;
}

/** Frees the slot, if whoever closes does not; what was written still goes out. */
export function abandonInbox(inbox: Inbox, error: WebSocketError | undefined): void {
  if (inbox.isClosing) return;
  if (!inbox.hasEnded) announceClose(inbox, false, error);
  inbox.leave();
  inbox.abandonPending();
  freeSlot(inbox);
}

/** Gives the slot back, which another connection may get: nothing is asked of it from here on. */
export function freeSlot(inbox: Inbox): void {
  native.release(inbox.slot);
  inbox.slot = -1;
}
