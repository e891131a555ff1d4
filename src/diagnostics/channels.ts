/** The channels of `node:diagnostics_channel`, and what native code is to tell for them. */
import { channel } from 'node:diagnostics_channel';

import { TraceTopic } from '../native/shared.js';

// A channel lives as long as somebody refers to it: these do.
export const attemptChannel = channel('wsfd:attempt');
export const proxyChannel = channel('wsfd:proxy');
export const tlsChannel = channel('wsfd:tls');
export const handshakeChannel = channel('wsfd:handshake');
export const openChannel = channel('wsfd:open');
export const messagesChannel = channel('wsfd:messages');
export const controlChannel = channel('wsfd:control');
export const closeChannel = channel('wsfd:close');
export const errorChannel = channel('wsfd:error');

/** What native code is to tell of an opening, as bits; 0 when nobody listens. */
export function wantedTopics(): number {
  return (
    (attemptChannel.hasSubscribers ? TraceTopic.attempts : 0) |
    (proxyChannel.hasSubscribers ? TraceTopic.proxy : 0) |
    (tlsChannel.hasSubscribers ? TraceTopic.tls : 0) |
    (handshakeChannel.hasSubscribers ? TraceTopic.handshake : 0) |
    (controlChannel.hasSubscribers ? TraceTopic.controlFrames : 0)
  );
}
