// Made by scripts/generate-errors.mjs from native/base/errors.inc: edit that, not this.

/** Whose fault an error is. */
export type WebSocketErrorCategory =
  | 'usage'
  | 'resolve'
  | 'network'
  | 'tls'
  | 'handshake'
  | 'protocol'
  | 'limit'
  | 'timeout'
  | 'closed'
  | 'internal';

/** Every stable `code` of a WebSocketError. */
export type WebSocketErrorCode =
  | 'WSFD_INVALID_ARGUMENT'
  | 'WSFD_INVALID_URL'
  | 'WSFD_UNSUPPORTED_SCHEME'
  | 'WSFD_INVALID_OPTION'
  | 'WSFD_UNKNOWN_OPTION'
  | 'WSFD_INVALID_SOCKET'
  | 'WSFD_WRONG_MODE'
  | 'WSFD_READER_CONFLICT'
  | 'WSFD_ABORTED'
  | 'WSFD_PERMISSION_DENIED'
  | 'WSFD_INTERRUPTED'
  | 'WSFD_NO_FREE_SOCKETS'
  | 'WSFD_SEND_BUFFER_FULL'
  | 'WSFD_MESSAGE_TOO_BIG'
  | 'WSFD_OUT_OF_MEMORY'
  | 'WSFD_NAME_NOT_RESOLVED'
  | 'WSFD_CONNECT_FAILED'
  | 'WSFD_CONNECTION_LOST'
  | 'WSFD_PROXY_REFUSED'
  | 'WSFD_CERTIFICATE_REFUSED'
  | 'WSFD_TLS_HANDSHAKE_FAILED'
  | 'WSFD_TLS_NOT_SPOKEN'
  | 'WSFD_TLS_FAILED'
  | 'WSFD_OPEN_TIMEOUT'
  | 'WSFD_HANDSHAKE_REFUSED'
  | 'WSFD_HANDSHAKE_MALFORMED'
  | 'WSFD_HANDSHAKE_HEAD_TOO_LARGE'
  | 'WSFD_HANDSHAKE_UPGRADE_INVALID'
  | 'WSFD_HANDSHAKE_ACCEPT_INVALID'
  | 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID'
  | 'WSFD_HANDSHAKE_EXTENSION_INVALID'
  | 'WSFD_HANDSHAKE_ENDED'
  | 'WSFD_TOO_MANY_REDIRECTS'
  | 'WSFD_RESERVED_BITS'
  | 'WSFD_RESERVED_OPCODE'
  | 'WSFD_MASKED_FRAME'
  | 'WSFD_LENGTH_NOT_MINIMAL'
  | 'WSFD_LENGTH_INVALID'
  | 'WSFD_CONTROL_FRAME_TOO_LONG'
  | 'WSFD_CONTROL_FRAME_FRAGMENTED'
  | 'WSFD_CONTINUATION_UNEXPECTED'
  | 'WSFD_CONTINUATION_EXPECTED'
  | 'WSFD_CLOSE_PAYLOAD_INVALID'
  | 'WSFD_CLOSE_CODE_INVALID'
  | 'WSFD_CLOSE_REASON_NOT_UTF8'
  | 'WSFD_TEXT_NOT_UTF8'
  | 'WSFD_COMPRESSED_DATA_INVALID'
  | 'WSFD_READ_TIMEOUT'
  | 'WSFD_CLOSE_TIMEOUT'
  | 'WSFD_PONG_TIMEOUT'
  | 'WSFD_SOCKET_CLOSED'
  | 'WSFD_TLS_TRUNCATED'
  | 'WSFD_CLOSED_ABNORMALLY'
  | 'WSFD_INTERNAL';

export interface ErrorRow {
  readonly code: WebSocketErrorCode;
  readonly category: WebSocketErrorCategory;
  /** True if the same call may succeed later though nobody changes anything. */
  readonly retryable: boolean | 'depends';
  /** The close code that the peer is sent (RFC 6455 section 7.4.1); 0: none is. */
  readonly closeCode: number;
  /** What happened, without its detail. */
  readonly text: string;
}

/** The HTTP statuses of a refusal that may pass by itself. */
export const RETRYABLE_STATUSES: readonly (number | undefined)[] = [
  408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530,
];

