// native/connection as the tests call it, and bytes fed to it in every way.
import assert from 'node:assert/strict';
import { addon } from './core';
import type { ErrorSymbol } from './core';
import type { DeflateOptions } from './deflate-core';
import { FrameReader, opcodes, ping, text } from './frames';
import { bytesOf, handshake, head } from './handshake-core';

export type StateName = 'opening' | 'open' | 'localClosing' | 'remoteClosing' | 'closed';
export type EventName = 'accepted' | 'closeSent' | 'closeReceived' | 'failed';

/** What is offered of permessage-deflate. */
export interface Compression extends DeflateOptions {
  /** 1024 if absent. */
  threshold?: number;
  level?: number;
}

export interface ConnectionOptions {
  /** Absent: none is offered. */
  compression?: Compression;
  /** The server's answer to the offer; 'permessage-deflate' if absent. */
  extensions?: string;
  maxMessageBytes?: bigint;
  /** All the random bytes there are, asked for in portions of 4096; without: 0, 1, 2, … in four
   * bytes each, the most significant first. */
  random?: Uint8Array;
}

export interface ReceivedMessage {
  text: boolean;
  ascii: boolean;
  /** The message was handed out where it lay in the received bytes. */
  inPlace: boolean;
  address: number;
  /** Its storage could be given away. */
  detached: boolean;
  /** It lies in a block that it shares. */
  shared: boolean;
  bytes: Buffer;
}

export interface Received {
  status: 'needMore' | 'opened' | 'batchFull' | 'pong' | 'endAhead' | 'ended';
  /** How many bytes were used. */
  taken: number;
  messages: ReceivedMessage[];
}

export interface Counters {
  messagesIn: number;
  messagesOut: number;
  messageBytesIn: number;
  messageBytesOut: number;
  framesIn: number;
  framesOut: number;
  pongsIn: number;
}

export interface Snapshot {
  state: StateName;
  /** 'None' where there is none. */
  error: ErrorSymbol;
  detail: string;
  closeCode: number;
  closeReason: string;
  closedByPeer: boolean;
  outputBytes: number;
  lastPong: Buffer;
  subprotocol: string;
  /** Bytes that are held for compressing and inflating. */
  compressionMemory: number;
  /** Absent while there is no answer, and once the connection is open. */
  responseStatus?: number;
  responseBody?: string;
  counters: Counters;
}

/** What is reserved for a message, and the size that is expected of it. */
export type Room = [] | [maxPayload: number, expectedPayload: number];

/** A Connection of native/connection. */
export interface CoreConnection {
  start(subprotocols: readonly string[], compression?: Compression): boolean;
  /**
   * Throws if what it would return does not fit together. `followsDelivered`: messages were
   * delivered that the application had no time to answer yet.
   */
  receive(bytes: Uint8Array, followsDelivered?: boolean): Received;
  /** Where bytes that come next are best put: at a place of the connection's own, or anywhere. */
  nextSpace(): { isPlace: boolean; size: number };
  /**
   * Receives bytes that lie at that place, in several steps where a batch is full, each of them
   * delivered; throws if they have no room there.
   */
  receiveInPlace(bytes: Uint8Array): Received[];
  /** From now on messages that lie in a block share it: see `held`. */
  sharesBlocks(): void;
  /** Nothing came to the place. */
  releaseSpace(): void;
  /** What the messages that share blocks are by now; the blocks are given back. */
  held(): Buffer[];
  delivered(): void;
  transportEnded(symbol: ErrorSymbol): void;
  /** With room: ReserveMessage (undefined: it gave none), then CommitMessage. Else SendCopy. */
  send(opcode: number, payload: Uint8Array, ...room: Room): boolean | undefined;
  ping(payload: Uint8Array): boolean;
  close(code: number, reason: Uint8Array): boolean;
  sendDeferredPong(): void;
  outputDrained(): void;
  /** Takes that many bytes from the front of the output; all if absent. */
  takeOutput(size?: number): Buffer;
  snapshot(): Snapshot;
}

interface ConnectionCore {
  Connection: new (options: ConnectionOptions) => CoreConnection;
  nextState(state: StateName, event: EventName): StateName;
}

export const connectionCore = addon as ConnectionCore;

/** What the random source without an end gives as its `index`-th four bytes. */
function foreseen(index: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(index);
  return bytes;
}

/** The four numbers that the nonce of the opening handshake is made of come before any key. */
const nonceNumbers = 4;
const nonce = Buffer.concat([0, 1, 2, 3].map(foreseen));

/** The server's answer that accepts the key made of this nonce. */
export const acceptance = (...lines: string[]): Buffer => acceptanceOf(nonce, ...lines);

