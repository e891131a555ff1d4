/** Publishes the opening and the end of a connection on the diagnostics channels. */
import type { AsyncResource } from 'node:async_hooks';

import { closeChannel, openChannel } from '../diagnostics/channels.js';
import { publishClose, publishOpen } from '../diagnostics/publish.js';
import type { Subject } from '../diagnostics/subject.js';
import type { WebSocketError } from '../errors/errors.js';
import { native, resultOf } from '../native/addon.js';
import { callIn } from './context.js';
import { clearLastErrors } from './last-error.js';

/** A connection that still owns its slot. */
interface Announced extends Subject {
  readonly slot: number;
  readonly context: AsyncResource;
}

/** The connection is open. Errors of calls that subscribers make are cleared. */
export function announceOpen(subject: Announced): void {
  if (!openChannel.hasSubscribers) return;
  publishOpen(
    subject,
    resultOf(() => native.info(subject.slot)),
  );
  clearLastErrors();
}

/** The connection has ended; `failed`: neither side closed it. */
export function announceClose(
  subject: Announced,
  failed: boolean,
  error: WebSocketError | undefined,
): void {
  if (!closeChannel.hasSubscribers) return;
  const info = resultOf(() => native.info(subject.slot));
  callIn(subject.context, publishClose, subject, info, failed, error);
}
