// What a process holds while nobody reads, and while nobody takes what it writes: little more than
// the options allow, whatever the sizes of the messages. Then all of it comes, in order.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import type { OpenOptions } from 'wsfd';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { Inside } from '../../support/child';
import { cycleOf } from '../../support/cycle';
import type * as Cycle from '../../support/cycle';
import { encodeFrame, opcodes } from '../../support/frames';
import { extent } from '../../support/long';
import { measurable, mebibyte, memoryModule } from '../../support/memory';
import type * as Memory from '../../support/memory';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawConnection, RawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const modules = { memory: memoryModule, cycle: require.resolve('../../support/cycle') };
const receiveHighWaterMark = 4 * mebibyte;
const maxBufferedBytes = extent(4, 16) * mebibyte;
/** What may come on top. */
const margin = 8 * mebibyte;

interface Feed {
  size: number;
  binary?: boolean;
  secure?: boolean;
  deflate?: boolean;
}

const nameOf = ({ size, binary, secure, deflate }: Feed): string =>
  [
    `${size} bytes of ${binary === true ? 'binary' : 'text'}`,
    ...(secure === true ? ['TLS'] : []),
    ...(deflate === true ? ['compressed'] : []),
  ].join(', ');

async function startServer(t: TestContext, { secure, deflate }: Feed): Promise<RawServer> {
  const lines = deflate === true ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
  const server = await startRawServer({
    ...(secure === true ? { tls: makeSelfSigned() } : {}),
    answer: (request) => switching(request, lines),
  });
  t.after(() => server.close());
  return server;
}

/** A period of the feed as frames. */
function framesOf({ size, binary, deflate }: Feed): Buffer {
  const opcode = binary === true ? opcodes.binary : opcodes.text;
  return Buffer.concat(
    cycleOf(size).map((body) => {
      if (deflate !== true) return encodeFrame(opcode, body);
      const payload = deflateRawSync(body, { finishFlush: constants.Z_SYNC_FLUSH });
      return encodeFrame(opcode, payload.subarray(0, -4), { rsv: 4 });
    }),
  );
}

/** Sends the feed's period so many times, as fast as the client takes it. */
async function pump(connection: RawConnection, period: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    if (!connection.socket.write(period)) await connection.drained();
  }
}

/** What a child gets. */
interface Task {
  /** The server that is tested with, and one that echoes. */
  urls: readonly [string, string];
  options: OpenOptions;
  feed: Feed;
  files: typeof modules;
}

interface Written {
  growth: number;
  /** The code of the error. */
  refused: string | undefined;
  /** The flush had ended before the server took anything. */
  early: boolean;
  flushed: number;
}

interface Outcome {
  growth: number;
  unread: number;
  wrong: number;
  seen: number;
  sent: number;
}

/** In the child: reads nothing until nothing more comes, then all. */
async function leaveUnread(
  { wsfd, load }: Inside,
  { urls, options, feed: { size, binary }, count, files }: Task & { count: number },
): Promise<Omit<Outcome, 'sent'>> {
  const { watchMemory } = load(files.memory) as typeof Memory;
  const [socket = -1, echo = -1] = await Promise.all(
    urls.map((url) => wsfd.webSocketOpen(url, options)),
  );
  const data: { value?: string | Buffer } = {};
  const turn = async (): Promise<void> => {
    wsfd.webSocketWrite(echo, 'x');
    await wsfd.webSocketRead(echo, data);
  };
  for (let i = 0; i < 100; i++) await turn();
  const growth = watchMemory();
  wsfd.webSocketWrite(socket, 'begin');
  // Until as many round trips as fifty brought no more.
  const unread = (): number => wsfd.webSocketInfo(socket)?.messagesIn ?? NaN;
  let before = 0;
  for (let unchanged = 0; unchanged < 50;) {
    await turn();
    unchanged = unread() === before && before > 0 ? unchanged + 1 : 0;
    before = unread();
  }
  const outcome = { growth: growth(), unread: before, wrong: 0, seen: 0 };
  const { cycleOf: bodies } = load(files.cycle) as typeof Cycle;
  const expected = bodies(size).map((body) => (binary === true ? body : body.toString()));
  const batch: (string | Buffer)[] = [];
  while (outcome.seen < count && (await wsfd.webSocketReadMany(socket, batch, 60)) === 0) {
    for (const message of batch) {
      const wanted = expected[outcome.seen++ % expected.length];
      const same =
        typeof message === 'string' ? message === wanted : message.equals(wanted as Buffer);
      if (!same) outcome.wrong++;
    }
    batch.length = 0;
  }
  for (const open of [socket, echo]) wsfd.webSocketTerminate(open);
  return outcome;
}

async function feed(t: TestContext, kind: Feed, total: number): Promise<Outcome> {
  const server = await startServer(t, kind);
  const other = await startWsServer();
  t.after(() => other.close());
  const period = cycleOf(kind.size);
  const times = Math.ceil(total / kind.size / period.length);
  const sent = times * period.length;
  const child = runInChild(leaveUnread, {
    urls: [server.url, other.url],
    options: {
      ignoreSslErrors: true,
      receiveHighWaterMark,
      perMessageDeflate: kind.deflate === true,
    },
    feed: kind,
    count: sent,
    files: modules,
  });
  const connection = await server.connections.next();
  await connection.frames.next();
  await pump(connection, framesOf(kind), times);
  const { value, stderr } = await child;
  assert.ok(value !== undefined, stderr);
  return { ...value, sent };
}

const kibibytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;

const writes: Feed[] = [
  { size: 64 },
  { size: 64 * 1024, binary: true },
  { size: mebibyte },
  { size: 64, secure: true, binary: true },
  { size: 64 * 1024, secure: true },
];

const feeds: Feed[] = [
  { size: 1, binary: true },
  { size: 64 },
  { size: 64, binary: true },
  { size: 64 * 1024, binary: true },
  { size: mebibyte },
  { size: 64, secure: true },
  { size: 64, binary: true, secure: true },
  { size: 64 * 1024, secure: true },
  { size: mebibyte, binary: true, secure: true },
  { size: 64, deflate: true },
  { size: 64 * 1024, binary: true, deflate: true },
  { size: mebibyte, deflate: true, secure: true },
];

/** Takes what was written, then the close frame: nothing between of a message that was refused. */
async function expectAll(connection: RawConnection, kind: Feed, count: number): Promise<void> {
  const bodies = cycleOf(kind.size);
  for (let i = 0; i < count; i++) {
    const { opcode, payload } = await connection.frames.next();
    assert.equal(opcode, kind.binary === true ? opcodes.binary : opcodes.text);
    assert.ok(payload.equals(bodies[i % bodies.length] ?? assert.fail()), `message ${i}`);
  }
  assert.equal((await connection.frames.next()).opcode, opcodes.close);
}

/** In the child: writes until that is refused, and says how much was accepted. */
async function writeTooMuch(
  { wsfd, load }: Inside,
  { urls, options, feed: { size, binary }, files }: Task,
): Promise<Written> {
  const { watchMemory } = load(files.memory) as typeof Memory;
  const { cycleOf: bodies } = load(files.cycle) as typeof Cycle;
  const period = bodies(size).map((body) => (binary === true ? body : body.toString()));
  const socket = await wsfd.webSocketOpen(urls[0], options);
  const control = await wsfd.webSocketOpen(urls[1]);
  const growth = watchMemory();
  let accepted = 0;
  // Every now and then the system gets the opportunity to take what it has room for.
  for (;;) {
    if (wsfd.webSocketWrite(socket, period[accepted % period.length] ?? '') !== 0) break;
    if (++accepted % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const refused = wsfd.getLastError()[0]?.code;
  let done = false;
  const flushing = wsfd.webSocketFlush(socket).then((result) => {
    done = true;
    return result;
  });
  wsfd.webSocketWrite(control, `${accepted}`);
  await wsfd.webSocketRead(control, {});
  const outcome = { growth: growth(), refused, early: done };
  wsfd.webSocketWrite(control, 'go on');
  const flushed = await flushing;
  await wsfd.webSocketClose(socket);
  await wsfd.webSocketClose(control);
  return { ...outcome, flushed };
}

/** Writes until that is refused, then lets the server read and compares what it gets. */
async function write(t: TestContext, kind: Feed): Promise<Written> {
  const server = await startServer(t, kind);
  const other = await startWsServer();
  t.after(() => other.close());
  const child = runInChild(writeTooMuch, {
    urls: [server.url, other.url],
    options: {
      ignoreSslErrors: true,
      maxBufferedBytes,
      closeTimeout: 60,
      perMessageDeflate: kind.deflate === true ? { threshold: 0 } : false,
    },
    feed: kind,
    files: modules,
  });
  const connection = await server.connections.next();
  connection.socket.pause();
  const accepted = Number(await other.messages.next());
  await other.messages.next();
  connection.socket.resume();
  await expectAll(connection, kind, accepted);
  const { value, stderr } = await child;
  assert.ok(value !== undefined, stderr);
  return value;
}

describe(
  'resident memory',
  { skip: !measurable && 'needs /proc of Linux, without AddressSanitizer' },
  () => {
    for (const kind of feeds) {
      test(`nobody reads: ${nameOf(kind)}`, async (t) => {
        const total = kind.size === 1 ? mebibyte : extent(32, 1024) * mebibyte;
        const { growth, unread, wrong, seen, sent } = await feed(t, kind, total);
        assert.ok(growth < receiveHighWaterMark + margin, `grew by ${kibibytes(growth)}`);
        // That it is not read is what is tested.
        assert.ok(unread < sent / 2, `${unread} messages of ${sent} came`);
        assert.deepEqual([wrong, seen], [0, sent]);
      });
    }
    for (const kind of writes) {
      test(`nobody takes: ${nameOf(kind)}`, async (t) => {
        const { growth, ...rest } = await write(t, kind);
        assert.ok(growth < maxBufferedBytes + margin, `grew by ${kibibytes(growth)}`);
        assert.deepEqual(rest, { refused: 'WSFD_SEND_BUFFER_FULL', early: false, flushed: 0 });
      });
    }
  },
);
