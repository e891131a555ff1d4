// The pure core as the tests call it: the addon wsfd_testing (test/native/testing).
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { addonFolder } from './addon';

/** A symbol of native/base/errors.inc. */
export type ErrorSymbol = string;

export type ParsedHeader =
  | { status: 'needMore' }
  | { status: 'failed'; error: ErrorSymbol }
  | {
      status: 'complete';
      fin: boolean;
      rsv1: boolean;
      opcode: number;
      /** Of the header itself, in bytes. */
      size: number;
      payloadLength: bigint;
    };

export type ParsedClose = { error: ErrorSymbol } | { code: number; reason: Buffer };

/** What a Utf8Stream says after one piece. */
export interface StreamStep {
  accepted: boolean;
  atBoundary: boolean;
  ascii: boolean;
}

/**
 * native/frame. Each call works on a copy of its bytes that begins `alignment` (0 to 63) bytes
 * behind a multiple of 64, and throws if a byte outside of it was written.
 */
export interface FrameCore {
  parseHeader(bytes: Uint8Array): ParsedHeader;
  clientHeaderSize(payloadLength: bigint): number;
  writeClientHeader(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    payloadLength: bigint,
    key: Uint8Array,
  ): Buffer;
  parseClosePayload(bytes: Uint8Array): ParsedClose;
  isSendableCloseCode(code: number): boolean;
  applyMask(bytes: Uint8Array, key: Uint8Array, phase?: number, alignment?: number): Buffer;
  applyMaskReference(
    bytes: Uint8Array,
    key: Uint8Array,
    phase?: number,
    alignment?: number,
  ): Buffer;
  applyMaskCopy(
    bytes: Uint8Array,
    key: Uint8Array,
    phase?: number,
    fromAlignment?: number,
    toAlignment?: number,
  ): Buffer;
  isAscii(bytes: Uint8Array, alignment?: number): boolean;
  isAsciiReference(bytes: Uint8Array, alignment?: number): boolean;
  isUtf8(bytes: Uint8Array, alignment?: number): boolean;
  isUtf8Reference(bytes: Uint8Array, alignment?: number): boolean;
  /** One Utf8Stream is given one piece after the other. */
  utf8Stream(pieces: readonly Uint8Array[]): StreamStep[];
}

const load = createRequire(__filename);

/** The addon as it was loaded: each folder's tests declare their own part of it. */
export const addon: unknown = load(join(addonFolder, 'wsfd_testing.node'));

export const core = addon as FrameCore;
