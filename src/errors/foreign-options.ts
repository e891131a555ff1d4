/** Option names of other WebSocket clients, and the option here for each. */

import type { SslErrorKeyword } from './ssl-errors.js';

/** Several names of one option. */
interface ForeignName {
  /**
   * Spelled as in their clients; case, `_` and `-` make no difference. A name with a dot is that of
   * a property in an option that is an object.
   */
  names: readonly string[];
  /** The option here with a value, as in the source of a program. */
  write?: string;
  /** What the value means, where it goes instead, or why there is none. */
  why: string;
}

/** Verification and identity, as node:tls, Python, Go and .NET name them. */
const TLS_NAMES: readonly ForeignName[] = [
  {
    names: [
      ...['rejectUnauthorized', 'strictSSL', 'verify', 'verify_ssl', 'sslVerify', 'verifyPeer'],
      ...['cert_reqs', 'insecure', 'InsecureSkipVerify', 'ignoreCertificateErrors'],
      ...['RemoteCertificateValidationCallback', 'allowSelfSigned', 'acceptInvalidCerts'],
    ],
    write: "ignoreSslErrors: ['SelfSignedCertificate']",
    why: 'a server is verified unless errors are named that may pass; leave it out where none may',
  },
  {
    names: ['checkServerIdentity', 'check_hostname', 'assert_hostname', 'verifyHost'],
    write: "ignoreSslErrors: ['HostNameMismatch']",
    why: 'the name is verified unless this passes; serverName is for a certificate of another name',
  },
  {
    names: ['cert', 'certificate', 'certFile', 'clientCert', 'key', 'keyFile', 'clientKey'],
    write: "sslConfig: { localCertificate: cert, privateKey: { key, algorithm: 'EC' } }",
    why: 'both as PEM text; the algorithm is RSA, DSA, EC, ED25519 or ED448',
  },
  {
    names: ['sslConfig.cert', 'sslConfig.certificate', 'sslConfig.certificateChain'],
    write: "sslConfig: { localCertificate: cert, privateKey: { key, algorithm: 'EC' } }",
    why: 'PEM text, with its chain behind it',
  },
  {
    names: ['sslConfig.key'],
    write: "sslConfig: { localCertificate: cert, privateKey: { key, algorithm: 'EC' } }",
    why: 'the algorithm is RSA, DSA, EC, ED25519 or ED448',
  },
  {
    names: ['pfx', 'p12', 'sslConfig.pfx', 'sslConfig.p12', 'ClientCertificates'],
    write: 'sslConfig: { pkcs12 }',
    why: 'the bytes of the file; its passphrase is the option passphrase',
  },
  {
    names: [
      ...['ca', 'cacert', 'caCerts', 'cafile', 'ca_cert_path', 'RootCAs'],
      ...['sslConfig.ca', 'sslConfig.caCertificates', 'trustStore', 'ssl_ca'],
    ],
    write: 'caCertificates: ca',
    why: 'PEM text, or an array of it; addDefaultCaCertificates: true trusts the usual roots too',
  },
  {
    names: ['crl', 'crlFile', 'sslConfig.crl'],
    write: 'certificateRevocationLists: crl',
    why: 'PEM text, or an array of it',
  },
  {
    names: [
      ...['sslPassphrase', 'keyPassphrase', 'keyPassword', 'certPassword', 'passphraze'],
      ...['sslConfig.passphrase', 'sslConfig.password', 'sslConfig.privateKey.passphrase'],
      ...['sslConfig.privateKey.password'],
    ],
    write: "passphrase: 'secret'",
    why: 'of the private key or the PKCS#12 file; it stands beside sslConfig, not in it',
  },
  {
    names: ['servername', 'sni', 'server_hostname', 'sslServerName', 'tlsServername'],
    write: "serverName: 'plc.plant.example'",
    why: 'sent as SNI, and looked for in the certificate',
  },
  {
    names: ['minVersion', 'tlsMinVersion', 'minimum_version', 'tls_min'],
    write: "minTlsVersion: 'TLSv1.2'",
    why: 'the oldest version of TLS that is spoken',
  },
  {
    names: ['maxVersion', 'tlsMaxVersion', 'maximum_version', 'tls_max'],
    write: "maxTlsVersion: 'TLSv1.3'",
    why: 'the newest version of TLS that is spoken',
  },
  {
    names: ['secureProtocol', 'ssl_version', 'tlsVersion', 'sslProtocol', 'sslProtocols'],
    write: "minTlsVersion: 'TLSv1.2', maxTlsVersion: 'TLSv1.2'",
    why: 'a version is chosen by its bounds',
  },
  {
    names: ['ciphers', 'cipherList', 'cipherSuite', 'honorCipherOrder'],
    write: "cipherSuites: 'ECDHE-ECDSA-AES256-GCM-SHA384:TLS_AES_256_GCM_SHA384'",
    why: "OpenSSL's names with a colon between, for all versions in one list",
  },
  {
    names: ['ecdhCurve', 'curves', 'groups', 'CurvePreferences', 'namedGroups'],
    write: "keyExchangeGroups: 'X25519:P-256'",
    why: "OpenSSL's names with a colon between",
  },
  {
    names: ['secureOptions', 'legacyRenegotiation', 'allowLegacyConnection'],
    write: 'legacyServerConnect: true',
    why: "of OpenSSL's options this is one (SSL_OP_LEGACY_SERVER_CONNECT); the others there are not",
  },
  {
    names: ['pin', 'pins', 'pinnedPublicKey', 'pinning', 'fingerprint', 'publicKeyPins'],
    write: "pinnedPublicKeys: 'NFSG4hyCZzEfK3FHTFcqxJxpOEIJCRYnDsMcYrPBPRo='",
    why: 'the SHA-256 of the public key; wsfd inspect URL shows it',
  },
  {
    names: ['onKeylog', 'keyLogFile', 'SSLKEYLOGFILE', 'keylog_filename', 'KeyLogWriter'],
    write: 'keylog: (line) => process.stderr.write(line)',
    why: 'a function; the environment variable SSLKEYLOGFILE names a file',
  },
  {
    names: ['ssl', 'tls', 'tlsOptions', 'sslOptions', 'sslopt', 'ssl_context', 'TLSClientConfig'],
    why: 'whether there is TLS is said by the URL (wss:), and each of its settings is an option of its own: docs/TLS.md',
  },
  {
    names: ['secureContext', 'sessionTimeout', 'ticketKeys', 'session'],
    why: 'there is none: contexts and sessions are made and shared by wsfd itself',
  },
  {
    names: ['ALPNProtocols', 'ALPNCallback', 'alpn'],
    why: 'there is none: http/1.1 is offered, over which a WebSocket is opened',
  },
  {
    names: ['sigalgs', 'dhparam', 'minDHSize', 'requestOCSP', 'pskCallback', 'enableTrace'],
    why: "there is none: OpenSSL's default holds",
  },
];

