// socket.io, as it is, with the class WebSocket as the global that its browser's transport takes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Server } from 'socket.io';
import { WebSocket } from 'wsfd/websocket';
import { listen } from '../support/fixture';

test('the transport of browsers', async (t) => {
  const http = createServer();
  const server = new Server(http);
  server.on('connection', (socket) => {
    socket.on('echo', (value: unknown, reply: (value: unknown) => void) => reply(value));
  });
  const { port, close } = await listen(http);
  t.after(async () => {
    await close();
    await server.close();
  });
  Reflect.set(globalThis, 'WebSocket', WebSocket);
  // It looks for the global as it is loaded.
  const { io, WebSocket: transport } = await import('socket.io-client');
  const client = io(`http://127.0.0.1:${port}`, { transports: [transport], forceNew: true });
  t.after(() => client.close());
  const engine = new Promise<{ ws: unknown }>((resolve) => {
    client.on('connect', () => resolve(client.io.engine.transport as unknown as { ws: unknown }));
  });
  assert.ok((await engine).ws instanceof WebSocket);
  const value = { text: 'größer', list: [1, null] };
  assert.deepEqual(await client.emitWithAck('echo', value), value);
  const closed = new Promise((resolve) => client.on('disconnect', resolve));
  server.disconnectSockets(true);
  assert.equal(await closed, 'io server disconnect');
});
