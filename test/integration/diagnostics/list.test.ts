// webSocketList: what is known of all sockets of this thread.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  getLastError,
  webSocketClose,
  webSocketInfo,
  webSocketList,
  webSocketOpen,
  webSocketRead,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import { close, open } from '../../support/calls';
import { startWorker } from '../../support/child';
import { close as closeFrame } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const numbers = (): number[] => webSocketList().map(({ socket }) => socket);

test('no socket, no info', () => {
  assert.deepEqual(webSocketList(), []);
});

test('the open sockets, in the order in which they were opened', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const sockets = [await open(server.url), await open(server.url), await open(server.url)];
  assert.deepEqual(numbers(), sockets);
  for (const info of webSocketList()) assert.deepEqual(info, webSocketInfo(info.socket));
  const [first = -1, second = -1, third = -1] = sockets;
  const closing = webSocketClose(second);
  // Its number is no socket's any more as soon as that was called.
  assert.deepEqual(numbers(), [first, third]);
  assert.equal(await closing, 0);
  assert.equal(webSocketTerminate(first), 0);
  assert.deepEqual(numbers(), [third]);
  await close(third);
  assert.deepEqual(numbers(), []);
});

test('a socket that is being opened is none yet, one whose connection has ended is still one', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const opening = webSocketOpen(server.url);
  assert.deepEqual(numbers(), []);
  const socket = await opening;
  (await server.connections.next()).send(closeFrame(3000));
  assert.equal(await webSocketRead(socket, {}), 1);
  assert.deepEqual(
    webSocketList().map(({ state, closeCode }) => [state, closeCode]),
    [['closed', 3000]],
  );
  await close(socket);
  assert.deepEqual(numbers(), []);
});

test('a list is a snapshot, and each call gives a new one', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const before = webSocketList();
  assert.equal(webSocketWrite(socket, 'abc'), 0);
  assert.equal(before[0]?.messagesOut, 0);
  assert.equal(webSocketList()[0]?.messagesOut, 1);
  await close(socket);
  assert.equal(before.length, 1);
});

test('it is a call like any other: it replaces the errors of the one before', () => {
  assert.equal(webSocketWrite(-1, ''), -1);
  assert.equal(getLastError().length, 1);
  webSocketList();
  assert.deepEqual(getLastError(), []);
});

test('the sockets of another thread are that thread’s', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const worker = startWorker(async ({ wsfd }, url, port) => {
    const opened = await wsfd.webSocketOpen(url);
    port.postMessage([opened, ...wsfd.webSocketList().map((info) => info.socket)]);
    await wsfd.webSocketClose(opened);
    port.close();
  }, server.url);
  // The end of the thread may come right behind its message.
  const exited = once(worker, 'exit');
  const [theirs] = (await once(worker, 'message')) as [number[]];
  assert.equal(theirs.length, 2);
  assert.equal(theirs[0], theirs[1]);
  assert.deepEqual(numbers(), [socket]);
  await exited;
  await close(socket);
});
