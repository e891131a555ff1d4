// The server processes of a run, one of which is killed and started again from time to time.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificates';
import type { ServerName } from './model/kinds';
import type { ServerReport } from './model/ledger';
import type { AllPorts, ClientFiles, FromServer, Ports, ServerFiles, ToServer } from './protocol';

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  ports: Ports;
  open: number;
}

const programs: Readonly<Record<ServerName, string>> = {
  uws: 'uws.js',
  node: 'node.js',
  fragile: 'node.js',
};
const names = Object.keys(programs) as ServerName[];

const root = makeCertificate({ subject: 'Soak Root', ca: true });
const leaf = makeCertificate({
  subject: 'localhost',
  issuer: root,
  san: ['DNS:localhost', 'IP:127.0.0.1'],
});
const clientRoot = makeCertificate({ subject: 'Soak Client Root', ca: true });
const client = makeCertificate({
  subject: 'Soak Client',
  issuer: clientRoot,
  extendedKeyUsage: ['clientAuth'],
});

export const clientFiles: ClientFiles = {
  root: root.cert,
  clientCertificate: client.chain,
  clientKey: client.key,
};

function strangeCertificates(): ServerFiles['strange'] {
  const stranger = makeCertificate({ subject: 'Unknown Root', ca: true });
  const day = 86_400_000;
  const [longAgo, yesterday] = [new Date(Date.now() - 9 * day), new Date(Date.now() - day)];
  const certificates = {
    'expired.test': makeCertificate({
      issuer: root,
      san: ['DNS:expired.test'],
      notBefore: longAgo,
      notAfter: yesterday,
    }),
    'elsewhere.test': makeCertificate({ issuer: root, san: ['DNS:here.test'] }),
    'selfsigned.test': makeCertificate({ san: ['DNS:selfsigned.test'] }),
    'stranger.test': makeCertificate({ issuer: stranger, san: ['DNS:stranger.test'] }),
  };
  return Object.fromEntries(
    Object.entries(certificates).map(([name, { chain, key }]) => [name, { cert: chain, key }]),
  );
}

export class Servers {
  /** How often a process was killed. */
  kills = 0;
  private readonly running = new Map<ServerName, Running>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'wsfd-soak-'));
  private readonly files: ServerFiles;
  private pace = 1;
  private stopping = false;

  constructor(
    private readonly onReport: (report: ServerReport) => void,
    private readonly onFault: (text: string) => void,
  ) {
    const [key, certificate] = [join(this.folder, 'key.pem'), join(this.folder, 'leaf.pem')];
    writeFileSync(key, leaf.key, { mode: 0o600 });
    writeFileSync(certificate, leaf.chain);
    const strange = strangeCertificates();
    this.files = { key, certificate, clientRoot: clientRoot.cert, strange };
  }

  async start(): Promise<void> {
    await Promise.all(names.map((name) => this.startOne(name)));
  }

  get ports(): AllPorts {
    const entries = names.map((name) => [name, this.running.get(name)?.ports]);
    return Object.fromEntries(entries) as AllPorts;
  }

  /** Connections that the servers which are not killed have open. */
  get open(): number {
    return [...this.running.values()].reduce((sum, { open }) => sum + open, 0);
  }

  setPace(pace: number): void {
    this.pace = pace;
    for (const { child } of this.running.values()) {
      if (child.connected) child.send({ type: 'pace', pace } satisfies ToServer);
    }
  }

  /** Kills the fragile one without a warning, and starts it again. */
  async killFragile(): Promise<void> {
    const fragile = this.running.get('fragile');
    if (fragile === undefined) return;
    this.running.delete('fragile');
    this.kills += 1;
    fragile.child.kill('SIGKILL');
    await fragile.exited;
    // Its ports must stay known to those that are under way: they find nobody there.
    this.running.set('fragile', { ...fragile, open: 0 });
    await this.startOne('fragile');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const { child } of this.running.values()) if (child.connected) child.disconnect();
    await Promise.all([...this.running.values()].map(({ exited }) => exited));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startOne(name: ServerName): Promise<void> {
    const child = fork(join(__dirname, 'servers', programs[name]), {
      // uWebSockets.js has no binary for every Node; this names one for which it has.
      execPath: process.env['WSFD_UWS_NODE'] ?? process.execPath,
      execArgv: [],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const ports = await new Promise<Ports>((resolve, reject) => {
      child.on('message', (message: FromServer) => {
        if (message.type === 'listening') resolve(message.ports);
        else this.takeState(name, child, message);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const how = String(code ?? signal);
        reject(new Error(`the server ${name} ended (${how})`));
        const isOurs = this.running.get(name)?.child === child;
        if (isOurs && !this.stopping) this.onFault(`the server ${name} ended by itself (${how})`);
      });
      child.send({ type: 'start', files: this.files } satisfies ToServer);
    });
    child.send({ type: 'pace', pace: this.pace } satisfies ToServer);
    this.running.set(name, { child, exited, ports, open: 0 });
  }

  private takeState(
    name: ServerName,
    child: ChildProcess,
    { reports, open }: Extract<FromServer, { type: 'state' }>,
  ): void {
    for (const report of reports) this.onReport(report);
    const running = this.running.get(name);
    if (running?.child === child) running.open = open;
  }
}
