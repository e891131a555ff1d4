/** The options of webSocketOpen: checks each, and converts it for native code. */
import { AsyncResource } from 'node:async_hooks';
import { types } from 'node:util';

import { isAbortSignal } from './abort.js';
import {
  describe,
  invalidArgument,
  invalidOption,
  numberAdvice,
  readWhole,
  unknownOption,
} from '../errors/argument.js';
import { isIP } from '../base/builtin.js';
import { readPerMessageDeflate } from './compression.js';
import { isWebSocketError, makeError } from '../errors/errors.js';
import { readHeaders, readProtocols } from './headers.js';
import { keyLogFor } from './key-log.js';
import type {
  NativeCompressionOptions,
  NativeOpenOptions,
  NativeProxy,
  NativeTlsOptions,
} from '../native/open-tuple.js';
import { proxyFor } from './proxy.js';
import { noRouteSettings, readRouteOption, ROUTE_OPTIONS } from './route.js';
import type { RouteSettings } from './route.js';
import { OPEN_SECONDS, OPEN_WHOLE } from './table.js';
import type { OpenOptions, RouteOptions, TlsOptions } from './table.js';
import { defaultTlsSettings, readTlsOption, TLS_OPTIONS } from './tls.js';
import type { TlsSettings } from './tls.js';
import type { Target } from './url.js';
import { parseUrlCached } from './url.js';

/** Options that were read. */
export interface OpenSettings {
  target: Target;
  /** The async context of the call, in which the connection's callbacks run. */
  context: AsyncResource;
  highWaterMark: number;
  signal: AbortSignal | undefined;
  native: NativeOpenOptions;
  /** Takes the lines of the TLS key log; undefined: none is made. */
  keyLog: ((lines: string) => void) | undefined;
  /** True if the default trust store must be there before native code makes the TLS context. */
  needsDefaultTrustStore: boolean;
  /** How many redirects the option allows, and how many of them are left. */
  mostRedirects: number;
  redirectsLeft: number;
  /** The source of these settings, and of those of a redirect. */
  draft: Draft;
}

type WholeOption = keyof typeof OPEN_WHOLE;

/** Options that were read, for any target. */
export interface Draft {
  context: AsyncResource;
  headers: string[];
  protocols: string[];
  timeoutMs: number;
  closeTimeoutMs: number;
  pingIntervalMs: number | undefined;
  pongTimeoutMs: number | undefined;
  whole: Record<WholeOption, number>;
  signal: AbortSignal | undefined;
  compression: NativeCompressionOptions | undefined;
  tls: TlsSettings;
  route: RouteSettings;
}

/** So many seconds, or more, are no limit. */
export const MAX_SECONDS = 2 ** 31;

const WHOLE_DEFAULTS = Object.fromEntries(
  Object.entries(OPEN_WHOLE).map(([name, range]) => [name, range.default]),
) as Record<WholeOption, number>;

const readers: Record<
  Exclude<keyof OpenOptions, WholeOption | keyof TlsOptions | keyof RouteOptions>,
  (value: unknown, draft: Draft) => void
> = {
  headers: (value, draft) => {
    const { headers, protocols } = readHeaders(value);
    draft.headers = headers;
    if (protocols !== undefined) setProtocols(protocols, draft);
  },
  timeout: (value, draft) => {
    const ms = readDuration('timeout', value);
    draft.timeoutMs = ms === Infinity ? 0 : ms;
  },
  protocols: (value, draft) => {
    setProtocols(readProtocols(value), draft);
  },
  closeTimeout: (value, draft) => {
    const ms = readSeconds('closeTimeout', value, invalidOption);
    draft.closeTimeoutMs = Math.min(ms, MAX_SECONDS * 1000);
  },
  pingInterval: (value, draft) => {
    const ms = readDuration('pingInterval', value);
    draft.pingIntervalMs = ms === Infinity ? 0 : ms;
  },
  pongTimeout: (value, draft) => {
    const ms = readDuration('pongTimeout', value);
    draft.pongTimeoutMs = Math.min(ms, MAX_SECONDS * 1000);
  },
  signal: (value, draft) => {
    if (!isAbortSignal(value)) {
      throw invalidOption('signal', 'an AbortSignal such as controller.signal', value);
    }
    draft.signal = value;
  },
  perMessageDeflate: (value, draft) => {
    draft.compression = readPerMessageDeflate(value);
  },
};

export const OPTION_NAMES: readonly string[] = [
  ...Object.keys(readers),
  ...Object.keys(OPEN_WHOLE),
  ...TLS_OPTIONS,
  ...ROUTE_OPTIONS,
];

