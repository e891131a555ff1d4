// What the TLS tests do with a client again and again.
import assert from 'node:assert/strict';
import { webSocketInfo, webSocketOpen, webSocketWrite } from 'wsfd';
import type { OpenOptions, SslErrorKeyword, WebSocketError, WebSocketInfo } from 'wsfd';
import { close, failure, fails, ok, open, read } from './calls';

/** The error of an open that must give -1. */
export const openRefused = (url: string, options: OpenOptions = {}): Promise<WebSocketError> =>
  failure(() => webSocketOpen(url, options));

/** As openRefused, where the certificate is why: exactly these errors were found in it. */
export async function openRefusedFor(
  keywords: readonly SslErrorKeyword[],
  url: string,
  options: OpenOptions = {},
): Promise<WebSocketError> {
  const error = await fails(() => webSocketOpen(url, options), 'WSFD_CERTIFICATE_REFUSED');
  assert.equal(error.category, 'tls');
  assert.deepEqual(Object.keys(error.sslErrors ?? {}).sort(), [...keywords].sort());
  return error;
}

/** Opens, sees a message come back, closes. Returns what webSocketInfo said while it was open. */
export async function openAndEcho(url: string, options?: OpenOptions): Promise<WebSocketInfo> {
  const socket = await open(url, options);
  await ok(webSocketWrite(socket, 'hällo'));
  assert.equal(await read(socket), 'hällo');
  const info = webSocketInfo(socket);
  assert.ok(info !== undefined);
  await close(socket);
  return info;
}

/** The keywords of the TLS errors that were ignored, in the order of the alphabet. */
export function ignoredKeywords(info: WebSocketInfo): string[] {
  const keywords = (info.tls?.ignoredErrors ?? []).map(({ keyword }) => keyword);
  return [...new Set(keywords)].sort();
}
