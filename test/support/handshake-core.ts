// native/handshake as the tests call it, and answers fed to it in every way.
import assert from 'node:assert/strict';
import { core } from './core';
import type { ErrorSymbol } from './core';

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

export interface HandshakeRequest {
  host?: string;
  target?: string;
  userAgent?: string;
  headers?: HeaderPairs;
  subprotocols?: readonly string[];
  extensions?: string;
}

/** `code` is 'None' where there is no error. */
export interface CoreError {
  code: ErrorSymbol;
  detail: string;
}

/** What a ResponseReader says once it was given all portions. Strings have a character a byte. */
export interface ReadResponse {
  outcome: 'needMore' | 'head' | 'complete' | 'failed';
  /** How many bytes were taken. */
  taken: number;
  hasHead: boolean;
  error: CoreError;
  status: number;
  reason: string;
  headers: HeaderPairs;
  body: string;
}

/** `subprotocol` and `extensions` are 'untouched' where there is an error. */
export interface CheckedResponse {
  error: CoreError;
  subprotocol: string;
  extensions: string;
}

export interface ExtensionElement {
  name: string;
  parameters: HeaderPairs;
}

export interface HandshakeCore {
  encodeKey(nonce: Uint8Array): string;
  computeAccept(key: string): string;
  writeRequest(request: HandshakeRequest, key: string): string;
  /** `ended`: the connection ends behind the portions. Throws if a count or a status is wrong. */
  readResponse(portions: readonly Uint8Array[], ended: boolean): ReadResponse;
  checkResponse(request: HandshakeRequest, key: string, answer: Uint8Array): CheckedResponse;
  parseExtensions(list: string): ExtensionElement[] | undefined;
}

export const handshake = core as unknown as HandshakeCore;

/** The example of RFC 6455 section 1.3. */
export const exampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';
export const exampleAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** The lines of a head and the empty one behind them. */
export const head = (...lines: string[]): string => [...lines, '', ''].join('\r\n');

/** The bytes of a text, which must have none but those up to 0xff. */
export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What may follow an answer: a frame, an answer, line ends, a byte that is none of all this. */
const trailers = ['\x81\x05hello', 'HTTP/1.1 200 OK\r\n\r\n', '\r\n\r\n', '0', '\0'];

/** Splitting in two takes a call for each byte, so that only short answers are. */
const longestToSplit = 1024;

/** Where a failure is seen depends on the portions, and so does what its detail can quote. */
function judgement(read: ReadResponse): unknown {
  return read.outcome === 'failed' ? [read.outcome, read.error.code, read.hasHead] : read;
}

function* portionings(bytes: Buffer): Iterable<[how: string, portions: Buffer[]]> {
  yield ['byte by byte', Array.from(bytes, (byte) => Buffer.from([byte]))];
  if (bytes.length > longestToSplit) return;
  for (let at = 0; at <= bytes.length; at++) {
    const portions = [bytes.subarray(0, at), Buffer.alloc(0), bytes.subarray(at)];
    yield [`in two at ${at}`, portions];
  }
}

/**
 * Reads an answer whole, byte by byte, split in two everywhere and, if it is decided before the
 * connection ends, with something behind it: all must come to the same, which is returned.
 */
export function readEveryWay(answer: string, ended = false): ReadResponse {
  const bytes = bytesOf(answer);
  const whole = handshake.readResponse([bytes], ended);
  for (const [how, portions] of portionings(bytes)) {
    assert.deepEqual(judgement(handshake.readResponse(portions, ended)), judgement(whole), how);
  }
  if (ended || whole.outcome === 'needMore') return whole;
  for (const trailer of trailers) {
    const more = bytesOf(answer + trailer);
    const portions = [Array.from(more, (byte) => Buffer.from([byte])), [more]];
    for (const portion of portions) {
      assert.deepEqual(
        judgement(handshake.readResponse(portion, false)),
        judgement(whole),
        trailer,
      );
    }
  }
  return whole;
}
