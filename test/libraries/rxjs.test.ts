// rxjs/webSocket, as it is, on the class WebSocket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { webSocket } from 'rxjs/webSocket';
import type { WebSocketSubjectConfig } from 'rxjs/webSocket';
import { WebSocket } from 'wsfd/websocket';
import { startWsServer } from '../support/servers';

type Constructor = NonNullable<WebSocketSubjectConfig<unknown>['WebSocketCtor']>;
const WebSocketCtor = WebSocket as unknown as Constructor;

interface Message {
  topic: string;
  value: number;
}

test('a subject sends, receives and is multiplexed', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const subject = webSocket<Message>({ url: server.url, WebSocketCtor });
  const received = lastValueFrom(subject.pipe(take(3), toArray()));
  const ones = lastValueFrom(
    subject
      .multiplex(
        () => ({ topic: 'subscribe', value: 0 }),
        () => ({ topic: 'unsubscribe', value: 0 }),
        ({ topic }) => topic === 'one',
      )
      .pipe(take(1)),
  );
  subject.next({ topic: 'two', value: 2 });
  subject.next({ topic: 'one', value: 1 });
  assert.deepEqual(await ones, { topic: 'one', value: 1 });
  const topics = (await received).map(({ topic }) => topic);
  assert.deepEqual(topics.sort(), ['one', 'subscribe', 'two']);
});

test('it completes when the server closes, and fails otherwise', async (t) => {
  const server = await startWsServer({ onConnection: (socket) => socket.close(1000) });
  t.after(() => server.close());
  const closed = webSocket({ url: server.url, WebSocketCtor });
  assert.deepEqual(await lastValueFrom(closed.pipe(toArray())), []);
  const failing = webSocket({ url: server.url, WebSocketCtor });
  await server.close();
  await assert.rejects(firstValueFrom(failing));
});

test('binary messages', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const subject = webSocket<ArrayBuffer>({
    url: server.url,
    WebSocketCtor,
    binaryType: 'arraybuffer',
    serializer: (value) => value,
    deserializer: ({ data }: { data: unknown }) => data as ArrayBuffer,
  });
  const bytes = Uint8Array.of(5, 6, 7).buffer;
  subject.next(bytes);
  assert.deepEqual(await firstValueFrom(subject), bytes);
});
