// Made by scripts/generate-options.mjs from native/binding/open_options.inc: edit that, not this.

// Native code reads an array's elements in half the time of properties by name. What it reads in
// which order is written there.

/** A TLS configuration whose values have been checked; src/options/tls.ts says what each means. */
export interface NativeTlsOptions {
  /** Sent as SNI; empty: none is. */
  serverName: string;
  /** Whom the certificate must be for. */
  certificateHost: string;
  /** The default trust store counts. */
  useDefaultStore: boolean;
  caCertificates: string[];
  certificateRevocationLists: string[];
  pinnedPublicKeys: Buffer[];
  /** One bit for each keyword that is let pass, in the order of SSL_ERROR_KEYWORDS. */
  ignoreBits: number;
  localCertificate: string;
  privateKey: string;
  /** Index in KEY_ALGORITHMS. */
  keyAlgorithm: number;
  passphrase: string | undefined;
  pkcs12: Buffer | undefined;
  /** OpenSSL's number; 0: the default. */
  minVersion: number;
  /** The same. */
  maxVersion: number;
  cipherSuites: string;
  keyExchangeGroups: string;
  legacyServerConnect: boolean;
  /** True: onKeyLog is called. */
  keylog: boolean;
}

const tlsTuple = (options: NativeTlsOptions): unknown[] => [
  options.serverName,
  options.certificateHost,
  options.useDefaultStore,
  options.caCertificates,
  options.certificateRevocationLists,
  options.pinnedPublicKeys,
  options.ignoreBits,
  options.localCertificate,
  options.privateKey,
  options.keyAlgorithm,
  options.passphrase,
  options.pkcs12,
  options.minVersion,
  options.maxVersion,
  options.cipherSuites,
  options.keyExchangeGroups,
  options.legacyServerConnect,
  options.keylog,
];

/** A proxy whose values have been checked; src/options/proxy.ts says what each means. */
export interface NativeProxy {
  /** The URL without its credentials, for messages. */
  name: string;
  /** False: HTTP. */
  socks5: boolean;
  /** Name or address without brackets. */
  host: string;
  port: number;
  username: string;
  password: string;
  /** The value of Proxy-Authorization; empty: none. */
  authorization: string;
  /** undefined: TCP alone. */
  tls: NativeTlsOptions | undefined;
}

const proxyTuple = (options: NativeProxy): unknown[] => [
  options.name,
  options.socks5,
  options.host,
  options.port,
  options.username,
  options.password,
  options.authorization,
  options.tls && tlsTuple(options.tls),
];

/** What is offered of permessage-deflate; src/options/table.ts says what each means. */
export interface NativeCompressionOptions {
  clientNoContextTakeover: boolean;
  serverNoContextTakeover: boolean;
  clientMaxWindowBits: number;
  serverMaxWindowBits: number;
  threshold: number;
  level: number;
}

const compressionTuple = (options: NativeCompressionOptions): unknown[] => [
  options.clientNoContextTakeover,
  options.serverNoContextTakeover,
  options.clientMaxWindowBits,
  options.serverMaxWindowBits,
  options.threshold,
  options.level,
];

/** All that `open` gets. */
export interface NativeOpenOptions {
  /** Name or address without brackets. */
  host: string;
  port: number;
  /** Of a Unix domain socket or a named pipe, instead of both; empty: none. */
  path: string;
  /** Empty: the system chooses. */
  localAddress: string;
  hostHeader: string;
  /** Path and query. */
  target: string;
  userAgent: string;
  /** Name and value in turn. */
  headers: string[];
  protocols: string[];
  /** A redirect is followed: its body is not waited for. */
  followsRedirects: boolean;
  /** 0: unlimited. */
  timeoutMs: number;
  closeTimeoutMs: number;
  /** 0: no pings. */
  pingIntervalMs: number;
  pongTimeoutMs: number;
  maxMessageBytes: number;
  maxBufferedBytes: number;
  receiveDelayUs: number;
  busyPollUs: number;
  /** What onTrace is to tell, as bits of TraceTopic. */
  trace: number;
  /** undefined: none is offered. */
  compression: NativeCompressionOptions | undefined;
  /** False: the TLS options are checked and not used. */
  secure: boolean;
  tls: NativeTlsOptions | undefined;
  /** undefined: none. */
  proxy: NativeProxy | undefined;
}

/** The options as `open` takes them; made by openTuple alone. */
export type NativeOpenTuple = unknown[] & { readonly madeBy: 'openTuple' };

export const openTuple = (options: NativeOpenOptions): NativeOpenTuple =>
  [
    options.host,
    options.port,
    options.path,
    options.localAddress,
    options.hostHeader,
    options.target,
    options.userAgent,
    options.headers,
    options.protocols,
    options.followsRedirects,
    options.timeoutMs,
    options.closeTimeoutMs,
    options.pingIntervalMs,
    options.pongTimeoutMs,
    options.maxMessageBytes,
    options.maxBufferedBytes,
    options.receiveDelayUs,
    options.busyPollUs,
    options.trace,
    options.compression && compressionTuple(options.compression),
    options.secure,
    options.tls && tlsTuple(options.tls),
    options.proxy && proxyTuple(options.proxy),
  ] as unknown[] as NativeOpenTuple;
