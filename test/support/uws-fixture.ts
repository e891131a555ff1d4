// A uWebSockets.js server in a process of its own.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arrivals } from './arrivals';
import { urlOf } from './fixture';
import type { Fixture } from './fixture';
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

/** Keys and certificates as the files that uWebSockets.js wants; `remove` takes them away. */
function writeTlsFiles(tls: { key: string; cert: string }): {
  keyFile: string;
  certificateFile: string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-test-'));
  const keyFile = join(folder, 'key.pem');
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(keyFile, tls.key, { mode: 0o600 });
  writeFileSync(certificateFile, tls.cert);
  return { keyFile, certificateFile, remove: () => rmSync(folder, { recursive: true }) };
}

function settingsOf(options: UwsServerOptions): UwsSettings {
  return {
    host: options.host ?? '127.0.0.1',
    echo: options.echo ?? true,
    quiet: options.quiet ?? false,
    maxPayloadLength: options.maxPayloadLength ?? 64 * 1024 * 1024,
    ...(options.compression === undefined ? {} : { compression: options.compression }),
    ...(options.compressions === undefined ? {} : { compressions: options.compressions }),
    ...(options.tls?.passphrase === undefined ? {} : { passphrase: options.tls.passphrase }),
  };
}

/** The port that the child listens on; rejects when it ends without listening. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: UwsEvent) => {
      if (message.event === 'listening') resolve(message.port);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the uWebSockets.js server ended (${String(code ?? signal)})`));
    });
  });
}

/**
 * A uWebSockets.js server that sends text back as text, binary as binary. It runs on the Node
 * that WSFD_UWS_NODE names, since uWebSockets.js is not there for every version; else on this one.
 */
export async function startUwsServer(options: UwsServerOptions = {}): Promise<UwsServer> {
  const files = options.tls === undefined ? undefined : writeTlsFiles(options.tls);
  const child = fork(join(__dirname, 'uws-server.js'), {
    execPath: process.env['WSFD_UWS_NODE'] ?? process.execPath,
    // Not the test runner's own flags: the other Node may not know them.
    execArgv: [],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  let stopped = false;
  // Windows has no such signals, and a fixture that nobody stopped needs none.
  const goOn = (): void => {
    if (stopped) child.kill('SIGCONT');
    stopped = false;
  };
  const close = async (): Promise<void> => {
    goOn();
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    const { keyFile, certificateFile } = files ?? {};
    const paths = keyFile === undefined ? {} : { keyFile, certificateFile };
    child.send({ ...settingsOf(options), ...paths });
    const port = await portOf(child);
    const events: UwsServer['events'] = new Arrivals();
    child.on('message', (event: UwsEvent) => events.push(event));
    const secure = options.tls !== undefined;
    const stop = (): void => {
      stopped = child.kill('SIGSTOP');
    };
    return { port, url: urlOf(port, secure, options.host), close, events, stop, goOn };
  } catch (error) {
    await close();
    throw error;
  } finally {
    files?.remove();
  }
}
