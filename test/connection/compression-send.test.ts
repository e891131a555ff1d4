// Messages that we compress (RFC 7692 section 7.2.1).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, acceptance } from '../support/connection-core';
import type { Compression, ConnectionOptions, Room } from '../support/connection-core';
import { peerInflate, random, telemetry } from '../support/deflate-core';
import { FrameReader, opcodes, text } from '../support/frames';
import type { ClientFrame } from '../support/frames';

const none = Buffer.alloc(0);

class Sender {
  readonly client: Client;
  private readonly reader = new FrameReader();
  private sent = 0;

  constructor(compression: Compression = {}, options: ConnectionOptions = {}) {
    this.client = new Client({ compression, ...options });
  }

  /** A message in the room that is reserved for it and a copied one, in turn. */
  send(message: Buffer, opcode: number = opcodes.binary): boolean | undefined {
    const { connection } = this.client;
    const room: Room = this.sent++ % 2 === 0 ? [message.length, message.length] : [];
    return connection.send(opcode, message, ...room);
  }

  frames(): ClientFrame[] {
    return this.reader.read(this.client.connection.takeOutput());
  }

  /** The one frame that the message becomes. */
  frame(message: Buffer, opcode?: number): ClientFrame {
    assert.equal(this.send(message, opcode), true);
    const [frame, ...more] = this.frames();
    assert.ok(frame !== undefined && more.length === 0);
    assert.equal(frame.fin, true);
    return frame;
  }

  memory(): number {
    return this.client.connection.snapshot().compressionMemory;
  }
}

describe('a message', () => {
  test('of the threshold is compressed, a shorter one is not', () => {
    for (const threshold of [0, 1, 125, 1024, 70_000]) {
      const sender = new Sender({ threshold });
      for (const size of [threshold - 1, threshold, threshold + 1, 200_000]) {
        if (size < 0) continue;
        const message = telemetry(size);
        const { rsv, payload, opcode } = sender.frame(message, opcodes.text);
        assert.equal(opcode, opcodes.text);
        assert.equal(rsv, size < threshold ? 0 : 4, `${size} of ${threshold}`);
        if (rsv === 0) assert.deepEqual(payload, message);
      }
    }
  });

  test('inflates to what was sent, of every size, with and without takeover', async () => {
    const sizes = [0, 1, 100, 125, 126, 127, 1000, 16_384, 65_535, 65_536, 300_000];
    const messages = sizes.flatMap((size) => [telemetry(size), random(size), telemetry(size)]);
    for (const clientNoContextTakeover of [false, true]) {
      for (const clientMaxWindowBits of [9, 12, 15]) {
        const options = { clientNoContextTakeover, clientMaxWindowBits, threshold: 0 };
        const sender = new Sender(options);
        const payloads = messages.map((message) => sender.frame(message).payload);
        const settings = {
          noContextTakeover: clientNoContextTakeover,
          windowBits: clientMaxWindowBits,
        };
        assert.deepEqual(await peerInflate(settings, payloads), messages);
        const { counters } = sender.client.connection.snapshot();
        assert.equal(counters.messagesOut, messages.length);
        assert.equal(counters.framesOut, messages.length);
        const bytes = messages.reduce((sum, message) => sum + message.length, 0);
        assert.equal(counters.messageBytesOut, bytes);
      }
    }
  });

  test('among uncompressed ones and control frames, in one output', async () => {
    const sender = new Sender({ threshold: 500 });
    const long = telemetry(5000);
    const { connection } = sender.client;
    sender.send(long);
    sender.send(telemetry(100));
    connection.ping(Buffer.from('ping'));
    sender.send(long);
    connection.close(1000, none);
    const frames = sender.frames();
    assert.deepEqual(
      frames.map(({ opcode, rsv }) => [opcode, rsv]),
      [
        [opcodes.binary, 4],
        [opcodes.binary, 0],
        [opcodes.ping, 0],
        [opcodes.binary, 4],
        [opcodes.close, 0],
      ],
    );
    const payloads = frames.filter(({ rsv }) => rsv === 4).map(({ payload }) => payload);
    assert.deepEqual(await peerInflate({}, payloads), [long, long]);
    assert.ok((payloads[1]?.length ?? Infinity) * 2 < (payloads[0]?.length ?? 0), 'taken over');
  });

  test('in room that is larger than it', async () => {
    const sender = new Sender({ threshold: 0 });
    const message = telemetry(3000);
    const { connection } = sender.client;
    assert.equal(connection.send(opcodes.text, message, 9000, 3000), true);
    assert.equal(connection.send(opcodes.text, message, 70_000, 70_000), true);
    const payloads = sender.frames().map(({ payload }) => payload);
    assert.deepEqual(await peerInflate({}, payloads), [message, message]);
  });

  test('at level 0 is stored', async () => {
    const sender = new Sender({ threshold: 0, level: 0 });
    const message = telemetry(5000);
    const { rsv, payload } = sender.frame(message);
    assert.ok(rsv === 4 && payload.length > message.length);
    assert.deepEqual(await peerInflate({}, [payload]), [message]);
  });

  test("without a masking key is not sent, and the peer's window still follows ours", async () => {
    const source = Buffer.alloc(4096, 'r');
    const sender = new Sender({ threshold: 0 }, { random: source });
    const message = telemetry(100);
    const payloads: Buffer[] = [];
    for (let i = 0; i < 1020; i++) payloads.push(sender.frame(message).payload);
    const before = sender.client.connection.snapshot();
    assert.equal(sender.send(random(100)), false);
    assert.deepEqual(sender.client.connection.snapshot(), before);
    assert.equal((await peerInflate({}, payloads)).length, 1020);
  });
});

