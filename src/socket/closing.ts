/** Ends a connection from this side, and frees its slot. */
import { errorOf, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { native } from '../native/addon.js';
import { announceClose } from './announce.js';
import type { Inbox } from './inbox.js';
import { clearLastErrors, failAsync } from './last-error.js';

/** Closes the connection and frees the slot; pending reads resolve to 1. */
export function closeInbox(inbox: Inbox, code: number, reason: string): Promise<number> {
  return new Promise((resolve) => {
    startClosing(inbox, code, reason, (error) => {
      freeSlot(inbox);
      if (error !== undefined) {
        failAsync(resolve, -1, [error], 'webSocketClose', inbox);
        return;
      }
      clearLastErrors();
      resolve(0);
    });
  });
}

/** Starts the closing handshake; `gone` is called at its end, with the timeout or native error. */
export function startClosing(
  inbox: Inbox,
  code: number,
  reason: string,
  gone: (error: WebSocketError | undefined) => void,
): void {
  const hadEnded = inbox.hasEnded;
  inbox.discardAndEnd();
  inbox.onDescriptorClosed = (failure) => {
    const error = failure === undefined ? undefined : errorOf(failure, inbox.url);
    if (!hadEnded) announceClose(inbox, false, error);
    gone(error?.category === 'timeout' ? error : undefined);
  };
  try {
    if (!native.close(inbox.slot, code, reason)) inbox.onClosed(undefined);
  } catch (thrown) {
    inbox.onDescriptorClosed = undefined;
    inbox.settlePending();
    native.terminate(inbox.slot);
    gone(thrownError(thrown, inbox.url));
  }
}

/** Closes at once, without a close frame or close_notify, and frees the slot. */
export function terminateInbox(inbox: Inbox): void {
  if (!inbox.hasEnded) announceClose(inbox, false, undefined);
  inbox.discardAndEnd();
  inbox.watcher?.onTerminate();
  inbox.settlePending();
  native.terminate(inbox.slot);
  inbox.slot = -1;
}

/** Frees the slot, unless a closing call does; written messages still go out. */
export function abandonInbox(inbox: Inbox, error: WebSocketError | undefined): void {
  if (inbox.isClosing) return;
  if (!inbox.hasEnded) announceClose(inbox, false, error);
  inbox.discardAndEnd();
  inbox.settlePending();
  freeSlot(inbox);
}

/** Frees the slot. Another connection may get it: the inbox must not use it any more. */
export function freeSlot(inbox: Inbox): void {
  native.release(inbox.slot);
  inbox.slot = -1;
}