/** The route to the server, and the opening handshake. */
const ROUTE_NAMES: readonly ForeignName[] = [
  {
    names: [
      ...['agent', 'dispatcher', 'httpsAgent', 'httpAgent', 'proxyAgent', 'HTTPClient'],
      ...['httpProxy', 'httpsProxy', 'proxyUrl', 'proxy_type'],
      ...['http_proxy_host', 'http_proxy_port', 'proxyHost', 'proxyPort', 'socksProxy'],
    ],
    write: "proxy: 'http://proxy.plant.example:3128'",
    why: "http:, https: or socks5:; 'env' for what the environment says",
  },
  {
    names: ['http_proxy_auth', 'proxy_auth', 'proxyUsername', 'proxyPassword'],
    write: "proxy: 'http://user:secret@proxy.plant.example:3128'",
    why: "the credentials are part of the proxy's URL",
  },
  {
    names: ['noProxy', 'http_no_proxy'],
    write: "proxy: 'env'",
    why: 'NO_PROXY in the environment names the exceptions',
  },
  {
    names: ['auth', 'basicAuth', 'credentials', 'username', 'user', 'password'],
    write: "headers: { Authorization: 'Basic dXNlcjpzZWNyZXQ=' }",
    why: 'or put them into the URL: wss://user:secret@host/',
  },
  {
    names: ['token', 'bearer', 'bearerToken', 'authToken', 'accessToken', 'authorization'],
    write: "headers: { Authorization: 'Bearer dG9rZW4' }",
    why: 'a header as any other',
  },
  {
    names: ['origin'],
    write: "headers: { Origin: 'https://hmi.plant.example' }",
    why: 'none is sent by default',
  },
  {
    names: ['cookie', 'cookies', 'jar', 'cookieJar'],
    write: "headers: { Cookie: 'session=7' }",
    why: 'a header as any other; answers are not remembered',
  },
  {
    names: ['userAgent', 'user_agent_header'],
    write: "headers: { 'User-Agent': 'telemetry/1.0' }",
    why: 'a header as any other',
  },
  {
    names: [
      ...['extraHeaders', 'additional_headers', 'customHeaders', 'HTTPHeader'],
      ...['requestHeaders', 'httpHeaders', 'header', 'requestOptions', 'customRequestOptions'],
    ],
    write: "headers: { 'X-Plant': '7' }",
    why: 'an object of name and value',
  },
  {
    names: ['protocol', 'subprotocol', 'subprotocols', 'requestedProtocols', 'webSocketProtocols'],
    write: "protocols: ['mqtt']",
    why: 'names of subprotocols; the class takes them as its second argument',
  },
  {
    names: ['maxRedirects', 'redirect', 'redirects', 'redirect_limit', 'follow'],
    write: 'followRedirects: 10',
    why: 'how many are followed; 0 by default',
  },
  {
    names: ['localInterface', 'sourceAddress', 'local_addr', 'bindAddress'],
    write: "localAddress: '10.0.0.7'",
    why: 'an IP address of this machine',
  },
  {
    names: ['socketPath', 'unix', 'unixSocket', 'pipe'],
    why: 'the URL says it: ws+unix:/run/gateway.sock:/path',
  },
  {
    names: [
      'url',
      'uri',
      'host',
      'hostname',
      'port',
      'path',
      'query',
      'params',
      'scheme',
      'secure',
    ],
    why: 'the URL says it: wss://host:port/path?query',
  },
  {
    names: ['lookup', 'family', 'hints', 'dns', 'dnsResolver', 'resolver', 'autoSelectFamily'],
    why: "there is none: the system's resolver is asked, and IPv6 and IPv4 addresses are tried in turn (RFC 8305); an IP address in the URL with serverName and the header Host comes to the same",
  },
  {
    names: ['localPort', 'createConnection', 'socket', 'sock', 'socketFactory', 'NetDial'],
    why: 'there is none: wsfd makes the connection itself, since TLS and frames are native',
  },
  {
    names: ['noDelay', 'tcpNoDelay', 'disableNagleAlgorithm', 'setNoDelay'],
    why: 'there is none: this is always so',
  },
  {
    names: ['method', 'setHost', 'transports', 'protocolVersion', 'webSocketVersion'],
    why: 'there is none: RFC 6455 fixes it',
  },
];

