/** wsfd: WebSockets as integer handles. README.md is where to start. */
export type { PerMessageDeflateOptions } from './options/table.js';
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
} from './diagnostics/events.js';
export { WebSocketError } from './errors/errors.js';
export type { CertificateError } from './errors/errors.js';
export type { WebSocketErrorCategory, WebSocketErrorCode } from './errors/table.js';
export { webSocketClose, webSocketTerminate } from './api/close.js';
export { webSocketConnections } from './api/connections.js';
export { webSocketFlush } from './api/flush.js';
export { webSocketOpen } from './api/open.js';
export { webSocketSubscribePacked, webSocketWritePacked } from './api/packed.js';
export type { PackedBatch, PackedSubscriber } from './socket/packed-types.js';
export { webSocketPing } from './api/ping.js';
export { webSocketRead, webSocketReadMany } from './api/read.js';
export { webSocketSubscribe } from './api/subscribe.js';
export { webSocketWrite, webSocketWriteMany } from './api/write.js';
export type { Message, Ref, Subscriber } from './socket/inbox.js';
export { webSocketInfo, webSocketList } from './api/info.js';
export type {
  PeerCertificate,
  WebSocketInfo,
  WebSocketState,
  WebSocketTlsInfo,
} from './api/info.js';
export { webSocketBatches, webSocketMessages } from './api/iterate.js';
export { getLastError } from './socket/last-error.js';
export type { OpenOptions } from './options/table.js';
export type { ReconnectOptions } from './options/reconnect.js';
export type { Pem } from './options/pem.js';
export type { SslErrorKeyword } from './errors/ssl-errors.js';
export {
  webSocketCloseSync,
  webSocketFlushSync,
  webSocketOpenSync,
  webSocketReadManySync,
  webSocketReadSync,
} from './api/sync.js';
export type { SslConfig, TlsOptions } from './options/table.js';
export type { KeyAlgorithm, TlsVersion } from './options/tls-names.js';
