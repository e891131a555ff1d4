// Made by scripts/generate-options.mjs from native/binding/open_options.inc: edit that, not this.
import type { SslErrorKeyword } from '../errors/ssl-errors.js';
import type { KeyLog } from './key-log.js';
import type { Pem } from './pem.js';
import type { KeyAlgorithm, TlsVersion } from './tls-names.js';

/** Options of `webSocketOpen`; docs/OPTIONS.md says more of them. */
export interface OpenOptions extends TlsOptions, RouteOptions {
  /**
   * Sent with the opening handshake. A header that wsfd sends itself (Host, Origin, User-Agent …)
   * is overwritten; those that make the handshake what it is are refused. Names are tokens (RFC
   * 9110), values without control characters. Default: none.
   */
  headers?: Readonly<Record<string, string>>;
  /** Subprotocols to offer, most wanted first. Tokens, none twice. Default: none. */
  protocols?: string | readonly string[];
  /**
   * From the name lookup to the accepted handshake. Passed: -2. Seconds, more than 0. Default:
   * unlimited.
   */
  timeout?: number;
  /** Gives up the opening when it is aborted. See "Aborting" in docs/OPTIONS.md. Default: none. */
  signal?: AbortSignal;
  /**
   * The largest message that is received. A larger one fails the connection with close code 1009
   * before its bytes are kept. Bytes, 1 to 536870888. Default: 16777216 (16 MiB).
   */
  maxMessageBytes?: number;
  /**
   * Past so many unsent bytes `webSocketWrite` returns -1, and nothing of that message is sent.
   * Output below 64 KiB is sent at the end of the tick, and counts until then. Bytes, 1 to 2^53-1.
   * Default: 67108864 (64 MiB).
   */
  maxBufferedBytes?: number;
  /**
   * Past so many undelivered bytes reading from the network stops until half of them are read: TCP
   * slows the server down. See "Unread messages" in docs/OPTIONS.md. Bytes, 1 to 2^53-1. Default:
   * 4194304 (4 MiB).
   */
  receiveHighWaterMark?: number;
  /**
   * How long received bytes may wait for more of them: a stream of small messages then costs less
   * CPU time. 0: not at all. See Tuning (docs/TUNING.md). Microseconds, 0 to 1000. Default: 0.
   */
  receiveDelayUs?: number;
  /**
   * How long the event loop polls without sleeping after something was sent: the answer is then
   * noticed sooner. 0: not at all. See Tuning (docs/TUNING.md). Microseconds, 0 to 1000. Default:
   * 0.
   */
  busyPollUs?: number;
  /**
   * How often the server is pinged. See "Keepalive" in docs/OPTIONS.md. Seconds, more than 0.
   * Default: no pings.
   */
  pingInterval?: number;
  /**
   * How long a sign of life is waited for after such a ping. Seconds, more than 0; only together
   * with `pingInterval`. Default: 10.
   */
  pongTimeout?: number;
  /**
   * How long `webSocketClose` waits for the server's close frame. Passed: -1, `WSFD_CLOSE_TIMEOUT`,
   * and the socket is closed all the same. Seconds, 0 or more. Default: 5.
   */
  closeTimeout?: number;
  /**
   * Offers the extension permessage-deflate of RFC 7692. See "Compression" in docs/OPTIONS.md.
   * `true`, `false`, or an object. Default: `false`.
   */
  perMessageDeflate?: boolean | PerMessageDeflateOptions;
}

/** The TLS part of OpenOptions; it does nothing for a `ws:` URL. */
export interface TlsOptions {
  /**
   * `true`, `''` and `[]`: every TLS error is ignored. A list: those alone. Anything else is an
   * argument error. The 25 keywords (docs/TLS.md). Default: none is ignored.
   */
  ignoreSslErrors?: true | '' | readonly SslErrorKeyword[];
  /**
   * Our own certificate and key, for servers that ask for one. `localCertificate` and `privateKey`,
   * or `pkcs12`. Default: no client certificate.
   */
  sslConfig?: SslConfig;
  /** Opens an encrypted `privateKey` or `pkcs12`. Up to 1024 bytes in UTF-8. Default: none. */
  passphrase?: string;
  /**
   * Whom to trust instead of Node.js's roots. PEM, any number in each. Default: Node.js's roots.
   */
  caCertificates?: Pem | readonly Pem[];
  /** `true`: Node.js's roots count beside `caCertificates`. Default: `false`. */
  addDefaultCaCertificates?: boolean;
  /**
   * A certificate on one of these lists is `CertificateRevoked`. With any list given, every CA of a
   * server's chain must have one there that is not out of date. PEM, any number in each. Default:
   * none.
   */
  certificateRevocationLists?: Pem | readonly Pem[];
  /**
   * The server's key must be one of these; else `CertificateBlacklisted`. SHA-256 of the
   * SubjectPublicKeyInfo: base64, with or without `sha256/`, or hex, with or without colons.
   * Default: any key.
   */
  pinnedPublicKeys?: string | readonly string[];
  /**
   * Told to the server (SNI; not for an address), and looked for in its certificate. Host name, up
   * to 255 bytes as `xn--…`, or IP address. Default: the URL's host.
   */
  serverName?: string;
  /**
   * The oldest version that is spoken. What is older than TLS 1.2 also takes `@SECLEVEL=0`: old
   * servers (docs/TLS.md). `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`. Default: `TLSv1.2`.
   */
  minTlsVersion?: TlsVersion;
  /**
   * The newest version that is spoken. `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`. Default:
   * `TLSv1.3`.
   */
  maxTlsVersion?: TlsVersion;
  /**
   * The cipher suites that are offered. Names of one version's suites alone allow that version
   * alone. OpenSSL's names with `:` between, and `@SECLEVEL=0` to `5`. Default: OpenSSL's default.
   */
  cipherSuites?: string;
  /**
   * The groups that are offered for the key exchange, most wanted first:
   * `X25519:P-256:brainpoolP256r1`. OpenSSL's names with `:` between. Default: OpenSSL's default.
   */
  keyExchangeGroups?: string;
  /**
   * `true`: a server without secure renegotiation (RFC 5746) may be connected to. Default: `false`.
   */
  legacyServerConnect?: boolean;
  /**
   * Gets the keys of the connection in the NSS key log format: whoever has them can decrypt it.
   * Called with a line of text, without its end. Default: none.
   */
  keylog?: KeyLog;
}

