/** Redirects: the target and settings of the next attempt, or the error that ends the opening. */
import { describe } from '../errors/argument.js';
import { makeError, WebSocketError } from '../errors/errors.js';
import { settingsFor } from '../options/open-options.js';
import type { Draft, OpenSettings } from '../options/open-options.js';
import { defaultTlsSettings } from '../options/tls.js';
import { URL } from '../base/platform.js';
import { parseUrlCached, WEBSOCKET_SCHEMES } from '../options/url.js';
import type { Target } from '../options/url.js';

/** RFC 9110 section 15.4: the status codes that redirect to one Location. */
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

/** The same error with `advice` in its message. */
function withAdvice(error: WebSocketError, advice: string): WebSocketError {
  const { message, code } = error;
  return Object.assign(new WebSocketError(code, `${message}; ${advice}`), error);
}

/** A Location, resolved against `from`, as a WebSocket URL; undefined: it is none. */
function locate(location: string, from: Target): string | undefined {
  let url: URL;
  try {
    url = new URL(location, from.path === '' ? from.url : `ws://localhost${from.resource}`);
  } catch {
    return undefined;
  }
  const scheme = WEBSOCKET_SCHEMES.get(url.protocol);
  if (scheme === undefined) return undefined;
  url.protocol = scheme;
  // RFC 6455 section 3: a fragment "MUST NOT be used on these URIs".
  url.hash = '';
  return url.href;
}

/** The target of a redirect; on a Unix domain socket a path alone stays on that socket. */
function targetOf(location: string, from: Target): Target | undefined {
  const url = locate(location, from);
  if (url === undefined) return undefined;
  const target = parseUrlCached(url);
  if (target.port === 0) return undefined;
  const stays = from.path !== '' && target.hostHeader === 'localhost' && !target.secure;
  return stays
    ? parseUrlCached(from.url.slice(0, -from.resource.length) + target.resource)
    : target;
}

/** The draft without credentials, Host header and server name of the original host. */
function withoutCredentials(draft: Draft): Draft {
  const dropped = ['authorization', 'cookie', 'host', 'proxy-authorization'];
  const { headers, tls } = draft;
  const kept = (_: string, i: number): boolean =>
    !dropped.includes((headers[i - (i % 2)] ?? '').toLowerCase());
  const none = defaultTlsSettings().native;
  return {
    ...draft,
    headers: headers.filter(kept),
    tls: {
      ...tls,
      serverName: undefined,
      native: {
        ...tls.native,
        localCertificate: none.localCertificate,
        privateKey: none.privateKey,
        keyAlgorithm: none.keyAlgorithm,
        passphrase: none.passphrase,
        pkcs12: none.pkcs12,
      },
    },
  };
}

/** True if `to` may get what is meant for `from`: same host and port, or ws on 80 to wss on 443. */
function isSameHost(from: Target, to: Target): boolean {
  if (from.path !== to.path || from.host !== to.host) return false;
  return (
    from.port === to.port || (!from.secure && from.port === 80 && to.secure && to.port === 443)
  );
}

/** The settings for the next attempt, `passedMs` of the timeout later. */
function settingsAt(target: Target, settings: OpenSettings, passedMs: number): OpenSettings {
  const { target: from, draft } = settings;
  const same = isSameHost(from, target);
  const next = { ...(same ? draft : withoutCredentials(draft)) };
  if (next.timeoutMs !== 0) next.timeoutMs = Math.max(1, Math.ceil(next.timeoutMs - passedMs));
  const { authorization } = same && target.authorization === '' ? from : target;
  const made = settingsFor({ ...target, authorization }, next, settings.redirectsLeft - 1);
  // (the signal is not always the options' own)
  return { ...made, signal: settings.signal };
}

/** The settings for the next attempt, or the error that ends the opening. */
export function followRedirect(
  settings: OpenSettings,
  error: WebSocketError,
  passedMs: number,
): OpenSettings | WebSocketError {
  if (
    error.code !== 'WSFD_HANDSHAKE_REFUSED' ||
    !REDIRECTS.includes(error.httpStatus) ||
    settings.mostRedirects === 0
  ) {
    return error;
  }
  const location = error.httpHeaders?.['location'];
  if (typeof location !== 'string') {
    return withAdvice(error, 'it redirects without one Location, so it cannot be followed');
  }
  if (settings.redirectsLeft === 0) {
    const detail = `followRedirects allows ${String(settings.mostRedirects)}; ${error.message}`;
    const { httpStatus, httpHeaders, httpBody } = error;
    const known = Object.fromEntries(
      Object.entries({ httpStatus, httpHeaders, httpBody }).filter(([, v]) => v !== undefined),
    );
    return makeError('WSFD_TOO_MANY_REDIRECTS', detail, known);
  }
  try {
    const target = targetOf(location, settings.target);
    if (target === undefined) {
      return withAdvice(error, 'that is no place for a WebSocket, so it is not followed');
    }
    if (settings.target.secure && !target.secure) {
      return withAdvice(error, 'from wss to ws, which is never followed');
    }
    return settingsAt(target, settings, passedMs);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : describe(thrown);
    return withAdvice(error, `it cannot be followed: ${why}`);
  }
}
