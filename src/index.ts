/** wsfd: WebSockets as integer handles. README.md is where to start. */
export type { PerMessageDeflateOptions } from './compression-options.js';
export type {
  WebSocketAttemptEvent,
  WebSocketCloseEvent,
  WebSocketControlEvent,
  WebSocketDiagnostics,
  WebSocketErrorEvent,
  WebSocketEvent,
  WebSocketHandshakeEvent,
  WebSocketMessagesEvent,
  WebSocketOpenEvent,
  WebSocketProxyEvent,
  WebSocketTlsEvent,
} from './diagnostics.js';
export { WebSocketError } from './errors.js';
export type { CertificateError } from './errors.js';
export type { WebSocketErrorCategory, WebSocketErrorCode } from './error-table.js';
export {
  webSocketClose,
  webSocketFlush,
  webSocketOpen,
  webSocketPing,
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
  webSocketWriteMany,
} from './functions.js';
export type { Message, Ref, Subscriber } from './inbox.js';
export { webSocketInfo, webSocketList } from './info.js';
export type { PeerCertificate, WebSocketInfo, WebSocketState, WebSocketTlsInfo } from './info.js';
export { webSocketBatches, webSocketMessages } from './iterate.js';
export { getLastError } from './last-error.js';
export type { OpenOptions } from './options.js';
export type { Pem } from './pem.js';
export type { SslErrorKeyword } from './ssl-errors.js';
export {
  webSocketCloseSync,
  webSocketFlushSync,
  webSocketOpenSync,
  webSocketReadManySync,
  webSocketReadSync,
} from './sync.js';
export type { KeyAlgorithm, SslConfig, TlsOptions, TlsVersion } from './tls-options.js';
