// A TCP relay in front of a TLS server that notes which TLS records the client sends, so that a test
// can say from the wire, and not only from what the server understood, what a client has let out.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Arrivals } from './arrivals';
import { listen, urlOf } from './fixture';
import type { Fixture } from './fixture';

/** Content types of TLS records (RFC 8446 section 5.1; RFC 5246 section 6.2.1). */
const contentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** The handshake type of a ClientHello (RFC 8446 section 4). */
const clientHello = 1;

export interface TlsRecordSeen {
  readonly contentType: number;
  /** Bytes of the record without its header. */
  readonly length: number;
  /** Its first byte: of a handshake record in plaintext, the handshake type. */
  readonly firstByte: number;
}

export interface TapConnection {
  /** The records that the client has sent, complete once `ended` has resolved. */
  readonly records: readonly TlsRecordSeen[];
  /** Bytes that the client has sent. */
  readonly bytes: number;
  /** Resolves when the client's side of the connection has ended. */
  readonly ended: Promise<void>;
}

export interface Tap extends Fixture {
  readonly connections: Arrivals<TapConnection>;
}

const headerLength = 5;

/**
 * Bytes of a record of TLS 1.3 that holds an alert: its two, the true content type, and the tag of
 * 16. The content type of what is encrypted is hidden, but not its length.
 */
export const alertLength = 2 + 1 + 16;

/** Cuts what has come so far into records; the last one may be incomplete. */
function recordsOf(bytes: Buffer): TlsRecordSeen[] {
  const records: TlsRecordSeen[] = [];
  for (let at = 0; at + headerLength < bytes.length;) {
    const length = bytes.readUInt16BE(at + 3);
    const firstByte = bytes.readUInt8(at + headerLength);
    records.push({ contentType: bytes.readUInt8(at), length, firstByte });
    at += headerLength + length;
  }
  return records;
}

function relay(client: Socket, port: number): TapConnection {
  const server = connect(port, '127.0.0.1');
  let seen = Buffer.alloc(0);
  client.on('data', (chunk: Buffer) => (seen = Buffer.concat([seen, chunk])));
  client.pipe(server).pipe(client);
  server.on('error', () => client.destroy());
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.once('close', () => server.destroy());
  return {
    get records() {
      return recordsOf(seen);
    },
    get bytes() {
      return seen.length;
    },
    ended,
  };
}

/** Starts a relay to a server on this port of 127.0.0.1. */
export async function startTap(port: number): Promise<Tap> {
  const connections: Tap['connections'] = new Arrivals('TCP connection');
  const server = createServer((client) => connections.push(relay(client, port)));
  const listening = await listen(server);
  return { ...listening, url: urlOf(listening.port, true), connections };
}

/**
 * Waits for the end of a connection, then: the client has sent its ClientHello and an alert. No
 * certificate, no finished handshake and no application byte, whatever the server made of it.
 */
export async function assertOnlyAlert(connection: TapConnection): Promise<void> {
  await connection.ended;
  const [hello, ...rest] = connection.records;
  assert.equal(hello?.contentType, contentType.handshake);
  assert.equal(hello.firstByte, clientHello);
  const told = rest.filter((record) => record.contentType !== contentType.changeCipherSpec);
  assert.equal(told.length, 1, JSON.stringify(told));
  const { alert, applicationData } = contentType;
  const [last] = told;
  assert.ok(last?.contentType === alert || last?.contentType === applicationData);
  assert.equal(last.length, last.contentType === alert ? 2 : alertLength);
}
