/** Converts the arguments of the WebSocket class by WebIDL and the standard's steps. */
import { Blob } from 'node:buffer';
import { types } from 'node:util';

import { MAX_REASON_BYTES } from '../api/checks.js';
import { excerpt, invalidArgument, invalidOption, quote } from '../errors/argument.js';
import { makeError } from '../errors/errors.js';
import type { OpenOptions } from '../options/table.js';
import { ownOf } from '../base/own.js';
import { DOMException, URL } from '../base/platform.js';
import { isAbortSignal } from '../options/abort.js';
import { isToken } from '../options/headers.js';
import { showUrl, WEBSOCKET_SCHEMES } from '../options/url.js';

/** A message as it is sent; a Blob, of any implementation, has to be read first. */
export type Outgoing = string | Uint8Array | Blob;

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}

/** WebIDL's DOMString; lone surrogates become U+FFFD where the text is encoded. */
export function toText(value: unknown): string {
  // (String() accepts a Symbol)
  if (typeof value === 'symbol') throw new TypeError('a Symbol is no string');
  return String(value);
}

/** "Get a URL record"; without a base URL. */
function readWebSocketUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw syntaxError(`the URL ${showUrl(text)} is not valid`);
  }
  const scheme = WEBSOCKET_SCHEMES.get(url.protocol);
  if (scheme === undefined) {
    throw syntaxError(
      `the URL's scheme is ${excerpt(url.protocol)} where ws:, wss:, http: or https: may be`,
    );
  }
  url.protocol = scheme;
  // (`hash` is empty for an empty fragment too)
  if (url.href.includes('#')) throw syntaxError('the URL has a fragment, which it may not have');
  return url;
}

/** The second argument: the subprotocols, or options in their place. */
type Second = readonly string[] | OpenOptions;

/**
 * WebIDL: (sequence<DOMString> or DOMString). Other runtimes take options here. To the standard an
 * object is the text "[object Object]", which is no subprotocol's name.
 */
