// Pings and pongs, both ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketInfo, webSocketPing, webSocketWrite } from 'wsfd';
import { fails, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { encodeFrame, fragments, opcodes, ping, pong, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startUwsServer, startWsServer } from '../../support/servers';

async function connect(
  t: TestContext,
  secure = false,
): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer(secure ? { tls: makeSelfSigned() } : {});
  t.after(() => server.close());
  const socket = await open(server.url, { ignoreSslErrors: true });
  return { socket, connection: await server.connections.next() };
}

for (const size of [0, 1, 4, 124, 125]) {
  test(`a ping of ${size} bytes is answered with the same`, async (t) => {
    const { connection } = await connect(t);
    const payload = Buffer.alloc(size, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    for (const send of ['send', 'sendBytewise'] as const) {
      connection[send](ping(payload));
      const { fin, rsv, opcode, payload: answer } = await connection.frames.next();
      assert.deepEqual([fin, rsv, opcode], [true, 0, opcodes.pong]);
      assert.deepEqual(answer, payload);
    }
  });
}

test('pings between messages and fragments are answered in order', async (t) => {
  const { socket, connection } = await connect(t);
  const [first, second, third] = fragments(opcodes.text, ['fr', 'ag', 'ment']);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  connection.send(ping('1'), text('a'), ping('2'), first, ping('3'), second, ping('4'), third);
  assert.deepEqual([await read(socket), await read(socket)], ['a', 'fragment']);
  for (const expected of ['1', '2', '3', '4']) {
    assert.equal((await connection.next(opcodes.pong)).payload.toString(), expected);
  }
});

test('a pong is not delayed by a reader that does not read', async (t) => {
  const { connection } = await connect(t);
  connection.send(text('nobody reads this'), ping('x'));
  assert.equal((await connection.frames.next()).payload.toString(), 'x');
});

test('pongs that nobody asked for are ignored', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(pong(), pong('x'.repeat(125)), text('a'));
  assert.equal(await read(socket), 'a');
});

/** Pings; asserts that the ping still waits once the client has taken `others`. */
async function pingBeside(
  { socket, connection }: { socket: number; connection: RawConnection },
  ...others: Uint8Array[]
): Promise<{ pinging: Promise<number>; payload: Buffer }> {
  let pinged = false;
  const pinging = webSocketPing(socket).finally(() => (pinged = true));
  const { payload } = await connection.next(opcodes.ping);
  await connection.sendAndWait(...others);
  assert.equal(pinged, false);
  assert.equal(webSocketInfo(socket)?.roundTripMs, undefined);
  return { pinging, payload };
}

test('webSocketPing gives 0 once its pong is back', async (t) => {
  const { socket, connection } = await connect(t);
  const { pinging, payload } = await pingBeside({ socket, connection }, pong('another'), pong());
  connection.send(encodeFrame(opcodes.pong, payload));
  assert.equal(await pinging, 0);
  const { roundTripMs } = webSocketInfo(socket) ?? {};
  assert.ok(typeof roundTripMs === 'number' && roundTripMs >= 0);
});

test('webSocketPing gives 0 for its own pong alone, whatever pongs come with it', async (t) => {
  const { socket, connection } = await connect(t);
  // RFC 6455 section 5.5.3: "A Pong frame MAY be sent unsolicited. This serves as a unidirectional
  // heartbeat." As numbers, these payloads are larger than any ping's, and none.
  const heartbeats = [pong('heartbeat'), pong('keepaliv'), pong(Buffer.alloc(8, 0xff))];
  const { pinging, payload } = await pingBeside({ socket, connection }, ...heartbeats);
  connection.send(...heartbeats, pong(payload), pong(), ...heartbeats);
  assert.equal(await pinging, 0);
  await connection.sendAndWait(...heartbeats);
});

test('a pong for the last of several pings is one for all', async (t) => {
  const { socket, connection } = await connect(t);
  const pinging = [webSocketPing(socket), webSocketPing(socket), webSocketPing(socket)];
  await connection.next(opcodes.ping);
  await connection.next(opcodes.ping);
  const { payload } = await connection.next(opcodes.ping);
  // RFC 6455 section 5.5.3: "the endpoint MAY elect to send a Pong frame for only the most recently
  // processed Ping frame."
  connection.send(encodeFrame(opcodes.pong, payload));
  assert.deepEqual(await Promise.all(pinging), [0, 0, 0]);
});

