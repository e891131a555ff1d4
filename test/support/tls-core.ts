// native/tls as the tests call it, and a TLS server in memory to talk to: both sides' bytes pass
// through the test, which can cut them anywhere.
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { TLSSocket, createSecureContext } from 'node:tls';
import type { SecureContextOptions, TLSSocketOptions } from 'node:tls';
import { core } from './core';
import type { CoreError } from './handshake-core';

export type TlsStatus = 'ok' | 'wantRead' | 'closed' | 'failed';

/** tls::Config; what is absent has its default there. Nothing but `caCertificates` is trusted. */
export interface TlsConfig {
  caCertificates?: readonly string[];
  crls?: readonly string[];
  /** SHA-256 of a SubjectPublicKeyInfo, 32 bytes each. */
  pins?: readonly Uint8Array[];
  ignoreBits?: number;
  certificate?: string;
  key?: string;
  /** The index in KEY_ALGORITHMS. */
  algorithm?: number;
  passphrase?: string;
  pkcs12?: Buffer;
  minVersion?: number;
  maxVersion?: number;
  cipherSuites?: string;
  groups?: string;
  legacyServerConnect?: boolean;
  keylog?: boolean;
}

export interface TlsTarget {
  host: string;
  port: number;
  serverName?: string;
}

export interface TlsCertificateError {
  keyword: string;
  code: number;
  depth: number;
  subject: string;
  text: string;
  ignored: boolean;
}

export interface TlsCertificateInfo {
  subject: string;
  issuer: string;
  subjectAltNames: string;
  validFrom: string;
  validTo: string;
  serialNumber: string;
  fingerprint256: string;
  pem: string;
}

export interface TlsSessionInfo {
  version: string;
  cipher: string;
  group: string;
  alpn: string;
  serverName: string;
  resumed: boolean;
  chain: TlsCertificateInfo[];
}

/** A tls::Session, opaque. */
export type TlsClient = object & { readonly brand: 'TlsClient' };

export interface TlsCore {
  tlsCreate(config: TlsConfig, target: TlsTarget): TlsClient | CoreError;
  /** Whether a connection would be offered a session at `time` (Date.now()), which is then gone. */
  tlsTakesSession(config: TlsConfig, target: TlsTarget, time: number): boolean;
  /** A session in `inner` through that of `outer`, which are both its own from then on. */
  tlsNest(outer: TlsClient, inner: TlsClient, early: Buffer): TlsClient;
  tlsDestroy(client: TlsClient): void;
  tlsSetInput(client: TlsClient, bytes: Uint8Array): void;
  tlsHandshake(client: TlsClient): TlsStatus;
  tlsRead(client: TlsClient, capacity: number): { status: TlsStatus; data: Buffer };
  tlsWrite(client: TlsClient, bytes: Uint8Array): TlsStatus;
  tlsSendCloseNotify(client: TlsClient): void;
  tlsTakeOutput(client: TlsClient): Buffer;
  tlsError(client: TlsClient): CoreError;
  tlsCertificateErrors(client: TlsClient): TlsCertificateError[];
  tlsInfo(client: TlsClient): TlsSessionInfo;
  /** Whether OpenSSL holds the chains of both clients' peers as the same objects. */
  tlsSharesCertificates(client: TlsClient, other: TlsClient): boolean;
  /** How many chains of peers the configuration's context knows of. */
  tlsKnownChains(config: TlsConfig): number;
  /** The types of the keys that are left of the key exchange: the client's, the server's. */
  tlsEphemeralKeys(client: TlsClient): string[];
  tlsTakeKeyLog(client: TlsClient): string;
  tlsKeywords(): string[];
  tlsKeywordOf(code: number): string;
}

export const tls = core as unknown as TlsCore;

export const tls12 = 0x0303;
export const tls13 = 0x0304;

/** The index of each is its number in TlsConfig. */
export const keyAlgorithms = ['RSA', 'DSA', 'EC', 'ED25519', 'ED448'] as const;

