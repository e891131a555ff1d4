/** The channels of `node:diagnostics_channel`, and the trace topics that they need. */
import { channel } from 'node:diagnostics_channel';

import { TraceTopic } from '../native/shared.js';

// Node.js keeps a channel only as long as there is a reference, such as these.
export const attemptChannel = channel('wsfd:attempt');
export const proxyChannel = channel('wsfd:proxy');
export const tlsChannel = channel('wsfd:tls');
export const handshakeChannel = channel('wsfd:handshake');
export const openChannel = channel('wsfd:open');
export const messagesChannel = channel('wsfd:messages');
export const controlChannel = channel('wsfd:control');
export const closeChannel = channel('wsfd:close');
export const errorChannel = channel('wsfd:error');

/** The TraceTopic bits of the channels that have subscribers. */
export function wantedTopics(): number {
  return (
    (attemptChannel.hasSubscribers ? TraceTopic.attempts : 0) |
    (proxyChannel.hasSubscribers ? TraceTopic.proxy : 0) |
    (tlsChannel.hasSubscribers ? TraceTopic.tls : 0) |
    (handshakeChannel.hasSubscribers ? TraceTopic.handshake : 0) |
    (controlChannel.hasSubscribers ? TraceTopic.controlFrames : 0)
  );
}
