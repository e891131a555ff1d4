// The package's functions as tests call them: what must work throws where it does not, and what
// must fail gives its error.
import assert from 'node:assert/strict';
import { getLastError, webSocketClose, webSocketOpen, webSocketRead } from 'wsfd';
import type { Message, OpenOptions, Ref, WebSocketError } from 'wsfd';
import { patience } from './patience';

const describeErrors = (): string =>
  getLastError()
    .map((error) => `${error.code}: ${error.message}`)
    .join('; ');

/** An open socket. */
export async function open(url: string, options?: OpenOptions): Promise<number> {
  const socket = await (options === undefined ? webSocketOpen(url) : webSocketOpen(url, options));
  assert.ok(socket >= 0, `webSocketOpen gave ${socket}: ${describeErrors()}`);
  assert.deepEqual(getLastError(), []);
  return socket;
}

/** The next message. */
export async function read(socket: number, maxTimeout = patience): Promise<Message> {
  const data: Ref<Message> = {};
  const result = await webSocketRead(socket, data, maxTimeout);
  assert.equal(result, 0, `webSocketRead gave ${result}: ${describeErrors()}`);
  assert.ok(data.value !== undefined);
  return data.value;
}

/** The next `count` messages. */
export async function readAll(socket: number, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await read(socket));
  return messages;
}

export async function close(socket: number): Promise<void> {
  const result = await webSocketClose(socket);
  assert.equal(result, 0, `webSocketClose gave ${result}: ${describeErrors()}`);
}

/** A result that must be 0. */
export async function ok(result: number | Promise<number>): Promise<void> {
  const value = await result;
  assert.equal(value, 0, `gave ${value}: ${describeErrors()}`);
}

/** The first error of a call that must give -1, or `expected`. */
export async function failure(
  call: () => number | Promise<number>,
  expected = -1,
): Promise<WebSocketError> {
  const returned = call();
  // Of a synchronous call: whatever runs next may replace its errors.
  const result = typeof returned === 'number' ? returned : await returned;
  const [error] = getLastError();
  assert.equal(result, expected, `errors: ${describeErrors()}`);
  assert.ok(error !== undefined, 'getLastError() is empty');
  assert.match(error.code, /^WSFD_[A-Z0-9_]+$/);
  assert.ok(error instanceof Error && error.message.length > 0);
  return error;
}

/** Asserts that a call gives -1, or `expected`, with an error of that code. */
export async function fails(
  call: () => number | Promise<number>,
  code: string,
  expected = -1,
): Promise<WebSocketError> {
  const error = await failure(call, expected);
  assert.equal(error.code, code, error.message);
  return error;
}