function setProtocols(protocols: string[], draft: Draft): void {
  if (draft.protocols.length !== 0) {
    const detail = 'protocols: given both there and as the header Sec-WebSocket-Protocol';
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
  draft.protocols = protocols;
}

/** Seconds as milliseconds, rounded up so that a tiny timeout is not 0; Infinity: no limit. */
export function readSeconds(name: string, value: unknown, invalid: typeof invalidArgument): number {
  if (typeof value !== 'number' || !(value >= 0)) {
    const advice = numberAdvice(value, (number) => number >= 0);
    throw invalid(name, 'a number of seconds, 0 or more', value, advice);
  }
  return value >= MAX_SECONDS ? Infinity : Math.ceil(value * 1000);
}

/** The same for a time that must be more than 0. */
function readDuration(name: string, value: unknown): number {
  const ms = readSeconds(name, value, invalidOption);
  if (ms === 0) {
    throw invalidOption(name, 'more than 0 seconds', value, '; leave it out for the default');
  }
  return ms;
}

function readOption(name: string, value: unknown, draft: Draft): void {
  if (!OPTION_NAMES.includes(name)) {
    throw unknownOption(name, OPTION_NAMES);
  }
  if (value === undefined) return;
  if (Object.hasOwn(readers, name)) readers[name as keyof typeof readers](value, draft);
  else if (Object.hasOwn(OPEN_WHOLE, name)) {
    const whole = name as WholeOption;
    draft.whole[whole] = readWhole(name, value, OPEN_WHOLE[whole]);
  } else if (ROUTE_OPTIONS.includes(name)) {
    readRouteOption(name as keyof RouteOptions, value, draft.route);
  } else readTlsOption(name as keyof TlsOptions, value, draft.tls);
}

function readDraft(options: unknown): Draft {
  const draft: Draft = {
    context: new AsyncResource('wsfd'),
    headers: [],
    protocols: [],
    timeoutMs: 0,
    closeTimeoutMs: OPEN_SECONDS.closeTimeout * 1000,
    pingIntervalMs: undefined,
    pongTimeoutMs: undefined,
    whole: { ...WHOLE_DEFAULTS },
    signal: undefined,
    compression: undefined,
    tls: defaultTlsSettings(),
    route: noRouteSettings(),
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
  if (draft.pongTimeoutMs !== undefined && draft.pingIntervalMs === undefined) {
    const detail = 'pongTimeout: without pingInterval there are no pings; give both';
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
  return draft;
}

/** The headers, with Authorization for credentials in the URL unless the caller gave one. */
function headersFor(target: Target, headers: string[]): string[] {
  const given = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'authorization');
  if (target.authorization === '' || given) return headers;
  return [...headers, 'Authorization', target.authorization];
}

/** Reads the arguments of webSocketOpen; throws a WebSocketError if one is wrong. */
export function readOpenArguments(url: unknown, options: unknown): OpenSettings {
  const target = parseUrlCached(url);
  let draft: Draft;
  try {
    draft = readDraft(options);
  } catch (error) {
    if (isWebSocketError(error)) throw error;
    // A getter or a proxy of the caller's threw.
    throw makeError('WSFD_INVALID_ARGUMENT', `options: reading them threw ${describe(error)}`, {
      cause: error,
    });
  }
  return settingsFor(target, draft, draft.route.followRedirects);
}

/** RFC 6066 section 3: "Literal IPv4 and IPv6 addresses are not permitted" as a server name. */
const serverNameOf = (name: string): string => (isIP(name) === 0 ? name : '');

/** The proxy for native code; undefined: none. */
function nativeProxy(
  target: Target,
  { route, tls }: Draft,
  keylog: boolean,
): NativeProxy | undefined {
  const proxy = proxyFor(route.proxy, target);
  if (proxy === undefined) return undefined;
  const { secure, ...rest } = proxy;
  // Options of the target alone do not apply to the proxy: ignored errors, pins, our certificate.
  const { native } = tls;
  const trust: NativeTlsOptions = {
    ...defaultTlsSettings().native,
    useDefaultStore: native.useDefaultStore,
    caCertificates: native.caCertificates,
    certificateRevocationLists: native.certificateRevocationLists,
    minVersion: native.minVersion,
    maxVersion: native.maxVersion,
    cipherSuites: native.cipherSuites,
    keyExchangeGroups: native.keyExchangeGroups,
    serverName: serverNameOf(proxy.host),
    certificateHost: proxy.host,
    keylog,
  };
  return { ...rest, tls: secure ? trust : undefined };
}

/** The settings of a draft for a target, with so many redirects left. */
export function settingsFor(target: Target, draft: Draft, redirectsLeft: number): OpenSettings {
  // RFC 6066 section 3: a server name comes "without a trailing dot".
  const name = (draft.tls.serverName ?? target.host).replace(/\.$/, '');
  const keyLog = keyLogFor(draft.tls.keyLog);
  const keylog = keyLog !== undefined;
  const proxy = nativeProxy(target, draft, keylog);
  if (target.path !== '' && draft.route.localAddress !== '') {
    const detail = 'localAddress: a ws+unix: URL is not reached from an IP address; leave it out';
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
  const secure = target.secure || proxy?.tls !== undefined;
  return {
    target,
    context: draft.context,
    highWaterMark: draft.whole.receiveHighWaterMark,
    signal: draft.signal,
    keyLog,
    needsDefaultTrustStore: secure && draft.tls.native.useDefaultStore,
    mostRedirects: draft.route.followRedirects,
    redirectsLeft,
    draft,
    native: {
      host: target.host,
      port: target.port,
      path: target.path,
      localAddress: draft.route.localAddress,
      proxy,
      hostHeader: target.hostHeader,
      target: target.resource,
      userAgent: 'wsfd',
      headers: headersFor(target, draft.headers),
      protocols: draft.protocols,
      followsRedirects: redirectsLeft > 0,
      timeoutMs: draft.timeoutMs,
      closeTimeoutMs: draft.closeTimeoutMs,
      pingIntervalMs: draft.pingIntervalMs ?? 0,
      pongTimeoutMs: draft.pongTimeoutMs ?? OPEN_SECONDS.pongTimeout * 1000,
      ...draft.whole,
      compression: draft.compression,
      trace: 0,
      secure: target.secure,
      // For a ws: URL too where TLS options are given, so that their faults are reported.
      tls:
        target.secure || draft.tls.given
          ? {
              ...draft.tls.native,
              serverName: serverNameOf(name),
              certificateHost: name,
              keylog,
            }
          : undefined,
    },
  };
}
