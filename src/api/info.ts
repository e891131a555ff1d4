import { thrownError } from '../errors/errors.js';
import type { CertificateError } from '../errors/errors.js';
import type { Inbox } from '../socket/inbox.js';
import { clearLastErrors, failNow } from '../socket/last-error.js';
import { native } from '../native/addon.js';
import type { NativeCertificate, NativeInfo } from '../native/addon.js';
import { STATES } from '../native/shared.js';
import { anySocket, invalidSocket, openInboxes } from '../socket/sockets.js';

/** Where a connection is. */
export type WebSocketState = (typeof STATES)[number];

/** A certificate, as the server sent it. Times are ISO 8601. */
export type PeerCertificate = Readonly<NativeCertificate>;

/** What is known of a TLS connection. */
export interface WebSocketTlsInfo {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  /** The cipher suite's standard name. */
  readonly cipher: string;
  /** Key exchange group; empty where OpenSSL does not tell. */
  readonly group: string;
  /** The protocol that ALPN chose; empty: none. */
  readonly alpn: string;
  /** What was sent as SNI; empty: nothing. */
  readonly serverName: string;
  /** True if an earlier session was resumed. */
  readonly resumed: boolean;
  /** The server's own certificate; undefined if it showed none. */
  readonly peerCertificate: PeerCertificate | undefined;
  /** The chain as the server sent it, its own certificate first. */
  readonly chain: readonly PeerCertificate[];
  /** TLS errors that `ignoreSslErrors` let pass. */
  readonly ignoredErrors: readonly CertificateError[];
}

/** What `webSocketInfo` tells. Counters begin at the opening of the connection. */
export interface WebSocketInfo {
  /** The number that webSocketOpen returned. */
  readonly socket: number;
  readonly state: WebSocketState;
  /** Without credentials. */
  readonly url: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The subprotocol that the server chose; empty: none. */
  readonly subprotocol: string;
  /** The extensions that the server accepted, with the parameters of its answer; empty: none. */
  readonly extensions: string;
  /** The server's close code; 1005: its close frame had none; 1006: none came. */
  readonly closeCode: number;
  readonly closeReason: string;
  /** True if the server's close frame came before ours went out. */
  readonly closedByPeer: boolean;
  /** True while reading from the network stops, past `receiveHighWaterMark`. */
  readonly paused: boolean;
  /** Bytes that were accepted and are not yet handed to the operating system. */
  readonly bufferedBytes: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Payload bytes of messages, as they are before compression. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames, control frames included. */
  readonly framesIn: number;
  readonly framesOut: number;
  /** System calls that received or sent something. */
  readonly reads: number;
  readonly writes: number;
  /**
   * Milliseconds from the last ping that was answered, be it one of `webSocketPing` or of
   * `pingInterval`, to its pong; undefined before there was one.
   */
  readonly roundTripMs: number | undefined;
  readonly tls: WebSocketTlsInfo | undefined;
}

function tlsInfo(info: NonNullable<NativeInfo['tls']>): WebSocketTlsInfo {
  const { certificateErrors, ...rest } = info;
  return {
    ...rest,
    peerCertificate: info.chain[0],
    ignoredErrors: certificateErrors.filter(({ ignored }) => ignored),
  };
}

/** What is known of an inbox's socket; undefined if native code knows it no more. */
function infoOf(inbox: Inbox): WebSocketInfo | undefined {
  const info = native.info(inbox.slot);
  if (info === undefined) return undefined;
  return {
    socket: inbox.number,
    ...info,
    state: STATES[info.state] ?? 'closed',
    url: inbox.url,
    paused: inbox.isPaused,
    roundTripMs: inbox.roundTripMs,
    tls: info.tls === undefined ? undefined : tlsInfo(info.tls),
  };
}

/**
 * What is known of a socket.
 *
 * @param socket A number that webSocketOpen returned.
 * @returns A snapshot; undefined for a number that is no open socket's, and `getLastError()` says so.
 */
export function webSocketInfo(socket: number): WebSocketInfo | undefined {
  const inbox = anySocket(socket);
  try {
    const info = inbox === undefined ? undefined : infoOf(inbox);
    if (info === undefined) failNow(invalidSocket(socket), 'webSocketInfo');
    else clearLastErrors();
    return info;
  } catch (thrown) {
    failNow(thrownError(thrown, inbox?.url ?? ''), 'webSocketInfo', inbox);
    return undefined;
  }
}

/**
 * What is known of all sockets of this thread that were opened and not closed, also of those whose
 * connection has ended.
 *
 * @returns A snapshot, in the order in which they were opened.
 */
export function webSocketList(): readonly WebSocketInfo[] {
  clearLastErrors();
  try {
    return Array.from(openInboxes(), infoOf).filter((info) => info !== undefined);
  } catch (thrown) {
    failNow(thrownError(thrown, 'all sockets'), 'webSocketList');
    return [];
  }
}
