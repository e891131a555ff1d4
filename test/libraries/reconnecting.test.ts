// reconnecting-websocket and partysocket, as they are, on the class WebSocket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import PartySocket from 'partysocket/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { WebSocket } from 'wsfd/websocket';
import { Arrivals } from '../support/arrivals';
import { startWsServer } from '../support/servers';

/** What both have, and nothing else is used. */
interface Reconnecting {
  binaryType: string;
  readonly readyState: number;
  readonly protocol: string;
  send(data: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: never) => void): void;
}

const options = {
  WebSocket,
  minReconnectionDelay: 1,
  maxReconnectionDelay: 1,
  reconnectionDelayGrowFactor: 1,
  minUptime: 0,
};

const libraries: Record<string, (url: string) => Reconnecting> = {
  'reconnecting-websocket': (url) => new ReconnectingWebSocket(url, ['chat'], options),
  partysocket: (url) => new PartySocket(url, ['chat'], options),
};

for (const [name, construct] of Object.entries(libraries)) {
  test(`${name} connects again and loses nothing that was sent meanwhile`, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const socket = construct(server.url);
    const messages = new Arrivals<unknown>('message');
    const closes = new Arrivals<{ code: number }>('close event');
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: { data: unknown }) => messages.push(data));
    socket.addEventListener('close', (event: { code: number }) => closes.push(event));
    socket.send('before it is open');
    assert.equal(await messages.next(), 'before it is open');
    assert.equal(socket.protocol, 'chat');
    socket.send(Uint8Array.of(1, 2, 3).buffer);
    assert.deepEqual(await messages.next(), Uint8Array.of(1, 2, 3).buffer);
    (await server.connections.next()).socket.terminate();
    await closes.next();
    socket.send('between');
    assert.equal(await messages.next(), 'between');
    assert.equal(server.connections.all.length, 2);
    socket.close(4000, 'done');
    assert.equal((await server.closes.next()).code, 1006);
    assert.deepEqual(await server.closes.next(), { code: 4000, reason: 'done' });
  });
}