/** The part of OpenOptions that is about getting there. */
export interface RouteOptions {
  /**
   * The server is reached through this proxy: by the method CONNECT, or by SOCKS5. `https:` speaks
   * TLS with the proxy. Credentials are those in the URL, percent-encoded. `'env'` takes the proxy
   * from the environment. URL with `http:`, `https:`, `socks5:` or `socks5h:`, or `'env'`. Default:
   * none.
   */
  proxy?: string;
  /**
   * How many redirects (301, 302, 303, 307, 308) are followed; one more is
   * `WSFD_TOO_MANY_REDIRECTS`. 0: a redirect is `WSFD_HANDSHAKE_REFUSED` like any other refusal,
   * with the place in `httpHeaders.location`. Redirects, 0 to 100. Default: 0.
   */
  followRedirects?: number;
  /**
   * The address that the connection, to the server or the proxy, comes from. Names are looked up
   * for addresses of the same family alone. IP address of this machine. Default: the system's
   * choice.
   */
  localAddress?: string;
}

/** Parameters of permessage-deflate (RFC 7692 section 7.1), and how we use it. */
export interface PerMessageDeflateOptions {
  /**
   * `true`: wsfd compresses each message on its own. Similar messages then take more bytes on the
   * line, and no memory is held between them. Default: `false`.
   */
  clientNoContextTakeover?: boolean;
  /** `true`: the server is asked to do the same. Default: `false`. */
  serverNoContextTakeover?: boolean;
  /**
   * wsfd's window has at most 2 to this power bytes; the server may ask for a smaller one. 9 to 15.
   * Default: 15.
   */
  clientMaxWindowBits?: number;
  /** The server is asked for a window of at most 2 to this power bytes. 9 to 15. Default: 15. */
  serverMaxWindowBits?: number;
  /** A message of fewer bytes is sent uncompressed. Bytes, 0 to 2^53-1. Default: 1024. */
  threshold?: number;
  /** How much time compressing may take: 0 (none), 1 (fast) to 9 (best). 0 to 9. Default: 6. */
  level?: number;
}

/** Our own certificate and key, for servers that ask for one. */
export interface SslConfig {
  /** Our certificate, then its chain. Goes with `privateKey`. PEM. */
  localCertificate?: Pem;
  /**
   * The key of `localCertificate`. One that is of another algorithm or belongs to another
   * certificate is an argument error. `key`: PEM, string or `Uint8Array`; `algorithm`: `RSA`,
   * `DSA`, `EC`, and beyond CTRL `ED25519`, `ED448`.
   */
  privateKey?: { key: Pem; algorithm: KeyAlgorithm };
  /** A PKCS#12 file's bytes, instead of `localCertificate` and `privateKey`. DER. */
  pkcs12?: Uint8Array;
}

/**
 * Options of the connection that are a whole number: the bounds, and what counts where they are
 * absent.
 */
export const OPEN_WHOLE = {
  maxMessageBytes: { unit: 'bytes', least: 1, most: 536870888, default: 16777216 },
  maxBufferedBytes: { unit: 'bytes', least: 1, most: 9007199254740991, default: 67108864 },
  receiveHighWaterMark: { unit: 'bytes', least: 1, most: 9007199254740991, default: 4194304 },
  receiveDelayUs: { unit: 'microseconds', least: 0, most: 1000, default: 0 },
  busyPollUs: { unit: 'microseconds', least: 0, most: 1000, default: 0 },
} as const;

/**
 * Options of the way to the server that are a whole number: the bounds, and what counts where they
 * are absent.
 */
export const ROUTE_WHOLE = {
  followRedirects: { unit: 'redirects', least: 0, most: 100, default: 0 },
} as const;

/**
 * Options of perMessageDeflate that are a whole number: the bounds, and what counts where they are
 * absent.
 */
export const DEFLATE_WHOLE = {
  clientMaxWindowBits: { unit: '', least: 9, most: 15, default: 15 },
  serverMaxWindowBits: { unit: '', least: 9, most: 15, default: 15 },
  threshold: { unit: 'bytes', least: 0, most: 9007199254740991, default: 1024 },
  level: { unit: '', least: 0, most: 9, default: 6 },
} as const;

/** Options of perMessageDeflate that are true or false: what counts where they are absent. */
export const DEFLATE_FLAGS = {
  clientNoContextTakeover: false,
  serverNoContextTakeover: false,
} as const;

/** Options of the connection that are a time: the seconds that count where they are absent. */
export const OPEN_SECONDS = { pongTimeout: 10, closeTimeout: 5 } as const;
