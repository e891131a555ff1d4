import { invalidArgument } from './argument.js';
import { makeError } from './errors.js';

/** Where a WebSocket URL leads (RFC 6455 section 3). */
export interface Target {
  /** The URL without its credentials, for messages and webSocketInfo. */
  url: string;
  secure: boolean;
  /** Name or IP address without brackets. */
  host: string;
  port: number;
  /** For the Host header: with brackets, and with a port that is not the scheme's own. */
  hostHeader: string;
  /** Path and query. */
  resource: string;
  /** The value of an Authorization header for credentials in the URL; empty: none. */
  authorization: string;
}

const DEFAULT_PORTS = new Map([
  ['ws:', 80],
  ['wss:', 443],
]);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads a URL; throws the WebSocketError that says what is wrong with it. */
export function readUrl(value: unknown): Target {
  if (typeof value !== 'string') throw invalidArgument('url', 'a string', value);
  // Credentials are nobody's business.
  const safe = value.replace(/\/\/[^/?#]*@/, '//***@');
  const shown = JSON.stringify(safe.length > 200 ? `${safe.slice(0, 200)}…` : safe);
  // The URL parser would drop these without a word, and a header could be smuggled in with them.
  if (/[\u0000-\u0020\u007f]/.test(value)) {
    const detail = `${shown} has a white space or control character in it; write it as %20 …`;
    throw makeError('WSFD_INVALID_URL', detail);
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(value)?.[0].toLowerCase();
  const defaultPort = scheme === undefined ? 0 : DEFAULT_PORTS.get(scheme);
  if (defaultPort === undefined) {
    const detail = `${shown} begins with ${String(scheme)} where ws: or wss: is expected`;
    throw makeError('WSFD_UNSUPPORTED_SCHEME', detail);
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    const detail = `${shown} is not of the form wss://host[:port]/path`;
    throw makeError('WSFD_INVALID_URL', detail);
  }
  // RFC 6455 section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and
  // MUST NOT be used on these URIs."
  if (value.includes('#')) {
    throw makeError(
      'WSFD_INVALID_URL',
      `${shown} has a fragment (#), which no WebSocket URL may have`,
    );
  }
  if (url.hostname === '') throw makeError('WSFD_INVALID_URL', `${shown} names no host`);
  const authorization = authorizationOf(url);
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    secure: url.protocol === 'wss:',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    hostHeader: url.host,
    resource: url.pathname + url.search,
    authorization,
  };
}

/** RFC 7617: the Basic scheme, with the credentials as UTF-8. */
function authorizationOf(url: URL): string {
  if (url.username === '' && url.password === '') return '';
  const credentials = `${decode(url.username)}:${decode(url.password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}
