// What startUwsServer and its child process say to each other, as JSON over the IPC channel.

/** How the child is to serve; its first and only message from the parent. */
export interface UwsSettings {
  host: string;
  /** Paths of PEM files, which may be removed once the child listens. */
  keyFile?: string;
  certificateFile?: string;
  passphrase?: string;
  echo: boolean;
  /** True: messages are no events. */
  quiet: boolean;
  /** The name of a uWebSockets.js compressor, such as SHARED_COMPRESSOR; absent: no deflate. */
  compression?: string;
  /** Compressors, or several with '+' between, each under the path of its name. */
  compressions?: string[];
  maxPayloadLength: number;
}

/** What the child says. */
export type UwsEvent =
  | { event: 'listening'; port: number }
  | { event: 'open'; url: string; headers: Record<string, string> }
  | { event: 'message'; bytes: number; binary: boolean }
  | { event: 'close'; code: number; reason: string };
