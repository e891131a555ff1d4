// A uWebSockets.js server in a process of its own.
import { join } from 'node:path';
import { Arrivals } from './arrivals';
import { urlOf } from './fixture';
import type { Fixture } from './fixture';
import { startUwsProcess } from './uws-process';
import type { UwsProcess } from './uws-process';
import type { UwsEvent, UwsSettings } from './uws-protocol';

export type { UwsEvent };

export interface UwsServerOptions {
  /** PEM. Given: the server speaks TLS. */
  tls?: { key: string; cert: string; passphrase?: string };
  /** The address to listen on; 127.0.0.1 if absent. */
  host?: string;
  /** False: messages are not sent back. */
  echo?: boolean;
  /** True: messages are no events, for a great many of them. */
  quiet?: boolean;
  /** The name of a uWebSockets.js compressor, such as 'SHARED_COMPRESSOR' or
   * 'DEDICATED_COMPRESSOR_32KB'; absent: permessage-deflate is not negotiated. */
  compression?: string;
  /** More of them, or several with '+' between, each under the path of its name. */
  compressions?: string[];
  /** Bytes; 64 MiB if absent. */
  maxPayloadLength?: number;
}

export interface UwsServer extends Fixture {
  /** What happened, in order: { event: 'open' | 'message' | 'close', … }. */
  readonly events: Arrivals<UwsEvent>;
  /** Stops the process where it is, and lets it go on: meanwhile the system alone answers. Not on
   * Windows, which has no such signals. */
  stop(): void;
  goOn(): void;
}

function settingsOf(options: UwsServerOptions): UwsSettings {
  return {
    host: options.host ?? '127.0.0.1',
    echo: options.echo ?? true,
    quiet: options.quiet ?? false,
    maxPayloadLength: options.maxPayloadLength ?? 64 * 1024 * 1024,
    ...(options.compression === undefined ? {} : { compression: options.compression }),
    ...(options.compressions === undefined ? {} : { compressions: options.compressions }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  };
}

/** The port that the server listens on; rejects when its process ends without listening. */
function portOf(server: UwsProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    server.onMessage((message) => {
      const event = message as UwsEvent;
      if (event.event === 'listening') resolve(event.port);
    });
    void server.ended.then((how) => {
      reject(new Error(`the uWebSockets.js server ended (${how})`));
    });
  });
}

/** A uWebSockets.js server that sends text back as text, binary as binary. */
export async function startUwsServer(options: UwsServerOptions = {}): Promise<UwsServer> {
  const server = startUwsProcess(join(__dirname, 'uws-server.js'));
  let stopped = false;
  const stop = (): void => {
    server.signal('SIGSTOP');
    stopped = true;
  };
  // Windows has no such signals, and a server that nobody stopped needs none.
  const goOn = (): void => {
    if (stopped) server.signal('SIGCONT');
    stopped = false;
  };
  const close = async (): Promise<void> => {
    goOn();
    server.release();
    await server.ended;
  };
  try {
    server.send(settingsOf(options));
    const port = await portOf(server);
    const events: UwsServer['events'] = new Arrivals('event of the server');
    server.onMessage((event) => events.push(event as UwsEvent));
    const url = urlOf(port, options.tls !== undefined, options.host);
    return { port, url, close, events, stop, goOn };
  } catch (error) {
    await close();
    throw error;
  }
}