/** Bits for TlsConfig.ignoreBits. */
export const ignoring = (...keywords: string[]): number =>
  keywords.reduce((bits, keyword) => bits | (1 << tls.tlsKeywords().indexOf(keyword)), 0);

export const ignoringAll = (): number => ignoring(...tls.tlsKeywords());

/** A client that must come to be. */
export function createClient(config: TlsConfig, target: TlsTarget): TlsClient {
  const client = tls.tlsCreate(config, target);
  if ('code' in client) throw new Error(`${client.code}: ${client.detail}`);
  return client;
}

/** The error of a configuration that must not pass. */
export function configError(config: TlsConfig): CoreError {
  const result = tls.tlsCreate(config, { host: 'localhost', port: 1 });
  if (!('code' in result)) throw new Error('the configuration was accepted');
  return result;
}

export type MemoryServerOptions = TLSSocketOptions & SecureContextOptions;

/** A TLS server without a network. */
export class MemoryServer {
  /** What the server has sent and the client has not been given. */
  private sent: Buffer[] = [];
  private wake: (() => void) | undefined;
  private readonly wire: Duplex;
  readonly socket: TLSSocket;
  /** OpenSSL's code of the error that ended the server's side. */
  failure: string | undefined;

  /** Whether the server's side has completed the handshake. */
  isSecure = false;

  constructor(options: MemoryServerOptions) {
    this.wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        this.sent.push(chunk);
        this.wake?.();
        done();
      },
    });
    const secureContext = options.secureContext ?? createSecureContext(options);
    this.socket = new TLSSocket(this.wire, { ...options, isServer: true, secureContext });
    this.socket.once('secure', () => (this.isSecure = true));
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code;
      this.wake?.();
    });
  }

  give(bytes: Buffer): void {
    if (bytes.length > 0) this.wire.push(bytes);
  }

  /** What was sent, once there is some; empty when the server has failed and says no more. */
  async take(): Promise<Buffer> {
    while (this.sent.length === 0 && this.failure === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return Buffer.concat(this.sent.splice(0));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Bytes in pieces of this size. */
export function* inPieces(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Shakes hands, the server's bytes given in pieces of `size`; returns what it came to. */
export async function shakeHands(
  client: TlsClient,
  server: MemoryServer,
  size = Infinity,
): Promise<TlsStatus> {
  let status = tls.tlsHandshake(client);
  while (status === 'wantRead') {
    server.give(tls.tlsTakeOutput(client));
    const bytes = await server.take();
    if (bytes.length === 0) return status;
    for (const piece of inPieces(bytes, size)) {
      tls.tlsSetInput(client, piece);
      status = tls.tlsHandshake(client);
      if (status !== 'wantRead') return status;
    }
  }
  return status;
}

export interface TlsConnection {
  readonly client: TlsClient;
  readonly server: MemoryServer;
}

/** A connection whose handshake both sides have completed. */
export async function connect(
  config: TlsConfig,
  target: TlsTarget,
  options: MemoryServerOptions,
  size?: number,
): Promise<TlsConnection> {
  const server = new MemoryServer(options);
  const client = createClient(config, target);
  const status = await shakeHands(client, server, size);
  if (status !== 'ok') throw new Error(`${status}: ${tls.tlsError(client).detail}`);
  const secured = server.isSecure ? undefined : once(server.socket, 'secure');
  server.give(tls.tlsTakeOutput(client));
  await secured;
  return { client, server };
}

/** Reads `count` bytes that the server sends, its ciphertext given in pieces of `size`. */
export async function readAll(
  client: TlsClient,
  server: MemoryServer,
  count: number,
  size = Infinity,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let left = count;
  while (left > 0) {
    for (const piece of inPieces(await server.take(), size)) {
      tls.tlsSetInput(client, piece);
      const { status, data } = tls.tlsRead(client, count + 1);
      if (status !== 'wantRead') throw new Error(`${status}: ${tls.tlsError(client).detail}`);
      parts.push(data);
      left -= data.length;
    }
  }
  return Buffer.concat(parts);
}
