// wsfd, once for each way in which messages can be had or sent.
import * as wsfd from 'wsfd';
import type { Take } from '../feed';
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
export const readingMany = clientOf(readMany, write);
export const reading = clientOf(read, write);
export const writingMany = clientOf(subscribe, writeMany);
