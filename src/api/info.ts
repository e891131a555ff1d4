import { thrownError } from '../errors/errors.js';
import type { CertificateError } from '../errors/errors.js';
import type { Inbox } from '../socket/inbox.js';
import { clearLastErrors, failSync } from '../socket/last-error.js';
import { native } from '../native/addon.js';
import type { NativeCertificate, NativeInfo } from '../native/addon.js';
import { STATES } from '../native/shared.js';
import { anySocket, invalidSocket, openInboxes } from '../socket/sockets.js';

/** `localClosing`: wsfd has sent a close frame; `remoteClosing`: the server has. */
export type WebSocketState = (typeof STATES)[number];

/** A certificate, as the server sent it. Times are ISO 8601. */
export type PeerCertificate = Readonly<NativeCertificate>;

/** Properties of a TLS connection. */
export interface WebSocketTlsInfo {
  /** The TlsVersion, such as `TLSv1.3`. */
  readonly version: string;
  /** The cipher suite's standard name. */
  readonly cipher: string;
  /** The key exchange group; empty: OpenSSL reports none. */
  readonly group: string;
  /** The protocol negotiated by ALPN; empty: none. */
  readonly alpn: string;
  /** The host name sent as SNI; empty: none. */
  readonly serverName: string;
  /** True if an earlier session was resumed. */
  readonly resumed: boolean;
  /** The server's own certificate; undefined: it sent none. */
  readonly peerCertificate: PeerCertificate | undefined;
  /** The chain as the server sent it, its own certificate first. */
  readonly chain: readonly PeerCertificate[];
  /** TLS errors that `ignoreSslErrors` let pass. */
  readonly ignoredErrors: readonly CertificateError[];
}

/** The result of `webSocketInfo`. Counters begin at the opening of the connection. */
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
  /** The server's close code; 1005: its close frame had none; 1006: no close frame. */
  readonly closeCode: number;
  readonly closeReason: string;
  /** True if the server's close frame came before ours went out. */
  readonly closedByPeer: boolean;
  /** True while `receiveHighWaterMark` stops reading from the network. */
  readonly paused: boolean;
  /** Accepted bytes that the operating system has not taken yet. */
  readonly bufferedBytes: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Payload bytes of messages, uncompressed. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames, control frames included. */
  readonly framesIn: number;
  readonly framesOut: number;
  /** System calls that received or sent bytes. */
  readonly reads: number;
  readonly writes: number;
  /**
   * Milliseconds from the last answered ping, of `webSocketPing` or of `pingInterval`, to its pong;
   * undefined: no answer yet.
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

/** The info of an inbox's socket; undefined if its slot is free. */
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
 * The state and counters of a socket.
 *
 * @param socket A number that webSocketOpen or webSocketOpenSync returned.
 * @returns A snapshot; undefined on an error, such as an invalid number.
 */
export function webSocketInfo(socket: number): WebSocketInfo | undefined {
  const inbox = anySocket(socket);
  try {
    const info = inbox === undefined ? undefined : infoOf(inbox);
    if (info === undefined) failSync(invalidSocket(socket), 'webSocketInfo');
    else clearLastErrors();
    return info;
  } catch (thrown) {
    failSync(thrownError(thrown, inbox?.url ?? ''), 'webSocketInfo', inbox);
    return undefined;
  }
}

/**
 * The WebSocketInfo of all sockets of this thread that were not closed, including those whose
 * connection has ended.
 *
 * @returns Snapshots in the order in which the openings, or their last redirects, began; empty on
 *   an error.
 */
export function webSocketList(): readonly WebSocketInfo[] {
  clearLastErrors();
  try {
    return Array.from(openInboxes(), infoOf).filter((info) => info !== undefined);
  } catch (thrown) {
    failSync(thrownError(thrown, 'all sockets'), 'webSocketList');
    return [];
  }
}
