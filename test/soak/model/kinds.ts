// What can become of a connection in a run: a row for each way to live and to end, with how often it
// is chosen and what each call may then give. Results are written as '0', '1', '-1 <code>' or
// '-2 <code>'; 'ok' is a socket number.

/** Who is on the other side: uWebSockets.js; `ws`, net and tls; the same in a process that is killed. */
export type ServerName = 'uws' | 'node' | 'fragile';

/** 'certificate': the server wants a client certificate. 'strange': its own is not in order. */
export type Secure = 'plain' | 'TLSv1.2' | 'TLSv1.3' | 'certificate' | 'strange';

/** What the end of a connection looks like to a client that did not end it. */
const lost = ['-1 WSFD_CONNECTION_LOST', '-1 WSFD_CLOSED_ABNORMALLY', '-1 WSFD_TLS_TRUNCATED'];
const lostOpening = [
  ...lost,
  '-1 WSFD_CONNECT_FAILED',
  '-1 WSFD_HANDSHAKE_ENDED',
  '-1 WSFD_PROXY_REFUSED',
];
/** A read that waits is told that the socket was closed; one that comes later has a stale number. */
const closedByUs = ['1', '-1 WSFD_INVALID_SOCKET'];

export interface Kind {
  /** How often it is chosen, in relation to the others. */
  readonly weight: number;
  readonly servers: readonly ServerName[];
  readonly secure: readonly Secure[];
  /** False: the server writes past its WebSocket layer, which must have nothing in hand then. */
  readonly deflate?: boolean;
  /** True: it may be reached through a proxy. */
  readonly proxy?: boolean;
  /** Which of the answers below is expected is the variant's to say, where it has a list there. */
  readonly variants?: Readonly<Record<string, readonly string[]>>;
  /** What webSocketOpen gives; absent: 'ok'; 'variant': what the variant says. */
  readonly open?: readonly string[] | 'variant';
  /** What reading ends with. */
  readonly end?: readonly string[] | 'variant';
  /** What webSocketClose gives; absent: '0'. */
  readonly close?: readonly string[];
  /** Who ends it, and when: after all was exchanged, or in the midst of it. */
  readonly ends: 'client' | 'server' | 'clientEarly' | 'serverEarly' | 'never';
  /** True: all that the server sent before it ended the connection arrives. */
  readonly complete?: boolean;
}

const anywhere = ['plain', 'plain', 'TLSv1.2', 'TLSv1.3'] as const;
const withCertificate = [...anywhere, 'certificate'] as const;
const both = ['uws', 'node'] as const;
const node = ['node'] as const;
/** uWebSockets.js drops what it has not sent when it closes, whoever the client is. */
const closing = node;

const violations = {
  reservedBits: ['-1 WSFD_RESERVED_BITS'],
  reservedOpcode: ['-1 WSFD_RESERVED_OPCODE'],
  masked: ['-1 WSFD_MASKED_FRAME'],
  lengthNotMinimal: ['-1 WSFD_LENGTH_NOT_MINIMAL'],
  longPing: ['-1 WSFD_CONTROL_FRAME_TOO_LONG'],
  fragmentedPing: ['-1 WSFD_CONTROL_FRAME_FRAGMENTED'],
  continuation: ['-1 WSFD_CONTINUATION_UNEXPECTED'],
  closeCode: ['-1 WSFD_CLOSE_CODE_INVALID'],
  text: ['-1 WSFD_TEXT_NOT_UTF8'],
  tooBig: ['-1 WSFD_MESSAGE_TOO_BIG'],
};

const answers = {
  garbage: ['-1 WSFD_HANDSHAKE_MALFORMED'],
  accept: ['-1 WSFD_HANDSHAKE_ACCEPT_INVALID'],
  extension: ['-1 WSFD_HANDSHAKE_EXTENSION_INVALID'],
  subprotocol: ['-1 WSFD_HANDSHAKE_SUBPROTOCOL_INVALID'],
  upgrade: ['-1 WSFD_HANDSHAKE_UPGRADE_INVALID'],
  huge: ['-1 WSFD_HANDSHAKE_HEAD_TOO_LARGE'],
  end: ['-1 WSFD_HANDSHAKE_ENDED'],
  // Node ends its side before it resets the connection.
  reset: ['-1 WSFD_CONNECTION_LOST', '-1 WSFD_HANDSHAKE_ENDED'],
};

const refused = ['-1 WSFD_HANDSHAKE_REFUSED'];
const statuses = { 302: refused, 401: refused, 403: refused, 404: refused, 426: refused };
const server5xx = { 500: refused, 503: refused };

const certificates = {
  expired: ['CertificateExpired'],
  elsewhere: ['HostNameMismatch'],
  selfsigned: ['SelfSignedCertificate'],
  stranger: ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'],
};

const aborted = ['-1 WSFD_ABORTED'];

