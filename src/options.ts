/** The options of webSocketOpen: what each may be, and what native code gets for it. */
import { isIP } from 'node:net';
import { types } from 'node:util';

import { describe, invalidArgument, invalidOption, nearest } from './argument.js';
import { readPerMessageDeflate } from './compression-options.js';
import type { PerMessageDeflateOptions } from './compression-options.js';
import { makeError, WebSocketError } from './errors.js';
import { readHeaders, readProtocols } from './header-options.js';
import { keyLogFor } from './key-log.js';
import type { NativeCompressionOptions, NativeOpenOptions } from './native.js';
import { noTlsSettings, readTlsOption, TLS_OPTIONS } from './tls-options.js';
import type { TlsOptions, TlsSettings } from './tls-options.js';
import type { Target } from './url.js';
import { readUrl } from './url.js';

/** Options of `webSocketOpen`. docs/OPTIONS.md has units, ranges and defaults of all. */
export interface OpenOptions extends TlsOptions {
  /** Sent with the opening handshake, name → value; a header that already exists is overwritten. */
  headers?: Readonly<Record<string, string>>;
  /** Seconds, fractions allowed, from name lookup to accepted handshake. Absent: unlimited. */
  timeout?: number;
  /** Subprotocols to offer, most wanted first. */
  protocols?: string | readonly string[];
  /** The largest message that is received, in bytes: 1 to 536870888. Default: 16 MiB. */
  maxMessageBytes?: number;
  /** Unsent bytes past which `webSocketWrite` returns -1. Default: 64 MiB. */
  maxBufferedBytes?: number;
  /** Undelivered bytes past which reading from the network stops. Default: 4 MiB. */
  receiveHighWaterMark?: number;
  /** Seconds that `webSocketClose` waits for the server's close frame. Default: 5. */
  closeTimeout?: number;
  /**
   * Offers compression (permessage-deflate, RFC 7692): with its usual parameters, or with these.
   * Default: false, since it costs CPU time for each message and memory for each connection.
   */
  perMessageDeflate?: boolean | PerMessageDeflateOptions;
}

/** Options that were read. */
export interface OpenSettings {
  target: Target;
  highWaterMark: number;
  native: NativeOpenOptions;
  /** Takes the lines of the TLS key log; undefined: none is made. */
  keyLog: ((lines: string) => void) | undefined;
  /** True if the default trust store must be there before native code makes the TLS context. */
  needsDefaultTrustStore: boolean;
}

interface Draft {
  headers: string[];
  protocols: string[];
  timeoutMs: number;
  closeTimeoutMs: number;
  maxMessageBytes: number;
  maxBufferedBytes: number;
  highWaterMark: number;
  compression: NativeCompressionOptions | undefined;
  tls: TlsSettings;
}

const MIB = 2 ** 20;
/** The longest string that V8 makes on a 64-bit machine; a text message must fit. */
const MAX_MESSAGE_BYTES = 2 ** 29 - 24;
const MAX_SECONDS = 2 ** 31;

const readers: Record<
  Exclude<keyof OpenOptions, keyof TlsOptions>,
  (value: unknown, draft: Draft) => void
> = {
  headers: (value, draft) => {
    const { headers, protocols } = readHeaders(value);
    draft.headers = headers;
    if (protocols !== undefined) setProtocols(protocols, draft);
  },
  timeout: (value, draft) => {
    draft.timeoutMs = readSeconds('timeout', value, invalidOption);
    if (draft.timeoutMs === 0) throw invalidOption('timeout', 'more than 0 seconds', value);
    if (draft.timeoutMs === Infinity) draft.timeoutMs = 0;
  },
  protocols: (value, draft) => {
    setProtocols(readProtocols(value), draft);
  },
  maxMessageBytes: (value, draft) => {
    draft.maxMessageBytes = readBytes('maxMessageBytes', value, MAX_MESSAGE_BYTES);
  },
  maxBufferedBytes: (value, draft) => {
    draft.maxBufferedBytes = readBytes('maxBufferedBytes', value, Number.MAX_SAFE_INTEGER);
  },
  receiveHighWaterMark: (value, draft) => {
    draft.highWaterMark = readBytes('receiveHighWaterMark', value, Number.MAX_SAFE_INTEGER);
  },
  closeTimeout: (value, draft) => {
    const ms = readSeconds('closeTimeout', value, invalidOption);
    draft.closeTimeoutMs = Math.min(ms, MAX_SECONDS * 1000);
  },
  perMessageDeflate: (value, draft) => {
    draft.compression = readPerMessageDeflate(value);
  },
};

