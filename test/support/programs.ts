// Server programs of Debian's packages, as tests run them: each in a folder of its own, on a port
// that was free a moment ago. Tests of one that is not installed are left out; WSFD_REQUIRE_PROGRAMS
// in the environment makes that a failure.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fixture } from './fixture';

/** A port of this address that nobody listens on at the moment. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves once somebody listens there; false if `gone` says that nobody ever will. */
async function listening(host: string, port: number, gone: () => boolean): Promise<boolean> {
  while (!gone()) {
    const socket = connect(port, host);
    const there = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (there === true) return true;
  }
  return false;
}

/**
 * Without what is loaded into a Node whose addon is sanitized: other programs do not bear it. With
 * the folder of Debian's servers, which only root's PATH has.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, PATH = '', ...rest } = process.env;
  return { ...rest, PATH: `${PATH}:/usr/sbin` };
}

const required = process.env['WSFD_REQUIRE_PROGRAMS'] !== undefined;

/** Why tests of a program are left out; false if it is installed. */
export function without(program: string): string | false {
  if (process.platform === 'win32') return `${program} is a program of Linux`;
  return !installed(program) && `${program} is not installed`;
}

/** True if a program is installed; where programs are required it must be. */
export function installed(program: string): boolean {
  const found = spawnSync('which', [program], { env: programEnvironment() }).status === 0;
  assert.ok(found || !required, `WSFD_REQUIRE_PROGRAMS is set and ${program} is not installed`);
  return found;
}

/** More ports are not tried: a program that takes none of them is at fault itself. */
const mostPorts = 10;

export interface Program extends Fixture {
  readonly child: ChildProcess;
  readonly folder: string;
}

/**
 * Runs a server that cannot be told to choose its port: one that was free a moment ago is given to
 * it, and another one should somebody else have taken it. `commandFor` may write files into the
 * folder, which goes with the server.
 */
export async function runProgram(
  commandFor: (port: number, folder: string) => string[],
  host = '127.0.0.1',
): Promise<Program> {
  let name = '';
  for (let tried = 0; tried < mostPorts; tried++) {
    const port = await freePort(host);
    const folder = mkdtempSync(join(tmpdir(), 'wsfd-program-'));
    // Servers that give up the rights of root must still get in.
    chmodSync(folder, 0o755);
    const [program = '', ...parameters] = commandFor(port, folder);
    name = program;
    const child = spawn(program, parameters, { stdio: 'ignore', env: programEnvironment() });
    const exited = once(child, 'exit');
    const close = async (): Promise<void> => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    };
    const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    if (await listening(host, port, gone)) {
      return { port, url: `${host}:${port}`, close, child, folder };
    }
    await close();
  }
  throw new Error(`${name} listens on none of ${mostPorts} ports`);
}