function acceptanceOf(own: Uint8Array, ...lines: string[]): Buffer {
  const accept = handshake.computeAccept(handshake.encodeKey(own));
  return bytesOf(
    head(
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      ...lines,
    ),
  );
}

const usualAcceptance = acceptance();

/** Text as string, binary as Buffer. */
export type Message = string | Buffer;

function messageOf({ text, ascii, bytes }: ReceivedMessage): Message {
  if (!text) {
    assert.equal(ascii, false);
    return bytes;
  }
  assert.equal(
    ascii,
    bytes.every((byte) => byte < 0x80),
    'the ascii flag',
  );
  const value = bytes.toString();
  assert.deepEqual(Buffer.from(value), bytes, 'a text message that is not UTF-8');
  return value;
}

const opcodeNames = new Map<number, string>(Object.entries(opcodes).map(([name, n]) => [n, name]));

/** What came of bytes: everything that can be seen of a connection. */
export interface Outcome extends Omit<Snapshot, 'detail' | 'outputBytes' | 'compressionMemory'> {
  messages: readonly Message[];
  /** The client's frames: 'close 1002', 'close', 'pong abc' (the payload a character a byte). */
  frames: readonly string[];
}

/** A call that takes no byte of them leaves the next one something to take. */
const assertGoesOn = (calls: number, bytes: Uint8Array): void =>
  assert.ok(calls <= 2 * bytes.length + 1, `${calls} calls for ${bytes.length} bytes`);

/** A connection and all that came out of it. */
export class Client {
  readonly connection: CoreConnection;
  readonly messages: Message[] = [];
  private readonly reader = new FrameReader();
  private readonly endless: boolean;
  private keys = 0;

