// wsfd, once for each way in which messages can be had or sent.
import * as wsfd from 'wsfd';
import type { JsonValue, Take } from '../feed';
import type { Data } from '../messages';
import type { Client, Connection, OpenSettings } from './client';

function fail(): never {
  throw wsfd.getLastError()[0] ?? new Error('failed without an error');
}

function check(result: number): void {
  if (result < 0) fail();
}

/** Has the messages of `socket` brought to `take`, until it is closed. */
type Receive = (socket: number, take: Take) => void | Promise<void>;

function subscribe(socket: number, take: Take): void {
  const result = wsfd.webSocketSubscribe(socket, (batch) => {
    for (const message of batch) take(message, message.length);
  });
  check(result);
}

function subscribePacked(socket: number, take: Take): void {
  const { skip = () => false } = take;
  const result = wsfd.webSocketSubscribePacked(socket, (batch) => {
    const { length, starts, ends } = batch;
    for (let i = 0; i < length; i += 1) {
      const size = (ends[i] as number) - (starts[i] as number);
      if (!skip(size)) take(batch.isText(i) ? batch.text(i) : batch.subarray(i), size);
    }
  });
  check(result);
}

/** Parses JSON, all messages of a batch at once. */
function subscribeJson(socket: number, take: Take): void {
  const result = wsfd.webSocketSubscribePacked(socket, (batch) => {
    const { starts, ends } = batch;
    const values = batch.json() as JsonValue[];
    for (let i = 0; i < values.length; i += 1) {
      take(values[i] as JsonValue, (ends[i] as number) - (starts[i] as number));
    }
  });
  check(result);
}

/** Parses JSON, message by message. */
function subscribeAndParse(socket: number, take: Take): void {
  const result = wsfd.webSocketSubscribe(socket, (batch) => {
    for (const message of batch) {
      take(JSON.parse(message as string) as JsonValue, message.length);
    }
  });
  check(result);
}

async function readMany(socket: number, take: Take): Promise<void> {
  for (;;) {
    const batch: wsfd.Message[] = [];
    if ((await wsfd.webSocketReadMany(socket, batch)) !== 0) return;
    for (const message of batch) take(message, message.length);
  }
}

async function read(socket: number, take: Take): Promise<void> {
  const data: wsfd.Ref<wsfd.Message> = {};
  while ((await wsfd.webSocketRead(socket, data)) === 0) {
    const message = data.value as wsfd.Message;
    take(message, message.length);
  }
}

type SendAll = (socket: number, messages: readonly Data[]) => void;

function write(socket: number, messages: readonly Data[]): void {
  for (const message of messages) check(wsfd.webSocketWrite(socket, message));
}

function writeMany(socket: number, messages: readonly Data[]): void {
  check(wsfd.webSocketWriteMany(socket, messages));
}

interface Packed {
  readonly bytes: Buffer;
  readonly ends: Uint32Array;
  readonly kind: 'text' | 'binary';
}

/** By the first message: a program that sends packed messages has them packed from the beginning. */
const packedMessages = new Map<Data, Packed>();

function pack(messages: readonly Data[]): Packed {
  const bytes = Buffer.concat(messages.map((message) => Buffer.from(message)));
  let end = 0;
  const ends = Uint32Array.from(messages, (message) => (end += Buffer.byteLength(message)));
  return { bytes, ends, kind: typeof messages[0] === 'string' ? 'text' : 'binary' };
}

function writePacked(socket: number, messages: readonly Data[]): void {
  const [first = ''] = messages;
  const packed = packedMessages.get(first) ?? pack(messages);
  packedMessages.set(first, packed);
  const { bytes, ends, kind } = packed;
  check(wsfd.webSocketWritePacked(socket, bytes, ends, ends.length, kind));
}

const optionsOf = ({ ca, compression, options }: OpenSettings): wsfd.OpenOptions => ({
  ...options,
  ...(ca === undefined ? {} : { caCertificates: ca }),
  ...(compression === undefined
    ? {}
    : {
        perMessageDeflate: {
          threshold: 0,
          clientMaxWindowBits: compression.windowBits,
          serverMaxWindowBits: compression.windowBits,
          clientNoContextTakeover: !compression.takeover,
          serverNoContextTakeover: !compression.takeover,
        },
      }),
});

function clientOf(receive: Receive, sendAll: SendAll): Client {
  const connectionOf = (socket: number): Connection => ({
    send: (data) => check(wsfd.webSocketWrite(socket, data)),
    sendAll: async (messages) => {
      sendAll(socket, messages);
      check(await wsfd.webSocketFlush(socket));
    },
    close: async () => check(await wsfd.webSocketClose(socket)),
  });
  return {
    async open(url, take, settings) {
      const socket = await wsfd.webSocketOpen(url, optionsOf(settings));
      check(socket);
      void receive(socket, take);
      return connectionOf(socket);
    },
  };
}

export const subscribing = clientOf(subscribe, write);
export const subscribingPacked = clientOf(subscribePacked, write);
export const parsingBatches = clientOf(subscribeJson, write);
export const parsing = clientOf(subscribeAndParse, write);
export const readingMany = clientOf(readMany, write);
export const reading = clientOf(read, write);
export const writingPacked = clientOf(subscribe, writePacked);
export const writingMany = clientOf(subscribe, writeMany);