const rows = {
  // All is exchanged, then it is closed.
  finish: {
    weight: 30,
    servers: both,
    secure: withCertificate,
    proxy: true,
    ends: 'client',
    end: closedByUs,
  },
  serverClose: {
    weight: 10,
    servers: closing,
    secure: withCertificate,
    proxy: true,
    ends: 'server',
    end: ['1'],
  },
  crossing: { weight: 6, servers: closing, secure: anywhere, ends: 'client', end: closedByUs },
  // The server does not read for a while; neither does the client.
  stall: { weight: 4, servers: node, secure: anywhere, ends: 'client', end: closedByUs },
  lazy: { weight: 5, servers: closing, secure: anywhere, ends: 'client', end: closedByUs },
  redirect: {
    weight: 3,
    servers: node,
    secure: ['plain', 'TLSv1.3'],
    ends: 'client',
    end: closedByUs,
  },
  ignoredCertificate: {
    weight: 2,
    servers: node,
    secure: ['strange'],
    ends: 'client',
    end: closedByUs,
    variants: certificates,
  },
  // It ends in the midst of it.
  closeEarly: {
    weight: 10,
    servers: both,
    secure: withCertificate,
    proxy: true,
    ends: 'clientEarly',
    end: closedByUs,
  },
  terminate: {
    weight: 8,
    servers: both,
    secure: withCertificate,
    proxy: true,
    ends: 'clientEarly',
    end: closedByUs,
  },
  serverCloseEarly: {
    weight: 8,
    servers: closing,
    secure: anywhere,
    ends: 'serverEarly',
    end: ['1'],
    complete: true,
  },
  reset: {
    weight: 6,
    servers: node,
    secure: anywhere,
    deflate: false,
    ends: 'serverEarly',
    end: lost,
  },
  halfClose: {
    weight: 4,
    servers: node,
    secure: anywhere,
    deflate: false,
    ends: 'serverEarly',
    end: lost,
  },
  destroy: {
    weight: 4,
    servers: node,
    secure: anywhere,
    deflate: false,
    ends: 'serverEarly',
    end: lost,
  },
  violation: {
    weight: 5,
    servers: node,
    secure: anywhere,
    deflate: false,
    ends: 'serverEarly',
    end: 'variant',
    complete: true,
    variants: violations,
  },
  silent: {
    weight: 2,
    servers: node,
    secure: anywhere,
    deflate: false,
    ends: 'serverEarly',
    end: ['-1 WSFD_PONG_TIMEOUT'],
  },
  muteClose: {
    weight: 2,
    servers: node,
    secure: anywhere,
    deflate: false,
    ends: 'clientEarly',
    end: closedByUs,
    close: ['-1 WSFD_CLOSE_TIMEOUT'],
  },
  killed: {
    weight: 12,
    servers: ['fragile'],
    secure: anywhere,
    proxy: true,
    ends: 'client',
    open: ['ok', ...lostOpening],
    end: [...closedByUs, ...lost],
  },
  proxyCut: {
    weight: 3,
    servers: ['uws'],
    secure: anywhere,
    ends: 'client',
    open: ['ok', ...lostOpening],
    end: [...closedByUs, ...lost],
  },
  // It is never open.
  refused: {
    weight: 4,
    servers: node,
    secure: anywhere,
    ends: 'never',
    open: 'variant',
    variants: { ...statuses, ...server5xx },
  },
  redirectLoop: {
    weight: 1,
    servers: node,
    secure: anywhere,
    ends: 'never',
    open: ['-1 WSFD_TOO_MANY_REDIRECTS'],
  },
  noAnswer: {
    weight: 2,
    servers: node,
    secure: anywhere,
    ends: 'never',
    open: ['-2 WSFD_OPEN_TIMEOUT'],
    variants: { silence: [], slow: [] },
  },
  abort: {
    weight: 4,
    servers: node,
    secure: anywhere,
    ends: 'never',
    open: 'variant',
    variants: { before: aborted, late: aborted, timeout: aborted, race: [...aborted, 'ok'] },
  },
  notListening: {
    weight: 1,
    servers: node,
    secure: ['plain'],
    ends: 'never',
    open: ['-1 WSFD_CONNECT_FAILED'],
  },
  malformed: {
    weight: 5,
    servers: node,
    secure: anywhere,
    ends: 'never',
    open: 'variant',
    variants: answers,
  },
  badCertificate: {
    weight: 4,
    servers: node,
    secure: ['strange'],
    ends: 'never',
    open: ['-1 WSFD_CERTIFICATE_REFUSED'],
    variants: certificates,
  },
  noClientCertificate: {
    weight: 2,
    servers: node,
    secure: ['certificate'],
    ends: 'never',
    open: ['-1 WSFD_TLS_FAILED', '-1 WSFD_HANDSHAKE_ENDED', '-1 WSFD_CONNECTION_LOST'],
  },
  tlsOnPlain: {
    weight: 1,
    servers: node,
    secure: ['plain'],
    ends: 'never',
    open: ['-1 WSFD_TLS_NOT_SPOKEN', '-1 WSFD_TLS_HANDSHAKE_FAILED', '-1 WSFD_CONNECTION_LOST'],
  },
  proxyRefused: {
    weight: 2,
    servers: ['uws'],
    secure: anywhere,
    ends: 'never',
    open: ['-1 WSFD_PROXY_REFUSED'],
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof rows;
export const kinds: Readonly<Record<KindName, Kind>> = rows;
export const lostResults: readonly string[] = lost;
