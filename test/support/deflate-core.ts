// native/deflate as the tests call it, messages fed to it in every way, and Node's zlib as a peer.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import type { DeflateRaw, InflateRaw } from 'node:zlib';
import { addon } from './core';
import type { CoreError, HeaderPairs } from './handshake-core';

/** What is absent is false, or 15 window bits. */
export interface DeflateOptions {
  clientNoContextTakeover?: boolean;
  serverNoContextTakeover?: boolean;
  /** 0: not offered. */
  clientMaxWindowBits?: number;
  serverMaxWindowBits?: number;
}

export interface ValidatedAnswer extends Required<Omit<DeflateOptions, `${string}MaxWindowBits`>> {
  error: CoreError;
  enabled: boolean;
  clientWindowBits: number;
  serverWindowBits: number;
}

interface Settings {
  windowBits?: number;
  noContextTakeover?: boolean;
  /** Memory is given back wherever that is allowed. */
  release?: boolean;
}

export interface InflateSettings extends Settings {
  /** Bytes of one message; 2^62 if absent. */
  limit?: number;
}

export interface DeflateSettings extends Settings {
  level?: number;
  memLevel?: number;
}

/** What came of the messages up to the first error. */
export interface Coded {
  messages: Buffer[];
  error: CoreError;
  /** Bytes of the message that failed. */
  kept: number;
  /** Bytes of storage for the largest message. */
  capacity: number;
  /** The most that zlib held behind a message, and what it holds at the end. */
  memory: number;
  memoryAtEnd: number;
}

export interface DeflateCore {
  formatOffer(options: DeflateOptions): string;
  validateAnswer(options: DeflateOptions, parameters: HeaderPairs): ValidatedAnswer;
  /** Each message comes in portions. */
  inflate(settings: InflateSettings, messages: readonly (readonly Uint8Array[])[]): Coded;
  deflate(settings: DeflateSettings, messages: readonly Uint8Array[]): Coded;
}

export const core = addon as DeflateCore;

export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** "Hello" as RFC 7692 section 7.2.3.1 has it. */
export const hello = hex('f2 48 cd c9 c9 07 00');

/** What every message lacks at its end (RFC 7692 section 7.2.1). */
export const tail = hex('00 00 ff ff');

/** Bytes that do not compress, the same in every run. */
export const random = (size: number, seed = 0): Buffer =>
  createHash('shake256', { outputLength: size }).update(String(seed)).digest();

/** Lines of telemetry, which do compress. */
export function telemetry(size: number): Buffer {
  const lines: string[] = [];
  for (let length = 0, i = 0; length < size; i++) {
    const value = ((i * 7919) % 1000) / 10;
    const line = `{"id":${i},"tag":"pump${i % 7}.pressure","value":${value},"state":"good"}\n`;
    length += line.length;
    lines.push(line);
  }
  return Buffer.from(lines.join('')).subarray(0, size);
}

const bytesOf = (message: Uint8Array): Buffer[] => Array.from(message, (b) => Buffer.from([b]));

/** What does not depend on the portions in which the messages came. */
const outcome = ({ messages, error }: Coded): unknown => [
  messages.map((message) => message.toString('latin1')),
  error.code,
];

/** Splitting in two takes a call for each byte, so that only short messages are. */
const longestToSplit = 256;

/**
 * Inflates messages whole, byte by byte, split in two everywhere and with another message behind:
 * all must come to the same, which is returned.
 */
export function inflateEveryWay(settings: InflateSettings, messages: readonly Buffer[]): Coded {
  const whole = core.inflate(
    settings,
    messages.map((message) => [message]),
  );
  const same = (how: string, portions: Buffer[][]): void =>
    assert.deepEqual(outcome(core.inflate(settings, portions)), outcome(whole), how);
  same('byte by byte', messages.map(bytesOf));
  const longest = Math.max(...messages.map((message) => message.length));
  for (let at = 0; at <= Math.min(longest, longestToSplit); at++) {
    const split = messages.map((m) => [m.subarray(0, at), Buffer.alloc(0), m.subarray(at)]);
    same(`in two at ${at}`, split);
  }
  const { messages: more, error } = core.inflate(
    settings,
    [...messages, hello].map((message) => [message]),
  );
  const fits = 5 <= (settings.limit ?? 5);
  if (whole.error.code === 'None' && fits) assert.equal(more.pop()?.toString(), 'Hello');
  if (fits) assert.deepEqual([more, error], [whole.messages, whole.error], 'with more behind');
  return whole;
}

/** What a stream gives out for `input`, flushed. */
async function flushed(stream: DeflateRaw | InflateRaw, input: Buffer): Promise<Buffer> {
  const output: Buffer[] = [];
  const collect = (chunk: Buffer): number => output.push(chunk);
  stream.on('data', collect);
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.write(input);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off('error', reject);
      resolve();
    });
  });
  stream.off('data', collect);
  return Buffer.concat(output);
}

/** The messages' payloads as Node's zlib makes them. No message may be empty. */
export async function peerDeflate(
  { windowBits = 15, noContextTakeover = false, ...options }: DeflateSettings,
  messages: readonly Buffer[],
): Promise<Buffer[]> {
  const stream = createDeflateRaw({ windowBits, ...options });
  const payloads: Buffer[] = [];
  for (const message of messages) {
    payloads.push((await flushed(stream, message)).subarray(0, -tail.length));
    if (noContextTakeover) stream.reset();
  }
  stream.close();
  return payloads;
}

/** The messages that Node's zlib makes of payloads. */
export async function peerInflate(
  { windowBits = 15, noContextTakeover = false }: InflateSettings,
  payloads: readonly Buffer[],
): Promise<Buffer[]> {
  const stream = createInflateRaw({ windowBits });
  const messages: Buffer[] = [];
  for (const payload of payloads) {
    messages.push(await flushed(stream, Buffer.concat([payload, tail])));
    if (noContextTakeover) stream.reset();
  }
  stream.close();
  return messages;
}
