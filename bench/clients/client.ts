// What a WebSocket client has to offer to be measured. Each has a file of its own, as short as its
// interface allows, and uses it in the way its documentation shows.
import type { Take } from '../feed';
import type { Data } from '../messages';
import type { Compression, WsfdOptions } from '../types';

export interface Connection {
  send(data: Data): void;
  /** Sends each, one call a message unless the client is about something else; resolves once the
   * operating system has them all. */
  sendAll(messages: readonly Data[]): Promise<void>;
  /** Resolves once the connection is closed, or at once where the client does not tell. */
  close(): Promise<void>;
}

export interface OpenSettings {
  /** PEM of the trusted root; only with TLS. */
  readonly ca?: string;
  /** Use TLS sessions again. */
  readonly resume?: boolean;
  /** Have every message compressed, as the server agrees to it; absent: do not offer it. */
  readonly compression?: Compression;
  /** For wsfd; no other client has such options. */
  readonly options?: WsfdOptions;
}

export interface Client {
  /** Opens a connection; every message of it goes to `take`, text as a string. Rejects when it
   * cannot be opened; an error later ends the process. */
  open(url: string, take: Take, settings: OpenSettings): Promise<Connection>;
}
