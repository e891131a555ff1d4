// Every way to read, with the same sink behind it.
import {
  getLastError,
  WebSocketError,
  webSocketBatches,
  webSocketMessages,
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
} from 'wsfd';
import type { Message, Ref } from 'wsfd';
import type { ReadStyle } from '../model/plan';

/** Takes what is read. */
export interface Sink {
  /** A message; a promise has the reader wait before the next one. */
  take(message: Message): Promise<void> | undefined;
  /** A result that was not 0 and not the last. */
  note(call: string): void;
  /** Seconds to wait for the next message; undefined: for ever. */
  maxTimeout(): number | undefined;
  /** Waits a little. */
  rest(): Promise<void>;
}

/** '-1 WSFD_…' of the call that has just been awaited, or '0' and '1'. */
export function resultOf(code: number): string {
  if (code >= 0) return String(code);
  return `${code} ${getLastError()[0]?.code ?? 'without an error'}`;
}

/** Reads until something else than a message comes, which is the result. */
type Reader = (socket: number, sink: Sink) => Promise<string>;

async function takeAll(messages: readonly Message[], sink: Sink): Promise<void> {
  for (const message of messages) {
    const rest = sink.take(message);
    if (rest !== undefined) await rest;
  }
}

/** Calls `next` until it gives what is neither a message nor a timeout. */
async function loop(sink: Sink, next: () => Promise<number>): Promise<string> {
  for (;;) {
    const result = resultOf(await next());
    if (result.startsWith('-2')) {
      sink.note(`read ${result}`);
      await sink.rest();
    } else if (result !== '0') {
      return result;
    }
  }
}

const read: Reader = (socket, sink) =>
  loop(sink, async () => {
    const data: Ref<Message> = {};
    const seconds = sink.maxTimeout();
    const reading =
      seconds === undefined ? webSocketRead(socket, data) : webSocketRead(socket, data, seconds);
    const code = await reading;
    if (code !== 0 || data.value === undefined) return code;
    const rest = sink.take(data.value);
    if (rest !== undefined) await rest;
    return 0;
  });

/** Three reads at a time; they are served first come, first served. */
async function reads(socket: number, sink: Sink): Promise<string> {
  for (;;) {
    const tried = [{}, {}, {}].map(async (data: Ref<Message>) => {
      const result = resultOf(await webSocketRead(socket, data));
      // At once: the others may have to wait for what the server says to this one.
      const rest = result === '0' && data.value !== undefined ? sink.take(data.value) : undefined;
      return { result, rest };
    });
    for (const { result, rest } of await Promise.all(tried)) {
      if (result !== '0') return result;
      await rest;
    }
  }
}

const readMany: Reader = (socket, sink) =>
  loop(sink, async () => {
    const messages: Message[] = [];
    const seconds = sink.maxTimeout();
    const code = await (seconds === undefined
      ? webSocketReadMany(socket, messages)
      : webSocketReadMany(socket, messages, seconds));
    if (code === 0) await takeAll(messages, sink);
    return code;
  });

/** A subscriber is not told of the end: whoever reads then is. */
async function endOfSubscription(socket: number, sink: Sink): Promise<string> {
  for (;;) {
    await sink.rest();
    const data: Ref<Message> = {};
    const result = resultOf(await webSocketRead(socket, data));
    if (result === '0' && data.value !== undefined) void sink.take(data.value);
    else if (result !== '-1 WSFD_READER_CONFLICT') return result;
  }
}

const subscribeWith =
  (subscriber: (sink: Sink) => (batch: readonly Message[]) => undefined | Promise<void>): Reader =>
  (socket, sink) => {
    if (webSocketSubscribe(socket, subscriber(sink)) !== 0) return Promise.resolve(resultOf(-1));
    return endOfSubscription(socket, sink);
  };

const subscribe = subscribeWith((sink) => (batch) => {
  for (const message of batch) void sink.take(message);
});

/** The promise holds the next batch back. */
const subscribePromise = subscribeWith((sink) => async (batch) => {
  const rests = batch.map((message) => sink.take(message));
  for (const rest of rests) await rest;
});

/** What an iteration ended with. */
async function ended(iterating: () => Promise<void>): Promise<string> {
  try {
    await iterating();
    return '1';
  } catch (error) {
    return `-1 ${error instanceof WebSocketError ? error.code : String(error)}`;
  }
}

const messages: Reader = (socket, sink) =>
  ended(async () => {
    for await (const message of webSocketMessages(socket)) await sink.take(message);
  });

const batches: Reader = (socket, sink) =>
  ended(async () => {
    for await (const batch of webSocketBatches(socket)) await takeAll(batch, sink);
  });

export const readers: Readonly<Record<ReadStyle, Reader>> = {
  read,
  reads,
  readMany,
  subscribe,
  subscribePromise,
  messages,
  batches,
};
