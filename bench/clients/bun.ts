// Bun's global WebSocket; it runs on Bun alone.
import type { Client } from './client';
import { opened } from './standard';

declare const Bun: { gc(force: boolean): void };

/** What Bun's constructor takes beside the standard's. */
type BunWebSocket = new (
  url: string,
  options: { tls?: { ca: string }; perMessageDeflate: boolean },
) => WebSocket;

export const client: Client = {
  open: (url, take, { ca, compression }) => {
    // What Node has with --expose-gc.
    globalThis.gc ??= (() => Bun.gc(true)) as typeof gc;
    const socket = new (WebSocket as unknown as BunWebSocket)(url, {
      ...(ca === undefined ? {} : { tls: { ca } }),
      perMessageDeflate: compression !== undefined,
    });
    return opened(socket, take);
  },
};
