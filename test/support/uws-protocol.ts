// What startUwsServer and its server's process say to each other, as JSON.

/** How the process is to serve; the first and only message to it. */
export interface UwsSettings {
  host: string;
  /** PEM. Given: the server speaks TLS. */
  tls?: { key: string; cert: string; passphrase?: string };
  echo: boolean;
  /** True: messages are no events. */
  quiet: boolean;
  /** The name of a uWebSockets.js compressor, such as SHARED_COMPRESSOR; absent: no deflate. */
  compression?: string;
  /** Compressors, or several with '+' between, each under the path of its name. */
  compressions?: string[];
  maxPayloadLength: number;
}

/** What the process says. */
export type UwsEvent =
  | { event: 'listening'; port: number }
  | { event: 'open'; url: string; headers: Record<string, string> }
  | { event: 'message'; bytes: number; binary: boolean }
  | { event: 'close'; code: number; reason: string };
