import { excerpt, invalidArgument, quote } from '../errors/argument.js';
import {
  basicAuthorization,
  decodePercent,
  ESCAPE_ADVICE,
  readCredentials,
} from './credentials.js';
import { makeError } from '../errors/errors.js';
import { URL } from '../base/platform.js';
import { redactUrl } from '../base/redact-url.js';

/** The target of a WebSocket URL (RFC 6455 section 3). */
export interface Target {
  /** The URL without its credentials, for messages and webSocketInfo. */
  readonly url: string;
  readonly secure: boolean;
  /** Name or IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the Host header: with brackets, and with a port other than the scheme's default. */
  readonly hostHeader: string;
  /** Path and query. */
  readonly resource: string;
  /** Of a Unix domain socket or a Windows pipe, which ignores host and port; else empty. */
  readonly path: string;
  /** The value of an Authorization header for credentials in the URL; empty: none. */
  readonly authorization: string;
}

/** The schemes that a redirect or the class WebSocket accepts, and the scheme of each here. */
export const WEBSOCKET_SCHEMES = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
  ['ws:', 'ws:'],
  ['wss:', 'wss:'],
]);

const DEFAULT_PORTS = new Map([
  ['ws:', 80],
  ['wss:', 443],
]);

/** A URL for an error's text. */
export function showUrl(url: string): string {
  return quote(redactUrl(url), 200);
}

/** Reads a URL; throws a WebSocketError if it is wrong. */
function parseUrl(value: unknown): Target {
  if (typeof value !== 'string') throw invalidArgument('url', 'a string', value);
  // The URL parser would drop these silently, and they could smuggle in a header.
  if (/[\u0000-\u0020\u007f]/.test(value)) {
    const detail = `${showUrl(value)} has a white space or control character in it; write it as %20 …`;
    throw makeError('WSFD_INVALID_URL', detail);
  }
  if (/^ws\+unix:/i.test(value)) return readUnixUrl(value);
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(value)?.[0].toLowerCase();
  const defaultPort = scheme === undefined ? 0 : DEFAULT_PORTS.get(scheme);
  if (defaultPort === undefined) {
    const detail = `${showUrl(value)} begins with ${scheme === undefined ? 'no scheme' : excerpt(scheme)} where ws:, wss: or ws+unix: is expected`;
    throw makeError('WSFD_UNSUPPORTED_SCHEME', detail);
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    const detail = `${showUrl(value)} is not of the form wss://host[:port]/path`;
    throw makeError('WSFD_INVALID_URL', detail);
  }
  // RFC 6455 section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and
  // MUST NOT be used on these URIs."
  if (value.includes('#')) {
    throw makeError(
      'WSFD_INVALID_URL',
      `${showUrl(value)} has a fragment (#), which no WebSocket URL may have`,
    );
  }
  if (url.hostname === '') throw makeError('WSFD_INVALID_URL', `${showUrl(value)} names no host`);
  const authorization = takeAuthorization(url, value);
  return {
    url: url.href,
    secure: url.protocol === 'wss:',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    hostHeader: url.host,
    resource: url.pathname + url.search,
    path: '',
    authorization,
  };
}

/** sun_path has 108 bytes on Linux, 104 on macOS and the BSDs; the last one is a NUL. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

/** `ws+unix:/path/to.sock:/resource`; on Windows the path is a pipe's, `\\.\pipe\name`. */
function readUnixUrl(value: string): Target {
  const windows = process.platform === 'win32';
  const rest = value.slice('ws+unix:'.length).replace(/^\/\/(?=\/)/, '');
  const [, encoded = '', resource = '/'] = /^([^:]*)(?::(\/.*))?$/.exec(rest) ?? [];
  const path = decodePercent(encoded);
  const expected = `is not of the form ws+unix:${windows ? '\\\\.\\pipe\\name' : '/path/to.sock'}:/resource`;
  if (path === undefined) {
    throw makeError('WSFD_INVALID_URL', `${showUrl(value)} has, in its path, ${ESCAPE_ADVICE}`);
  }
  if (path === '') throw makeError('WSFD_INVALID_URL', `${showUrl(value)} ${expected}`);
  if (path.includes('\0')) {
    const detail = `${showUrl(value)} has a NUL in its path; abstract sockets are not supported`;
    throw makeError('WSFD_INVALID_URL', detail);
  }
  if (value.includes('#'))
    throw makeError('WSFD_INVALID_URL', `${showUrl(value)} has a fragment (#)`);
  if (!windows && Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    const detail = `${showUrl(value)} has a socket's path of more than ${String(MAX_SOCKET_PATH)} bytes`;
    throw makeError('WSFD_INVALID_URL', detail);
  }
  // The rules for the resource are those of any URL.
  const url = new URL(`ws://localhost${resource}`);
  return {
    url: `ws+unix:${encoded}:${url.pathname}${url.search}`,
    secure: false,
    host: 'localhost',
    port: 0,
    hostHeader: 'localhost',
    resource: url.pathname + url.search,
    path,
    authorization: '',
  };
}

/** The last URL that was read: a program opens many connections to one URL. */
let latest: { readonly text: unknown; readonly target: Target } | undefined;

/** Makes one Target for repeated calls with a URL. Credentials are not kept. */
export function parseUrlCached(value: unknown): Target {
  if (latest !== undefined && value === latest.text) return latest.target;
  const target = parseUrl(value);
  if (target.authorization === '') latest = { text: value, target };
  return target;
}

/** The value of an Authorization header for a URL's credentials, which it removes. */
function takeAuthorization(url: URL, value: string): string {
  const refuse = (what: string): Error =>
    makeError('WSFD_INVALID_URL', `${showUrl(value)}: ${what}`);
  const authorization = basicAuthorization(readCredentials(url, refuse), refuse);
  if (authorization !== '') url.username = url.password = '';
  return authorization;
}