/** Times, bounds and messages. */
const CONNECTION_NAMES: readonly ForeignName[] = [
  {
    names: [
      ...['handshakeTimeout', 'connectTimeout', 'connectionTimeout', 'openTimeout', 'timeoutMs'],
      ...['timeoutInterval', 'headersTimeout'],
    ],
    write: 'timeout: 5',
    why: 'in seconds; it covers all from the name lookup to the accepted handshake',
  },
  {
    names: ['readTimeout', 'receive_timeout', 'recv_timeout', 'bodyTimeout'],
    why: 'it is the third argument of webSocketRead, in seconds',
  },
  {
    names: [
      ...['dropConnectionOnKeepaliveTimeout', 'idleTimeout', 'pingTimeout', 'heartbeatTimeout'],
      ...['keepaliveGracePeriod', 'keepAliveTimeout'],
    ],
    write: 'pingInterval: 10, pongTimeout: 5',
    why: 'in seconds; nothing within pongTimeout of a ping ends the connection',
  },
  {
    names: [
      ...['heartbeat', 'heartbeatInterval', 'keepAlive', 'keepaliveInterval', 'pingPeriod'],
      ...['keepAliveInitialDelay', 'useNativeKeepalive', 'connectionLostTimeout', 'pingIntervalMs'],
    ],
    write: 'pingInterval: 10',
    why: 'in seconds between pings; without it none are sent',
  },
  {
    names: ['closeTimeoutMs', 'closingTimeout', 'closeHandshakeTimeout'],
    write: 'closeTimeout: 5',
    why: 'in seconds',
  },
  {
    names: [
      ...['maxPayload', 'maxPayloadSize', 'maxPayloadLength', 'max_size', 'max_msg_size'],
      ...['maxReceivedMessageSize', 'maxReceivedFrameSize', 'maxFrameSize'],
      ...['maxMessageSize', 'maxHttpBufferSize'],
    ],
    write: 'maxMessageBytes: 1048576',
    why: 'bytes of a whole message as it is read, inflated; frames have no limit of their own',
  },
  {
    names: [
      ...['maxEnqueuedMessages', 'write_limit', 'maxBackpressure', 'backpressureLimit'],
      ...['max_write_buffer_size', 'maxBufferedAmount', 'WriteBufferSize'],
    ],
    write: 'maxBufferedBytes: 67108864',
    why: 'bytes that may wait to be sent',
  },
  {
    names: ['highWaterMark', 'readableHighWaterMark', 'max_queue', 'read_limit', 'ReadBufferSize'],
    write: 'receiveHighWaterMark: 4194304',
    why: 'bytes that may wait to be read',
  },
  {
    names: ['compress', 'compression', 'CompressionMode', 'EnableCompression', 'deflate'],
    write: 'perMessageDeflate: true',
    why: 'off by default',
  },
  {
    names: ['compressionThreshold', 'compressionLevel'],
    write: 'perMessageDeflate: { threshold: 1024, level: 6 }',
    why: 'off by default',
  },
  {
    names: ['perMessageDeflate.zlibDeflateOptions', 'perMessageDeflate.zlibInflateOptions'],
    write: 'perMessageDeflate: { level: 6, clientMaxWindowBits: 15 }',
    why: "zlib's level and windows are named directly",
  },
  {
    names: ['perMessageDeflate.memLevel', 'perMessageDeflate.concurrencyLimit'],
    why: 'there is none: messages are deflated in the thread that writes them, one after the other',
  },
  {
    names: ['abortSignal', 'abort', 'abortController', 'cancelToken', 'cancellationToken'],
    write: 'signal: AbortSignal.timeout(5000)',
    why: 'the signal of an AbortController gives up the opening',
  },
  {
    names: [
      ...['reconnect', 'autoReconnect', 'reconnection', 'reconnectInterval', 'reconnectPeriod'],
      ...['reconnectionAttempts', 'reconnectionDelay', 'reconnectionDelayMax', 'maxRetries'],
      ...['minReconnectionDelay', 'maxReconnectionDelay', 'reconnectionDelayGrowFactor'],
      ...['maxReconnectAttempts', 'retry', 'retries', 'retryAttempts', 'backoff', 'minUptime'],
    ],
    why: 'webSocketConnections opens the next connection after a loss, its third argument says when: docs/FEEDS.md',
  },
  {
    names: ['binaryType', 'encoding', 'binary', 'decodeStrings'],
    why: 'there is none: a text message is a string, a binary message a Buffer (the class has the property binaryType)',
  },
  {
    names: ['skipUTF8Validation', 'accept_unmasked_frames'],
    why: 'there is none: what RFC 6455 asks for is always checked',
  },
  {
    names: ['generateMask', 'masking', 'mask'],
    why: 'there is none: each frame has a masking key of its own, from the entropy of the system',
  },
  {
    names: ['autoPong', 'autoping', 'autoclose', 'assembleFragments'],
    why: 'there is none: this is always so',
  },
  {
    names: ['fragmentOutgoingMessages', 'fragmentationThreshold', 'maxFragments'],
    why: 'there is none: a message is sent as one frame, and may be received in any number of them',
  },
  {
    names: ['allowSynchronousEvents', 'finishRequest', 'startClosed', 'autoConnect', 'lazy'],
    why: 'there is none: the connection is opened by the call, with the headers that the options name',
  },
  {
    names: ['debug', 'logger', 'log', 'verbose', 'trace'],
    why: 'the environment variable WSFD_DEBUG=1 writes a trace to stderr: docs/OBSERVABILITY.md',
  },
  {
    names: ['onopen', 'onmessage', 'onclose', 'onerror'],
    why: 'webSocketSubscribe has messages pushed; the class of wsfd/websocket has events',
  },
];

