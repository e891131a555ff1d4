// A new user: an empty folder, the tarball that `npm pack` makes (WSFD_TARBALL), and mostly nothing
// but Node and npm. What else users have lies in WSFD_PACKAGE_TOOLS. scripts/check-package.mjs runs
// these tests; `npm test` does not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export interface Outcome {
  code: number;
  /** Both streams in one. */
  output: string;
}

/** The program of this name in PATH, links resolved. */
function findProgram(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  assert.ok(found !== undefined, `there is no ${name} in PATH`);
  return realpathSync(found);
}

/** The settings of this process but for what npm says of the command that it runs just now. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const ofCommand = /^npm_(package|lifecycle|command|execpath|config_(local_)?prefix$)/;
  const kept = Object.entries(process.env).filter(([name]) => !ofCommand.test(name));
  return Object.fromEntries(kept.filter(([name]) => !name.startsWith('WSFD_')));
}

/** A setting of scripts/check-package.mjs. */
export function setting(name: 'WSFD_TARBALL' | 'WSFD_PACKAGE_TOOLS'): string {
  const value = process.env[name];
  assert.ok(value !== undefined, `${name} is not set: npm run check:package`);
  return value;
}

/** A file of the programs that users have besides npm. */
export const toolFile = (...names: string[]): string =>
  join(setting('WSFD_PACKAGE_TOOLS'), 'node_modules', ...names);

export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'wsfd-consumer-'));
  /** A PATH without compiler, make and Python. */
  readonly barePath = join(this.folder, 'bin');

  constructor() {
    mkdirSync(this.barePath);
    for (const [name, target] of [
      ['node', process.execPath],
      ['npm', findProgram('npm')],
      ['sh', '/bin/sh'],
    ] as const) {
      symlinkSync(target, join(this.barePath, name));
    }
    this.write('package.json', '{ "name": "consumer", "version": "1.0.0", "private": true }\n');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Where the installed package is. */
  get package(): string {
    return join(this.folder, 'node_modules', 'wsfd');
  }

  /** Runs a program in the folder, with the bare PATH unless `env` has another. */
  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: this.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...ownEnvironment(), PATH: this.barePath, ...env },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      }
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, output }));
    });
  }

  /** Installs the tarball, by npm. */
  async install(...options: string[]): Promise<void> {
    const args = ['install', ...options, setting('WSFD_TARBALL')];
    const { code, output } = await this.run('npm', args);
    assert.equal(code, 0, output);
  }
}

/**
 * A program that is refused, since Node's roots know nothing of the server, then opens, writes, reads
 * and closes; its arguments are a URL and a CA certificate.
 */
const smoke = (load: string): string => `${load}
async function main() {
  const [, , url, caCertificates] = process.argv;
  await webSocketOpen(url, { timeout: 60 });
  const refused = getLastError()[0]?.code;
  const socket = await webSocketOpen(url, { caCertificates, timeout: 60 });
  if (socket < 0) throw getLastError()[0];
  const written = webSocketWrite(socket, 'hello');
  const message = {};
  const read = await webSocketRead(socket, message, 60);
  console.log(JSON.stringify([refused, written, read, message.value, await webSocketClose(socket)]));
}
main();
`;
const names = 'getLastError, webSocketClose, webSocketOpen, webSocketRead, webSocketWrite';

/** The same program as a CommonJS script and as an ES module. */
export const programs = {
  'smoke.cjs': smoke(`const { ${names} } = require('wsfd');`),
  'smoke.mjs': smoke(`import { ${names} } from 'wsfd';`),
};

/** What it prints where all is well. */
export const smokeOutput = '["WSFD_CERTIFICATE_REFUSED",0,0,"hello",0]\n';