function readSecond(value: unknown): Second {
  if (value === undefined) return [];
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (!isObject) return [toText(value)];
  // WebIDL reads the method once: a getter may give another one the next time.
  const method: unknown = (value as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (method !== undefined && method !== null) {
    const iterate = (): Iterator<unknown> =>
      Reflect.apply(method as () => Iterator<unknown>, value, []);
    return Array.from({ [Symbol.iterator]: iterate }, toText);
  }
  const text = toText(value);
  if (typeof value === 'object' && text === '[object Object]') return { ...value };
  return [text];
}

/** Subprotocols are tokens, none of them twice. */
function checkSubprotocols(protocols: readonly string[]): void {
  const seen = new Set<string>();
  for (const protocol of protocols) {
    if (!isToken(protocol)) {
      throw syntaxError(`${quote(protocol)} is not the name of a subprotocol`);
    }
    // web-platform-tests treat names that differ only in case as the same.
    const key = protocol.toLowerCase();
    if (seen.has(key)) throw syntaxError(`the subprotocol ${quote(protocol)} is given twice`);
    seen.add(key);
  }
}

/** The third argument. WebIDL ignores surplus arguments, so the standard allows one. */
function readOptions(value: unknown): OpenOptions {
  if (typeof value !== 'object' || value === null) return {};
  if (Array.isArray(value) || types.isMap(value)) {
    throw invalidArgument('options', 'an object such as { timeout: 5 }', value);
  }
  const options: OpenOptions = ownOf(value);
  if (options.protocols === undefined) return options;
  throw makeError('WSFD_INVALID_OPTION', 'protocols: they are the second argument');
}

/** The constructor's arguments, converted. */
interface ConstructorArguments {
  record: URL;
  options: OpenOptions;
}

export function readConstructorArguments(
  url: unknown,
  protocols: unknown,
  options: unknown,
): ConstructorArguments {
  // WebIDL converts all arguments before the first is checked.
  const text = toText(url);
  const second = readSecond(protocols);
  const record = readWebSocketUrl(text);
  if (!Array.isArray(second)) return { record, options: checkSignal(second as OpenOptions) };
  checkSubprotocols(second);
  const given = checkSignal(readOptions(options));
  if (second.length !== 0) given.protocols = second;
  return { record, options: given };
}

function checkSignal(given: OpenOptions): OpenOptions {
  const options = ownOf(given);
  const { signal } = options;
  if (signal === undefined || isAbortSignal(signal)) return options;
  throw invalidOption('signal', 'an AbortSignal', signal);
}

/** [Clamp] unsigned short. */
function clampToUnsignedShort(value: unknown): number {
  if (typeof value === 'bigint') throw new TypeError('a BigInt is no number');
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, 0), 0xffff);
  const floor = Math.floor(clamped);
  const fraction = clamped - floor;
  // "choosing the even integer if it lies halfway between two"
  return fraction > 0.5 || (fraction === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The arguments of close(); code undefined: the close frame has no body. */
export function readCloseArguments(
  code: unknown,
  reason: unknown,
): { code: number | undefined; reason: string } {
  const number = code === undefined ? undefined : clampToUnsignedShort(code);
  const text = reason === undefined ? '' : toText(reason);
  if (number !== undefined && number !== 1000 && (number < 3000 || number > 4999)) {
    const message = `the close code is ${number} where 1000 or 3000 to 4999 may be`;
    throw new DOMException(message, 'InvalidAccessError');
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_REASON_BYTES) {
    throw syntaxError(`the reason has ${bytes} bytes of UTF-8, more than ${MAX_REASON_BYTES}`);
  }
  // RFC 6455 section 5.5.1: a reason cannot come without a code.
  return { code: number ?? (text === '' ? undefined : 1000), reason: text };
}

interface MaybeResizable {
  readonly resizable?: boolean;
}

/** WebIDL: a BufferSource without [AllowShared] and [AllowResizable]. */
function checkBuffer(buffer: ArrayBufferLike): asserts buffer is ArrayBuffer {
  if (types.isSharedArrayBuffer(buffer)) {
    throw new TypeError('a view of a SharedArrayBuffer cannot be sent');
  }
  if ((buffer as MaybeResizable).resizable === true) {
    throw new TypeError('a resizable ArrayBuffer cannot be sent');
  }
}

/** True for a Blob or File of any implementation: jsdom and fetch-blob have their own. */
function isBlob(data: unknown): data is Blob {
  if (data instanceof Blob) return true;
  if (typeof data !== 'object' || data === null) return false;
  const tag: unknown = (data as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag !== 'Blob' && tag !== 'File') return false;
  const { arrayBuffer, size, type } = data as Record<string, unknown>;
  if (typeof type !== 'string' || !Number.isSafeInteger(size) || Number(size) < 0) return false;
  // (as in jsdom 26; the standard's text for it is "[object Blob]", which nobody means)
  if (typeof arrayBuffer !== 'function') {
    throw new TypeError('a Blob without arrayBuffer() cannot be sent');
  }
  return true;
}

/** (BufferSource or Blob or USVString); bytes are not copied. */
export function readMessage(data: unknown): Outgoing {
  if (typeof data === 'string') return data;
  const isView = ArrayBuffer.isView(data);
  if (!isView && !types.isArrayBuffer(data)) return isBlob(data) ? data : toText(data);
  checkBuffer(isView ? data.buffer : data);
  // A detached buffer has no bytes, and no view of it can be made.
  if (data.byteLength === 0) return new Uint8Array();
  return isView
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** False for a Blob. */
export function isRead(message: Outgoing): message is string | Uint8Array {
  return typeof message === 'string' || message instanceof Uint8Array;
}

/** The size of the payload in bytes. */
export function sizeOf(data: Outgoing): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return data instanceof Uint8Array ? data.byteLength : data.size;
}