/** The third argument of webSocketConnections, by the names of other clients' retries. */
const RECONNECT_NAMES: readonly ForeignName[] = [
  {
    names: [
      ...['reconnect.maxRetries', 'reconnect.retries', 'reconnect.maxReconnectAttempts'],
      ...['reconnect.reconnectionAttempts', 'reconnect.attempts', 'reconnect.limit'],
    ],
    write: 'maxAttempts: 5',
    why: 'so many attempts may fail in a row',
  },
  {
    names: [
      ...['reconnect.minReconnectionDelay', 'reconnect.reconnectionDelay', 'reconnect.minTimeout'],
      ...['reconnect.initialDelay', 'reconnect.delay', 'reconnect.interval'],
      ...['reconnect.reconnectInterval', 'reconnect.reconnectPeriod'],
    ],
    write: 'minDelay: 1',
    why: 'seconds of the first pause',
  },
  {
    names: [
      ...['reconnect.maxReconnectionDelay', 'reconnect.reconnectionDelayMax'],
      ...['reconnect.maxTimeout', 'reconnect.maxInterval'],
    ],
    write: 'maxDelay: 30',
    why: 'seconds of the longest pause',
  },
  {
    names: ['reconnect.minUptime'],
    write: 'resetAfter: 10',
    why: 'seconds that a connection stays open for the next pause to be the first one again',
  },
  {
    names: [
      ...['reconnect.factor', 'reconnect.reconnectionDelayGrowFactor', 'reconnect.backoff'],
      ...['reconnect.jitter', 'reconnect.randomizationFactor', 'reconnect.randomize'],
    ],
    why: 'there is none: each pause is twice the one before it, and drawn from its upper half',
  },
];