/** The native core's error number n is row n - 1; its number 0 is no error. */
export const ERROR_ROWS: readonly ErrorRow[] = [
  {
    code: 'WSFD_INVALID_ARGUMENT',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'an argument is not valid',
  },
  {
    code: 'WSFD_INVALID_URL',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'the URL is not valid',
  },
  {
    code: 'WSFD_UNSUPPORTED_SCHEME',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: "the URL's scheme is not supported",
  },
  {
    code: 'WSFD_INVALID_OPTION',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'an option is not valid',
  },
  {
    code: 'WSFD_UNKNOWN_OPTION',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'there is no such option',
  },
  {
    code: 'WSFD_INVALID_SOCKET',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'the socket number is not that of an open socket',
  },
  {
    code: 'WSFD_WRONG_MODE',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'the socket was opened for calls of the other kind',
  },
  {
    code: 'WSFD_READER_CONFLICT',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: "the socket's messages already go elsewhere",
  },
  {
    code: 'WSFD_ABORTED',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'the call was aborted by its signal',
  },
  {
    code: 'WSFD_PERMISSION_DENIED',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'the process has no permission for the network',
  },
  {
    code: 'WSFD_INTERRUPTED',
    category: 'usage',
    retryable: false,
    closeCode: 0,
    text: 'the call was interrupted by a signal of the operating system',
  },
  {
    code: 'WSFD_NO_FREE_SOCKETS',
    category: 'limit',
    retryable: true,
    closeCode: 0,
    text: 'there are no more free sockets',
  },
  {
    code: 'WSFD_SEND_BUFFER_FULL',
    category: 'limit',
    retryable: true,
    closeCode: 0,
    text: 'the send buffer is full',
  },
  {
    code: 'WSFD_MESSAGE_TOO_BIG',
    category: 'limit',
    retryable: false,
    closeCode: 1009,
    text: 'a message is larger than maxMessageBytes',
  },
  {
    code: 'WSFD_OUT_OF_MEMORY',
    category: 'limit',
    retryable: true,
    closeCode: 1011,
    text: 'there is not enough memory',
  },
  {
    code: 'WSFD_NAME_NOT_RESOLVED',
    category: 'resolve',
    retryable: true,
    closeCode: 0,
    text: 'the host name could not be resolved',
  },
  {
    code: 'WSFD_CONNECT_FAILED',
    category: 'network',
    retryable: true,
    closeCode: 0,
    text: 'the connection could not be made',
  },
  {
    code: 'WSFD_CONNECTION_LOST',
    category: 'network',
    retryable: true,
    closeCode: 0,
    text: 'the connection was lost',
  },
  {
    code: 'WSFD_PROXY_REFUSED',
    category: 'network',
    retryable: 'depends',
    closeCode: 0,
    text: 'the proxy did not make the connection',
  },
  {
    code: 'WSFD_CERTIFICATE_REFUSED',
    category: 'tls',
    retryable: false,
    closeCode: 0,
    text: "the server's certificate was refused",
  },
  {
    code: 'WSFD_TLS_HANDSHAKE_FAILED',
    category: 'tls',
    retryable: false,
    closeCode: 0,
    text: 'the TLS handshake failed',
  },
  {
    code: 'WSFD_TLS_NOT_SPOKEN',
    category: 'tls',
    retryable: false,
    closeCode: 0,
    text: 'the server does not speak TLS here',
  },
  {
    code: 'WSFD_TLS_FAILED',
    category: 'tls',
    retryable: 'depends',
    closeCode: 0,
    text: 'the TLS connection failed',
  },
  {
    code: 'WSFD_OPEN_TIMEOUT',
    category: 'timeout',
    retryable: true,
    closeCode: 0,
    text: 'the connection was not open within the timeout',
  },
  {
    code: 'WSFD_HANDSHAKE_REFUSED',
    category: 'handshake',
    retryable: 'depends',
    closeCode: 0,
    text: 'the server refused the opening handshake',
  },
  {
    code: 'WSFD_HANDSHAKE_MALFORMED',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: "the server's answer is not an HTTP response",
  },
  {
    code: 'WSFD_HANDSHAKE_HEAD_TOO_LARGE',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: "the server's response head is too large",
  },
  {
    code: 'WSFD_HANDSHAKE_UPGRADE_INVALID',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: "the server's answer does not upgrade to WebSocket",
  },
  {
    code: 'WSFD_HANDSHAKE_ACCEPT_INVALID',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: "the server's Sec-WebSocket-Accept is not the one expected",
  },
  {
    code: 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: 'the server chose a subprotocol that was not offered',
  },
  {
    code: 'WSFD_HANDSHAKE_EXTENSION_INVALID',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: "the server's choice of extensions is not valid",
  },
  {
    code: 'WSFD_HANDSHAKE_ENDED',
    category: 'handshake',
    retryable: true,
    closeCode: 0,
    text: 'the connection ended during the opening handshake',
  },
  {
    code: 'WSFD_TOO_MANY_REDIRECTS',
    category: 'handshake',
    retryable: false,
    closeCode: 0,
    text: 'the server redirected too often',
  },
  {
    code: 'WSFD_RESERVED_BITS',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a reserved bit is set in a frame',
  },
  {
    code: 'WSFD_RESERVED_OPCODE',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a frame has a reserved opcode',
  },
  {
    code: 'WSFD_MASKED_FRAME',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a frame from the server is masked',
  },
  {
    code: 'WSFD_LENGTH_NOT_MINIMAL',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a payload length is not encoded minimally',
  },
  {
    code: 'WSFD_LENGTH_INVALID',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a payload length has its most significant bit set',
  },
  {
    code: 'WSFD_CONTROL_FRAME_TOO_LONG',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: "a control frame's payload is longer than 125 bytes",
  },
  {
    code: 'WSFD_CONTROL_FRAME_FRAGMENTED',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a control frame is fragmented',
  },
  {
    code: 'WSFD_CONTINUATION_UNEXPECTED',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a continuation frame continues nothing',
  },
  {
    code: 'WSFD_CONTINUATION_EXPECTED',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: 'a new message began inside a fragmented one',
  },
  {
    code: 'WSFD_CLOSE_PAYLOAD_INVALID',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: "a close frame's payload is one byte long",
  },
  {
    code: 'WSFD_CLOSE_CODE_INVALID',
    category: 'protocol',
    retryable: false,
    closeCode: 1002,
    text: "a close frame's code must not be sent",
  },
  {
    code: 'WSFD_CLOSE_REASON_NOT_UTF8',
    category: 'protocol',
    retryable: false,
    closeCode: 1007,
    text: "a close frame's reason is not UTF-8",
  },
  {
    code: 'WSFD_TEXT_NOT_UTF8',
    category: 'protocol',
    retryable: false,
    closeCode: 1007,
    text: 'a text message is not UTF-8',
  },
  {
    code: 'WSFD_COMPRESSED_DATA_INVALID',
    category: 'protocol',
    retryable: false,
    closeCode: 1007,
    text: 'compressed data cannot be inflated',
  },
  {
    code: 'WSFD_READ_TIMEOUT',
    category: 'timeout',
    retryable: true,
    closeCode: 0,
    text: 'no message came within the time',
  },
  {
    code: 'WSFD_CLOSE_TIMEOUT',
    category: 'timeout',
    retryable: true,
    closeCode: 0,
    text: 'the server did not answer the close frame in time',
  },
  {
    code: 'WSFD_PONG_TIMEOUT',
    category: 'timeout',
    retryable: true,
    closeCode: 0,
    text: 'the server did not answer a ping in time',
  },
  {
    code: 'WSFD_SOCKET_CLOSED',
    category: 'closed',
    retryable: 'depends',
    closeCode: 0,
    text: 'the socket is closed',
  },
  {
    code: 'WSFD_TLS_TRUNCATED',
    category: 'closed',
    retryable: true,
    closeCode: 0,
    text: 'the TLS connection ended without close_notify',
  },
  {
    code: 'WSFD_CLOSED_ABNORMALLY',
    category: 'closed',
    retryable: true,
    closeCode: 0,
    text: 'the connection ended without a close frame',
  },
  {
    code: 'WSFD_INTERNAL',
    category: 'internal',
    retryable: false,
    closeCode: 1011,
    text: 'wsfd itself failed; please report this',
  },
];