describe('what was agreed', () => {
  const message = telemetry(5000);

  test('nothing: nothing is compressed', () => {
    const { connection } = new Client({ compression: { threshold: 0 } }, false);
    assert.equal(connection.receive(acceptance()).status, 'opened');
    connection.send(opcodes.text, message, 5000, 5000);
    const [frame] = new FrameReader().read(connection.takeOutput());
    assert.deepEqual([frame?.rsv, frame?.payload], [0, message]);
    assert.equal(connection.snapshot().compressionMemory, 0);
  });

  test('a window of 8 bits: nothing is compressed', () => {
    const extensions = 'permessage-deflate; client_max_window_bits=8';
    const sender = new Sender({ threshold: 0 }, { extensions });
    assert.equal(sender.frame(message).rsv, 0);
    assert.equal(sender.memory(), 0);
  });

  test('the server asks for no takeover, or for a smaller window', async () => {
    const forgetting = 'permessage-deflate; client_no_context_takeover';
    const sender = new Sender({ threshold: 0 }, { extensions: forgetting });
    const [one, two] = [sender.frame(message).payload, sender.frame(message).payload];
    assert.deepEqual(one, two);
    assert.deepEqual(await peerInflate({}, [two]), [message]);
    const smaller = new Sender({}, { extensions: 'permessage-deflate; client_max_window_bits=9' });
    // Beyond the window nothing can be referred to.
    const repeated = random(1024);
    const { payload } = smaller.frame(Buffer.concat([repeated, repeated]));
    assert.ok(payload.length > 2048);
  });
});

describe('memory', () => {
  test('is taken with the first compressed message; without takeover it ends with the output', () => {
    for (const clientNoContextTakeover of [false, true]) {
      const sender = new Sender({ clientNoContextTakeover });
      assert.equal(sender.frame(telemetry(100)).rsv, 0);
      assert.equal(sender.memory(), 0);
      const first = sender.frame(telemetry(2000));
      assert.ok(sender.memory() > 200_000, `${sender.memory()}`);
      const second = sender.frame(telemetry(2000));
      assert.equal(first.payload.equals(second.payload), clientNoContextTakeover);
      sender.client.connection.outputDrained();
      assert.equal(sender.memory() === 0, clientNoContextTakeover);
      const again = sender.frame(telemetry(2000));
      assert.equal(again.payload.equals(first.payload), clientNoContextTakeover);
    }
  });

  test('what comes in does not depend on it', () => {
    const sender = new Sender({ clientNoContextTakeover: true });
    sender.client.connection.outputDrained();
    sender.client.feed(text('x'));
    assert.deepEqual(sender.client.messages, ['x']);
  });
});