/** Each name occurs once. */
export const FOREIGN_NAMES: readonly ForeignName[] = [
  ...TLS_NAMES,
  ...ROUTE_NAMES,
  ...CONNECTION_NAMES,
  ...RECONNECT_NAMES,
];

/** Verify results of OpenSSL (without X509_V_ERR_) and codes of node:tls, and their keywords. */
const FOREIGN_KEYWORDS: ReadonlyMap<string, SslErrorKeyword> = new Map([
  ['UNABLE_TO_GET_ISSUER_CERT', 'UnableToGetIssuerCertificate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UnableToGetLocalIssuerCertificate'],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UnableToDecryptCertificateSignature'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UnableToVerifyFirstCertificate'],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'UnableToDecodeIssuerPublicKey'],
  ['CERT_REVOKED', 'CertificateRevoked'],
  ['CERT_SIGNATURE_FAILURE', 'CertificateSignatureFailed'],
  ['INVALID_CA', 'InvalidCaCertificate'],
  ['CERT_NOT_YET_VALID', 'CertificateNotYetValid'],
  ['PATH_LENGTH_EXCEEDED', 'PathLengthExceeded'],
  ['CERT_HAS_EXPIRED', 'CertificateExpired'],
  ['INVALID_PURPOSE', 'InvalidPurpose'],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', 'InvalidNotBeforeField'],
  ['CERT_UNTRUSTED', 'CertificateUntrusted'],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'InvalidNotAfterField'],
  ['CERT_REJECTED', 'CertificateRejected'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SelfSignedCertificate'],
  ['SUBJECT_ISSUER_MISMATCH', 'SubjectIssuerMismatch'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'SelfSignedCertificateInChain'],
  ['AKID_ISSUER_SERIAL_MISMATCH', 'AuthorityIssuerSerialNumberMismatch'],
  ['HOSTNAME_MISMATCH', 'HostNameMismatch'],
  ['IP_ADDRESS_MISMATCH', 'HostNameMismatch'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'HostNameMismatch'],
]);

/** The keyword for an error that OpenSSL or Node names; undefined: no such name is known. */
export function foreignKeyword(name: string): SslErrorKeyword | undefined {
  return FOREIGN_KEYWORDS.get(name.toUpperCase().replace(/^X509_V_ERR_/, ''));
}

const keyOf = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();

let byKey: ReadonlyMap<string, ForeignName> | undefined;

/** The advice for another client's option, for an error's text; undefined: the name is unknown. */
export function foreignOption(name: string): string | undefined {
  byKey ??= new Map(FOREIGN_NAMES.flatMap((row) => row.names.map((one) => [keyOf(one), row])));
  const row = byKey.get(keyOf(name));
  if (row === undefined) return undefined;
  return row.write === undefined ? row.why : `write { ${row.write} }: ${row.why}`;
}
