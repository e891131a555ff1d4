// The WHATWG interface as tests use it. With WSFD_TEST_PLATFORM_WEBSOCKET=1 the WebSocket of Node
// itself stands in for wsfd's: what is asked of one is then asked of the other.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import * as wsfd from 'wsfd/websocket';
import type { WebSocketEventMap } from 'wsfd/websocket';
import { startRawServer } from './raw-server';
import type { RawConnection, RawServerOptions } from './raw-server';
import { startWsServer } from './servers';
import type { WsServer, WsServerOptions } from './servers';

export const isPlatform = process.env['WSFD_TEST_PLATFORM_WEBSOCKET'] === '1';

const { WebSocket: PlatformWebSocket } = globalThis as unknown as {
  WebSocket?: typeof wsfd.WebSocket;
};
if (isPlatform) assert.ok(PlatformWebSocket !== undefined, 'this Node has no WebSocket');

export const WebSocket = isPlatform ? (PlatformWebSocket ?? wsfd.WebSocket) : wsfd.WebSocket;
export type WebSocket = wsfd.WebSocket;

/** The next event of a type. */
export const next = <Type extends keyof WebSocketEventMap>(
  socket: WebSocket,
  type: Type,
): Promise<WebSocketEventMap[Type]> =>
  new Promise((resolve) => {
    socket.addEventListener(type, resolve as (event: Event) => void, { once: true });
  });

/** All events in order, by their types; a message's text stands behind its type. */
export function record(socket: WebSocket): string[] {
  const seen: string[] = [];
  for (const type of ['open', 'error', 'close']) {
    socket.addEventListener(type, () => seen.push(type));
  }
  socket.addEventListener('message', ({ data }) => {
    seen.push(typeof data === 'string' ? `message ${data}` : 'message');
  });
  return seen;
}

export interface Echo {
  socket: WebSocket;
  server: WsServer;
}

/** A socket that is opening, to a server that echoes; both are gone after the test. */
export async function toEcho(t: TestContext, options: WsServerOptions = {}): Promise<Echo> {
  const server = await startWsServer(options);
  t.after(() => server.close());
  const socket = new WebSocket(server.url);
  t.after(() => socket.close());
  return { socket, server };
}

/** The same, once it is open. */
export async function openEcho(t: TestContext, options: WsServerOptions = {}): Promise<Echo> {
  const echo = await toEcho(t, options);
  await next(echo.socket, 'open');
  return echo;
}

export interface RawPair {
  socket: WebSocket;
  connection: RawConnection;
}

/** An open socket and its server's side, which sends what the test has it send. */
export async function openRaw(
  t: TestContext,
  options: RawServerOptions & { client?: wsfd.WebSocketOptions } = {},
): Promise<RawPair> {
  const { client, ...rest } = options;
  const server = await startRawServer(rest);
  t.after(() => server.close());
  const socket =
    client === undefined ? new WebSocket(server.url) : new WebSocket(server.url, [], client);
  const opening = next(socket, 'open');
  const connection = await server.connections.next();
  await opening;
  return { socket, connection };
}

/** Asserts that `call` throws a DOMException of that name. */
export function throwsDom(call: () => unknown, name: string): void {
  assert.throws(call, (thrown: unknown) => {
    assert.ok(thrown instanceof DOMException, String(thrown));
    assert.equal(thrown.name, name);
    return true;
  });
}