test('a pong answers the pings before its own, and none behind', async (t) => {
  const { socket, connection } = await connect(t);
  const answered: number[] = [];
  const pinging = [0, 1, 2].map(async (i) => {
    await ok(webSocketPing(socket));
    answered.push(i);
  });
  const payloads: Buffer[] = [];
  for (let i = 0; i < 3; i++) payloads.push((await connection.next(opcodes.ping)).payload);
  const [, second = '', third = ''] = payloads;
  await connection.sendAndWait(pong(second));
  assert.deepEqual(answered, [0, 1]);
  // As long as ours are, but none that was sent.
  await connection.sendAndWait(pong(Buffer.alloc(third.length)));
  assert.deepEqual(answered, [0, 1]);
  connection.send(pong(third));
  await Promise.all(pinging);
});

test('a ping that waits fails when the server closes', async (t) => {
  const { socket, connection } = await connect(t);
  const pinging = fails(() => webSocketPing(socket), 'WSFD_SOCKET_CLOSED');
  await connection.next(opcodes.ping);
  connection.send(encodeFrame(opcodes.close));
  await pinging;
});

const servers = { ws: startWsServer, 'uWebSockets.js': startUwsServer };

for (const [name, start] of Object.entries(servers)) {
  test(`${name} answers pings`, async (t) => {
    const server = await start();
    t.after(() => server.close());
    const socket = await open(server.url);
    for (let i = 0; i < 3; i++) await ok(webSocketPing(socket));
  });
}

test('ws gets its own pings answered', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  await open(server.url);
  const { socket: peer } = await server.connections.next();
  const answered = new Promise((resolve) => peer.once('pong', resolve));
  peer.ping('are you there?');
  assert.equal(String(await answered), 'are you there?');
});

test('of a flood of pings from a server that does not read, the last is answered', async (t) => {
  const { socket, connection } = await connect(t);
  connection.socket.pause();
  // More than the system takes: from here on answers would have to wait.
  await ok(webSocketWrite(socket, Buffer.alloc(16 * 1024 * 1024)));
  let count = 100_000;
  const before = webSocketInfo(socket)?.bufferedBytes ?? NaN;
  const flood = Array.from({ length: count }, (_, i) => ping(`${i}`.padStart(100)));
  connection.send(...flood, text('behind the flood'));
  assert.equal(await read(socket), 'behind the flood');
  const after = webSocketInfo(socket)?.bufferedBytes ?? NaN;
  assert.ok(after - before < 64 * 1024, `${after - before} bytes of pongs are queued`);
  // Nor does each time that the client wakes up have a pong, which is 106 bytes.
  for (const end = count + 1000; count < end; count++) {
    connection.send(ping(`${count}`.padStart(100)), text(`${count}`));
    assert.equal(await read(socket), `${count}`);
  }
  const later = webSocketInfo(socket)?.bufferedBytes ?? NaN;
  assert.ok(later - after < 20 * 1024, `${later - after} bytes of further pongs are queued`);
  connection.socket.resume();
  const answers: string[] = [];
  do answers.push((await connection.next(opcodes.pong)).payload.toString().trim());
  while (answers.at(-1) !== `${count - 1}`);
  assert.ok(answers.length < 1000, `${answers.length} pongs`);
});

for (const secure of [false, true]) {
  const scheme = secure ? 'wss' : 'ws';
  test(`${scheme}: a ping is answered while output waits all the time`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const unsent = (): number => webSocketInfo(socket)?.bufferedBytes ?? 0;
    let mebibytes = 0;
    const fill = (): void => {
      for (; unsent() < 32 << 20; mebibytes++) {
        assert.equal(webSocketWrite(socket, Buffer.alloc(1 << 20)), 0);
      }
    };
    connection.socket.pause();
    fill();
    // (the system has taken what it takes)
    await new Promise(setImmediate);
    // Too much for a pong before it, and too little for a write behind the one under way.
    assert.equal(webSocketWrite(socket, Buffer.alloc(64 << 10)), 0);
    connection.send(ping('practical'), text('the ping has come'));
    assert.equal(await read(socket), 'the ping has come');
    connection.socket.resume();
    let pongs = 0;
    const answered = connection.next(opcodes.pong).then(() => pongs++);
    while (pongs === 0 && mebibytes < 512) {
      await new Promise(setImmediate);
      // (the server, in this process, takes less than all in one turn of the loop)
      assert.ok(unsent() > 0);
      fill();
    }
    assert.equal(pongs, 1);
    await answered;
  });
}
