// OpenSSL's TLS server in memory (test/native/testing), which does what Node's cannot be made to do, and
// native/tls as its client: both sides' bytes pass through the test.
import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { makeCertificate } from './certificates';
import { addon } from './core';
import { createClient, inPieces, tls, tls12, tls13 } from './tls-core';
import type { TlsClient, TlsConfig, TlsTarget } from './tls-core';

/** 'ok', 'wantRead', or the reason of a failure. */
export type TlsServerOutcome = string;

export interface TlsServerOptions {
  cert: string;
  key: string;
  /** OpenSSL's number; absent: the default. */
  minVersion?: number;
  maxVersion?: number;
  /** OpenSSL's names, of TLS 1.2. */
  ciphers?: string;
}

export interface TlsServer {
  /** What the client has sent. */
  give(bytes: Uint8Array): void;
  /** What is to be sent to the client. */
  take(): Buffer;
  handshake(): TlsServerOutcome;
  write(bytes: Uint8Array): TlsServerOutcome;
  /** All that can be read, and why there is no more; 'closed' after a close_notify. */
  read(): { status: TlsServerOutcome; data: Buffer };
  /** TLS 1.3. */
  keyUpdate(answerWanted: boolean): TlsServerOutcome;
  /** TLS 1.2: asks for renegotiation. */
  helloRequest(): TlsServerOutcome;
  closeNotify(): void;
  /** NSS key log lines, each with its newline. */
  takeKeyLog(): string;
}

interface TlsServerCore {
  /** With a server instead of options: one that knows the sessions of the other. */
  TlsServer: new (options: TlsServerOptions | TlsServer) => TlsServer;
}

export const { TlsServer } = addon as TlsServerCore;

export const versions = [
  ['TLSv1.2', tls12],
  ['TLSv1.3', tls13],
] as const;

const certificate = makeCertificate({ san: ['DNS:localhost'] });

/** Both ends of a connection whose handshake is done; nothing of it is under way. */
export interface TlsPair {
  readonly client: TlsClient;
  readonly server: TlsServer;
  /** What the client was made of. */
  readonly config: TlsConfig;
  readonly target: TlsTarget;
}

export function connectPair(version: number, config: TlsConfig = {}, sibling?: TlsServer): TlsPair {
  const range = { minVersion: version, maxVersion: version };
  const { cert, key } = certificate;
  const server = new TlsServer(sibling ?? { cert, key, ...range });
  const trusting = { caCertificates: [cert], ...range, ...config };
  const target = { host: 'localhost', port: 1, serverName: 'localhost' };
  const client = createClient(trusting, target);
  let atServer: TlsServerOutcome = 'wantRead';
  let atClient: string = tls.tlsHandshake(client);
  while (atClient === 'wantRead' || atServer === 'wantRead') {
    server.give(tls.tlsTakeOutput(client));
    atServer = server.handshake();
    tls.tlsSetInput(client, server.take());
    atClient = tls.tlsHandshake(client);
  }
  assert.deepEqual([atClient, atServer], ['ok', 'ok'], tls.tlsError(client).detail);
  return { client, server, config: trusting, target };
}

/** What the client reads of these bytes, given in pieces of `size`; it must not come to an end. */
export function receive(client: TlsClient, bytes: Buffer, size = Infinity): Buffer {
  const parts: Buffer[] = [];
  for (const piece of inPieces(bytes, size)) {
    tls.tlsSetInput(client, piece);
    const { status, data } = tls.tlsRead(client, Math.max(bytes.length, 16_385));
    assert.equal(status, 'wantRead', tls.tlsError(client).detail);
    parts.push(data);
  }
  return Buffer.concat(parts);
}

/** What the server reads of what the client has to send. */
export function receiveAtServer({ client, server }: TlsPair): Buffer {
  server.give(tls.tlsTakeOutput(client));
  const { status, data } = server.read();
  assert.equal(status, 'wantRead');
  return data;
}

/** HKDF-Expand-Label (RFC 8446 section 7.1) of an empty context and up to 32 bytes. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([
    Buffer.from([0, length, name.length]),
    name,
    Buffer.from([0]), // the context's length
    Buffer.from([1]), // the counter of HKDF-Expand (RFC 5869 section 2.3)
  ]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

/**
 * Makes records of TLS 1.3 that hold whatever the test wants, under TLS_AES_128_GCM_SHA256 and the
 * server's first traffic secret. `sequence` counts the records that the server has sent with it.
 */
export function sealerOf(
  server: TlsServer,
): (sequence: number, contentType: number, contents: Uint8Array) => Buffer {
  const [, hex = ''] = /^SERVER_TRAFFIC_SECRET_0 \S+ (\S+)$/m.exec(server.takeKeyLog()) ?? [];
  const secret = Buffer.from(hex, 'hex');
  assert.equal(secret.length, 32);
  const [key, iv] = [expandLabel(secret, 'key', 16), expandLabel(secret, 'iv', 12)];
  return (sequence, contentType, contents) => {
    // RFC 8446 section 5.3: the sequence number, padded to the left, XORed with the IV.
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    const header = Buffer.from([23, 3, 3, 0, 0]);
    header.writeUInt16BE(contents.length + 1 + 16, 3);
    const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header);
    const sealed = [cipher.update(contents), cipher.update(Buffer.from([contentType]))];
    return Buffer.concat([header, ...sealed, cipher.final(), cipher.getAuthTag()]);
  };
}