  /** Started; `opened`: and accepted by the server. */
  constructor(options: ConnectionOptions = {}, opened = true) {
    this.connection = new connectionCore.Connection(options);
    this.endless = options.random === undefined;
    const { compression, extensions = 'permessage-deflate', random } = options;
    assert.equal(this.connection.start([], compression), true);
    this.connection.takeOutput();
    if (!opened) return;
    const lines = compression === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`];
    const answer =
      random === undefined && lines.length === 0
        ? usualAcceptance
        : acceptanceOf(random?.subarray(0, nonce.length) ?? nonce, ...lines);
    const received = this.connection.receive(answer);
    assert.deepEqual(received, { status: 'opened', taken: answer.length, messages: [] });
  }

  /** Hands `bytes` in, in as many calls as that takes. */
  feed(bytes: Uint8Array): this {
    let rest = bytes;
    for (let calls = 0; ; calls++) {
      assertGoesOn(calls, bytes);
      const { status, taken, messages } = this.connection.receive(rest);
      for (const message of messages) this.messages.push(messageOf(message));
      if (taken === rest.length || status === 'ended') return this;
      rest = rest.subarray(taken);
    }
  }

  /** The frames that were put into the output since the last call, as Outcome has them. */
  frames(): string[] {
    return this.reader.read(this.connection.takeOutput()).map(({ opcode, payload, ...frame }) => {
      assert.deepEqual([frame.fin, frame.rsv], [true, 0]);
      // RFC 6455 section 5.3: "The masking key needs to be unpredictable": each is the source's
      // next, and none comes twice.
      const expected = foreseen(nonceNumbers + this.keys++);
      if (this.endless) assert.deepEqual(frame.maskKey, expected, 'the masking key');
      const name = opcodeNames.get(opcode) ?? `opcode ${opcode}`;
      if (opcode === opcodes.close && payload.length >= 2)
        return `close ${payload.readUInt16BE(0)}`;
      return payload.length === 0 ? name : `${name} ${payload.toString('latin1')}`;
    });
  }

  outcome(): Outcome {
    const frames = this.frames();
    const { detail: _, compressionMemory: __, outputBytes, ...seen } = this.connection.snapshot();
    assert.equal(outputBytes, 0);
    return { messages: this.messages, frames, ...seen };
  }
}

/** How bytes are to be fed. */
export interface Feeding extends ConnectionOptions {
  /** They end inside a frame or a response head, so that nothing can be put behind them. */
  incomplete?: boolean;
  /** They begin with the server's answer. */
  withAnswer?: boolean;
  /** Done to each open connection before it is fed. */
  before?: (client: Client) => void;
  /** Done to each connection after it was fed. */
  after?: (client: Client) => void;
}

export function feedPortions(portions: readonly Uint8Array[], feeding: Feeding = {}): Outcome {
  const client = new Client(feeding, feeding.withAnswer !== true);
  feeding.before?.(client);
  for (const portion of portions) client.feed(portion);
  feeding.after?.(client);
  return client.outcome();
}

/** Cutting in two takes a connection for each byte: long input is cut near its ends and at twenty
 * places between. */
const longestToCutEverywhere = 700;

function* cuts(size: number): Iterable<number> {
  const step = size > longestToCutEverywhere ? Math.ceil(size / 20) : 1;
  for (let at = 0; at <= size; at += at < 20 || at >= size - 20 ? 1 : step) yield at;
}

const bytewise = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

/** What may follow the end of a connection: frames, garbage, and more than any buffer's end. */
const trailers = [text('more'), ping('more'), Buffer.alloc(300, 0xff), Buffer.alloc(20)];

function checkTrailing(bytes: Buffer, whole: Outcome, feeding: Feeding): void {
  if (whole.state === 'closed' || whole.state === 'remoteClosing') {
    for (const trailer of trailers) {
      const more = Buffer.concat([bytes, trailer]);
      assert.deepEqual(feedPortions([more], feeding), whole, 'with something behind it');
      assert.deepEqual(feedPortions([bytes, trailer], feeding), whole, 'and something behind it');
    }
    return;
  }
  // A ping may stand between any two frames.
  const { framesIn, framesOut } = whole.counters;
  const counters = { ...whole.counters, framesIn: framesIn + 1, framesOut: framesOut + 1 };
  const expected = { ...whole, frames: [...whole.frames, 'pong trailing'], counters };
  for (const portions of [[bytes, ping('trailing')], [Buffer.concat([bytes, ping('trailing')])]]) {
    assert.deepEqual(feedPortions(portions, feeding), expected, 'with a ping behind it');
  }
}

/**
 * Feeds bytes to connections of their own whole, byte by byte, cut in two everywhere and with
 * something behind them: all must come to the same, which is returned.
 */
export function feedEveryWay(bytes: Buffer, feeding: Feeding = {}): Outcome {
  const whole = feedPortions([bytes], feeding);
  assert.deepEqual(feedPortions(bytewise(bytes), feeding), whole, 'byte by byte');
  for (const at of cuts(bytes.length)) {
    const portions = [bytes.subarray(0, at), Buffer.alloc(0), bytes.subarray(at)];
    assert.deepEqual(feedPortions(portions, feeding), whole, `cut at ${at}`);
  }
  if (feeding.incomplete !== true && feeding.after === undefined) {
    checkTrailing(bytes, whole, feeding);
  }
  return whole;
}

export type Expected = Partial<Outcome>;

const nothing: Expected = { messages: [], frames: [], state: 'open', error: 'None' };

/** Feeds bytes every way; the outcome has what is expected, and by default nothing at all. */
export function check(
  bytes: Uint8Array | readonly Uint8Array[],
  expected: Expected,
  feeding: Feeding = {},
): Outcome {
  const outcome = feedEveryWay(
    bytes instanceof Uint8Array ? Buffer.from(bytes) : Buffer.concat(bytes),
    feeding,
  );
  const all: Expected = { ...nothing, ...expected };
  const seen = Object.fromEntries(
    Object.keys(all).map((key) => [key, outcome[key as keyof Expected]]),
  );
  assert.deepEqual(seen, all);
  return outcome;
}

/** How many bytes a connection takes, one by one, until it has ended; undefined: it goes on. */
export function endsAfter(bytes: Uint8Array, options: ConnectionOptions = {}): number | undefined {
  const { connection } = new Client(options);
  const index = bytewise(bytes).findIndex((byte) => connection.receive(byte).status === 'ended');
  return index < 0 ? undefined : index + 1;
}

export interface Portions {
  /** The most bytes of one read. */
  most: number;
  /** Bytes are put where the connection wants them; else they lie elsewhere. */
  inPlace: boolean;
}

/** All messages of bytes that come in portions. */
export function receive(
  { connection }: Client,
  bytes: Buffer,
  { most, inPlace }: Portions,
): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = connection.nextSpace();
    const size = Math.min(most, inPlace ? space.size : most, bytes.length - at);
    let rest = bytes.subarray(at, at + size);
    at += size;
    if (inPlace && space.isPlace) {
      messages.push(...connection.receiveInPlace(rest).flatMap((received) => received.messages));
      continue;
    }
    for (let calls = 0; rest.length > 0; calls++) {
      assertGoesOn(calls, bytes);
      const received = connection.receive(rest);
      messages.push(...received.messages);
      rest = rest.subarray(received.taken);
      connection.delivered();
    }
  }
  return messages;
}