const OPTION_NAMES: readonly string[] = [...Object.keys(readers), ...TLS_OPTIONS];

function setProtocols(protocols: string[], draft: Draft): void {
  if (draft.protocols.length !== 0) {
    const detail = 'protocols: given both there and as the header Sec-WebSocket-Protocol';
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
  draft.protocols = protocols;
}

/** Milliseconds of a number of seconds, rounded up so that a tiny timeout is not "none". */
export function readSeconds(name: string, value: unknown, invalid: typeof invalidArgument): number {
  if (typeof value !== 'number' || !(value >= 0)) {
    throw invalid(name, 'a number of seconds, 0 or more', value);
  }
  return value >= MAX_SECONDS ? Infinity : Math.ceil(value * 1000);
}

function readBytes(name: string, value: unknown, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    throw invalidOption(name, `a whole number of bytes from 1 to ${String(most)}`, value);
  }
  return value;
}

function readOption(name: string, value: unknown, draft: Draft): void {
  if (!OPTION_NAMES.includes(name)) {
    const guess = nearest(name, OPTION_NAMES);
    throw makeError('WSFD_UNKNOWN_OPTION', `${describe(name)}; the nearest one is "${guess}"`);
  }
  if (value === undefined) return;
  if (Object.hasOwn(readers, name)) readers[name as keyof typeof readers](value, draft);
  else readTlsOption(name as keyof TlsOptions, value, draft.tls);
}

function readDraft(options: unknown): Draft {
  const draft: Draft = {
    headers: [],
    protocols: [],
    timeoutMs: 0,
    closeTimeoutMs: 5000,
    maxMessageBytes: 16 * MIB,
    maxBufferedBytes: 64 * MIB,
    highWaterMark: 4 * MIB,
    compression: undefined,
    tls: noTlsSettings(),
  };
  if (options === undefined) return draft;
  if (
    typeof options !== 'object' ||
    options === null ||
    Array.isArray(options) ||
    types.isMap(options)
  ) {
    throw invalidArgument('options', 'an object such as { timeout: 5 }', options);
  }
  for (const [name, value] of Object.entries(options)) {
    readOption(name, value, draft);
  }
  return draft;
}

/** The headers to be sent, with that for credentials in the URL unless the caller gave one. */
function headersFor(target: Target, headers: string[]): string[] {
  const given = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'authorization');
  if (target.authorization === '' || given) return headers;
  return [...headers, 'Authorization', target.authorization];
}

/** Reads the arguments of webSocketOpen; throws the WebSocketError that says what is wrong. */
export function readOpenArguments(url: unknown, options: unknown): OpenSettings {
  const target = readUrl(url);
  let draft: Draft;
  try {
    draft = readDraft(options);
  } catch (error) {
    if (error instanceof WebSocketError) throw error;
    // A getter or a proxy of the caller's threw.
    throw makeError('WSFD_INVALID_ARGUMENT', `options: reading them threw ${describe(error)}`, {
      cause: error,
    });
  }
  // RFC 6066 section 3: a server name comes "without a trailing dot".
  const name = (draft.tls.serverName ?? target.host).replace(/\.$/, '');
  const keyLog = keyLogFor(draft.tls.keyLog);
  return {
    target,
    highWaterMark: draft.highWaterMark,
    keyLog,
    needsDefaultTrustStore: target.secure && draft.tls.native.useDefaultStore,
    native: {
      host: target.host,
      port: target.port,
      hostHeader: target.hostHeader,
      target: target.resource,
      userAgent: 'wsfd',
      headers: headersFor(target, draft.headers),
      protocols: draft.protocols,
      timeoutMs: draft.timeoutMs,
      closeTimeoutMs: draft.closeTimeoutMs,
      maxMessageBytes: draft.maxMessageBytes,
      maxBufferedBytes: draft.maxBufferedBytes,
      compression: draft.compression,
      secure: target.secure,
      // For a ws: URL too where TLS options are given: what is wrong with them is always told.
      tls:
        target.secure || draft.tls.given
          ? {
              ...draft.tls.native,
              // RFC 6066 section 3: "Literal IPv4 and IPv6 addresses are not permitted".
              serverName: isIP(name) === 0 ? name : '',
              certificateHost: name,
              keylog: keyLog !== undefined,
            }
          : undefined,
    },
  };
}
