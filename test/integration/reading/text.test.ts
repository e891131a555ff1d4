// Text comes out whole wherever the stream is cut: characters of several bytes, frame headers and
// fragments, at every position.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { open, read, readAll } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { binary, fragments, opcodes, ping, pong, text } from '../../support/frames';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

// Characters of one to four bytes, the first and last of each length.
const sample = 'a\u0000\u007f\u0080ß\u07ff\u0800水\ud7ff\ue000\uffff\u{10000}🍌\u{10ffff}z';
const bytes = Buffer.from(sample);

async function connect(
  t: TestContext,
  scheme = 'ws',
): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer(scheme === 'wss' ? { tls: makeSelfSigned() } : {});
  t.after(() => server.close());
  const socket = await open(server.url, scheme === 'wss' ? { ignoreSslErrors: true } : {});
  return { socket, connection: await server.connections.next() };
}

for (const scheme of ['ws', 'wss']) {
  test(`a text message cut at every byte of its stream, over ${scheme}`, async (t) => {
    const { socket, connection } = await connect(t, scheme);
    const stream = text(sample);
    for (let cut = 1; cut < stream.length; cut++) {
      // The answer to the ping says that the first part has been read before the second is sent.
      connection.send(ping(), stream.subarray(0, cut));
      await connection.next(opcodes.pong);
      connection.send(stream.subarray(cut));
      assert.equal(await read(socket), sample, `cut at ${cut}`);
    }
  });
}

test('a long text message cut at every byte of its header', async (t) => {
  const { socket, connection } = await connect(t);
  for (const size of [200, 70_000]) {
    const long = 'ä'.repeat(size / 2);
    const stream = text(long);
    for (let cut = 1; cut < 14; cut++) {
      connection.send(ping(), stream.subarray(0, cut));
      await connection.next(opcodes.pong);
      connection.send(stream.subarray(cut));
      assert.ok((await read(socket)) === long, `${size} bytes cut at ${cut}`);
    }
  }
});

test('a text message sent byte by byte', async (t) => {
  const { socket, connection } = await connect(t);
  connection.sendBytewise(Buffer.concat([text(sample), text(''), text('end')]));
  assert.deepEqual(await readAll(socket, 3), [sample, '', 'end']);
});

test('a text message in two fragments, cut at every byte', async (t) => {
  const { socket, connection } = await connect(t);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
    connection.send(...fragments(opcodes.text, parts));
    assert.equal(await read(socket), sample, `cut at ${cut}`);
  }
});

test('a text message in fragments of one byte with empty ones and control frames between', async (t) => {
  const { socket, connection } = await connect(t);
  const parts = [...bytes].flatMap((byte) => [Buffer.from([byte]), Buffer.alloc(0)]);
  const frames = fragments(opcodes.text, parts).flatMap((frame, i) => [
    ping(`${i}`),
    frame,
    pong('unasked'),
  ]);
  connection.send(...frames);
  assert.equal(await read(socket), sample);
  for (let i = 0; i < parts.length; i++) {
    const frame = await connection.frames.next();
    assert.deepEqual([frame.opcode, frame.payload.toString()], [opcodes.pong, `${i}`]);
  }
});

test('a message between others in one write keeps its place', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(
    text('one'),
    ...fragments(opcodes.binary, ['tw', '', 'o']),
    binary(''),
    ...fragments(opcodes.text, ['thr', 'ee']),
    text('four'),
  );
  const expected = ['one', Buffer.from('two'), Buffer.alloc(0), 'three', 'four'];
  assert.deepEqual(await readAll(socket, 5), expected);
});

test('more messages in one write than fit into one batch', async (t) => {
  const { socket, connection } = await connect(t);
  const expected = Array.from({ length: 2000 }, (_, i) => `${i}`);
  connection.send(...expected.map((message) => text(message)));
  assert.deepEqual(await readAll(socket, expected.length), expected);
});

const cuts: [string, (head: Buffer) => number][] = [
  ['in one segment with the 101', () => 0],
  ['in one segment with the end of the 101', (head) => head.length - 1],
  ['in one segment with half of the 101', (head) => head.length >> 1],
];

for (const [name, cutOf] of cuts) {
  test(`messages ${name} are delivered`, async (t) => {
    const server = await startRawServer({
      answer: (request, connection) => {
        const head = Buffer.from(switching(request));
        const cut = cutOf(head);
        if (cut > 0) connection.socket.write(head.subarray(0, cut));
        return Buffer.concat([head.subarray(cut), text('hello'), binary('world'), text('par')]);
      },
    });
    t.after(() => server.close());
    const socket = await open(server.url);
    assert.deepEqual(await readAll(socket, 3), ['hello', Buffer.from('world'), 'par']);
  });
}

test('a 101 and messages sent byte by byte', async (t) => {
  const server = await startRawServer({
    answer: (request, connection) => {
      connection.sendBytewise(Buffer.from(switching(request)));
      connection.sendBytewise(Buffer.concat([text('hello'), text('ä')]));
      return undefined;
    },
  });
  t.after(() => server.close());
  const socket = await open(server.url);
  assert.deepEqual(await readAll(socket, 2), ['hello', 'ä']);
});
