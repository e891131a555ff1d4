// Every public function, once, with what each comes to; and prototypes that a program has polluted.
import * as wsfd from 'wsfd';
import type { Message } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';

export type Pollution = 'nothing' | 'values' | 'accessors';

/** Of what native code and the modules between it and the caller tell each other. */
const names = [
  ...['transient', 'errno', 'syscall', 'address', 'port', 'httpStatus', 'httpHeaders', 'httpBody'],
  ...['certificateErrors', 'sslErrors', 'closeCode', 'retryable', 'cause', 'detail', 'row'],
  ...['protocols', 'signal', 'timeout', 'headers', 'perMessageDeflate', 'pingInterval', 'tls'],
  ...['subprotocol', 'extensions', 'state', 'reason', 'response', 'failure', 'addresses'],
].filter((name) => !(name in Object.prototype));
const indices = Array.from({ length: 70 }, (_, i) => String(i));

function pollute(target: object, name: string, how: Pollution): void {
  const accessors = {
    get: () => 'polluted',
    // (where it kept nothing, no push would, be it the program's own)
    set(this: object, value: unknown) {
      const own = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(this, name, own);
    },
  };
  const property = how === 'values' ? { value: 'polluted', writable: true } : accessors;
  Object.defineProperty(target, name, { ...property, configurable: true });
}

/** Runs `body` while Array.prototype has indices and Object.prototype names. */
export async function amid<Result>(how: Pollution, body: () => Promise<Result>): Promise<Result> {
  if (how !== 'nothing') {
    for (const index of indices) pollute(Array.prototype, index, how);
    for (const name of names) pollute(Object.prototype, name, how);
  }
  const result = await body();
  for (const index of indices) Reflect.deleteProperty(Array.prototype, index);
  for (const name of names) Reflect.deleteProperty(Object.prototype, name);
  return result;
}

/** A call's result, with the errors that getLastError gives for it. */
function noted(name: string, ...result: unknown[]): unknown {
  const errors = wsfd.getLastError().map((error) => ({
    ...{ code: error.code, category: error.category, retryable: error.retryable },
    own: Object.getOwnPropertyNames(error).filter((key) => key !== 'stack'),
    status: Object.hasOwn(error, 'httpStatus') ? error.httpStatus : 'none',
  }));
  return { name, result, errors };
}

export interface Servers {
  echo: string;
  refusing: string;
  gone: string;
}

async function reading(socket: number, note: (...of: Parameters<typeof noted>) => void) {
  const data: { value?: Message } = {};
  const sizes = [0, 1, 100, 5000];
  for (const message of ['', 'x', ...sizes.map((size) => Buffer.alloc(size, 7))]) {
    note('write', wsfd.webSocketWrite(socket, message));
    const code = await wsfd.webSocketRead(socket, data);
    note('read', code, data.value?.length, String(data.value) === String(message));
  }
  note('no message', await wsfd.webSocketRead(socket, data, 0));
  const many = [1, 2, 70, 80].map((size) => Buffer.alloc(size, size));
  note('writeMany', wsfd.webSocketWriteMany(socket, many));
  const into: Message[] = [];
  while (into.length < many.length) await wsfd.webSocketReadMany(socket, into);
  note('readMany', Buffer.compare(Buffer.concat(into as Buffer[]), Buffer.concat(many)));
  note('flush', await wsfd.webSocketFlush(socket));
  note('ping', await wsfd.webSocketPing(socket));
  const info = wsfd.webSocketInfo(socket);
  note('info', info?.state, info?.tls, info?.subprotocol, info?.messagesIn);
  note('list', wsfd.webSocketList().length);
  note('close', await wsfd.webSocketClose(socket));
  note('closed', wsfd.webSocketWrite(socket, 'x'));
}

async function pushed(socket: number): Promise<unknown[]> {
  const count = await new Promise((resolve) => {
    let seen = 0;
    wsfd.webSocketSubscribe(socket, (batch) => {
      seen += batch.length;
      if (seen === 3) resolve(seen);
    });
    wsfd.webSocketWriteMany(socket, ['a', Buffer.of(1), Buffer.alloc(70)]);
  });
  return [count, wsfd.webSocketTerminate(socket)];
}

async function iterated(socket: number): Promise<number> {
  wsfd.webSocketWriteMany(socket, ['a', 'b']);
  for await (const message of wsfd.webSocketMessages(socket)) if (message === 'b') break;
  return wsfd.webSocketClose(socket);
}

const ofTheClass = (url: string): Promise<unknown[]> =>
  new Promise((resolve) => {
    const seen: unknown[] = [];
    const socket = new WebSocket(url, []);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      for (const data of ['x', Buffer.of(1), new Blob(['yz'])]) socket.send(data);
    };
    socket.onmessage = ({ data }) => {
      seen.push(typeof data === 'string' ? data : (data as ArrayBuffer).byteLength);
      if (seen.length === 3) socket.close(1000);
    };
    socket.onclose = ({ code, wasClean }) => resolve([...seen, code, wasClean]);
  });

export async function everyFunction({ echo, refusing, gone }: Servers): Promise<unknown[]> {
  const results: unknown[] = [];
  const note = (name: string, ...result: unknown[]): void => {
    results.push(noted(name, ...result));
  };
  const open = async (name: string, url: string, options?: object): Promise<number> => {
    const socket = await wsfd.webSocketOpen(url, options);
    note(name, socket < 0 ? socket : 'open');
    return socket;
  };
  await reading(await open('open', echo), note);
  await open('refused', refusing);
  await open('gone', gone);
  await open('no URL', 'nonsense');
  await open('unknown option', echo, { tiemout: 1 });
  const options = { headers: { a: 'b' }, perMessageDeflate: {} };
  note('subscribe', await pushed(await open('options', echo, options)));
  note('messages', await iterated(await open('again', echo)));
  note('class', await ofTheClass(echo));
  return results;
}
