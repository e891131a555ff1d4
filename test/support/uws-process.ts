// A process that runs a uWebSockets.js server: a child of this one, or, where the tests run on another
// system than the machine below, a child of that machine's broker (scripts/targets/uws-broker.mjs).
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';

export interface UwsProcess {
  /** Gives the server its settings; they go as JSON. */
  send(settings: object): void;
  /** Calls back with each message of the server. */
  onMessage(callback: (message: unknown) => void): void;
  /** Resolves once it has ended, with how. */
  readonly ended: Promise<string>;
  /** Lets go of it, upon which it ends. */
  release(): void;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

function forkUws(file: string): UwsProcess {
  const child: ChildProcess = fork(file, {
    // uWebSockets.js has no binary for every Node; the variable names one for which it has.
    execPath: process.env['WSFD_UWS_NODE'] ?? process.execPath,
    // Not the test runner's own flags: the other Node may not know them.
    execArgv: [],
  });
  return {
    send: (settings) => void child.send(settings),
    onMessage: (callback) => void child.on('message', callback),
    ended: new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(String(code ?? signal)));
      child.once('error', (error) => resolve(error.message));
    }),
    release: () => {
      if (child.connected) child.disconnect();
    },
    signal: (name) => void child.kill(name),
  };
}

/** What the broker says, a line each. */
type BrokerLine = { message: unknown } | { ended: string };

function askBroker(port: number, file: string): UwsProcess {
  const program = relative(join(__dirname, '..', '..'), file).replaceAll(sep, '/');
  const connection = connect({ port, host: '127.0.0.1', noDelay: true });
  const say = (line: object): void => void connection.write(`${JSON.stringify(line)}\n`);
  const callbacks: ((message: unknown) => void)[] = [];
  say({ start: program });
  return {
    send: (settings) => say({ send: settings }),
    onMessage: (callback) => void callbacks.push(callback),
    ended: new Promise((resolve) => {
      createInterface({ input: connection }).on('line', (text) => {
        const line = JSON.parse(text) as BrokerLine;
        if ('ended' in line) resolve(line.ended);
        else for (const callback of callbacks) callback(line.message);
      });
      connection.once('error', (error) => resolve(error.message));
      connection.once('close', () => resolve('the broker is gone'));
    }),
    release: () => void connection.end(),
    signal: (name) => say({ signal: name }),
  };
}

const broker = process.env['WSFD_UWS_BROKER'];

/** True where a server can be stopped and go on: Windows has no such signals. */
export const uwsKnowsSignals = process.platform !== 'win32' || broker !== undefined;

/** Starts the compiled `file`, which serves by uWebSockets.js until it is let go of. */
export const startUwsProcess = (file: string): UwsProcess =>
  broker === undefined ? forkUws(file) : askBroker(Number(broker), file);

/** A key and a certificate, PEM, as the files that uWebSockets.js wants; `remove` takes them away. */
export function writeTlsFiles(tls: { key: string; cert: string }): {
  keyFile: string;
  certificateFile: string;
  remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-test-'));
  const keyFile = join(folder, 'key.pem');
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(keyFile, tls.key, { mode: 0o600 });
  writeFileSync(certificateFile, tls.cert);
  return { keyFile, certificateFile, remove: () => rmSync(folder, { recursive: true }) };
}
