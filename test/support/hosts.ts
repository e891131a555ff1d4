// Names with addresses of the test's own: an /etc/hosts that only a mount namespace of its own sees.
// Where none can be made `hostsPossible` is false.
import assert from 'node:assert/strict';
import type * as Dns from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runInChild } from './child';
import { namespacesPossible } from './namespaces';

/** The name that has the addresses. */
export const hostName = 'plant.wsfd.invalid';

/** A command that runs the one behind it where /etc/hosts is this file. */
const withHosts = (file: string): string[] => [
  'unshare',
  '--user',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  'mount --bind "$0" /etc/hosts && exec "$@"',
  file,
];

export const hostsPossible = namespacesPossible([...withHosts('/etc/hosts'), 'true']);

export interface Place {
  /** For runInChild: a process where the name has the addresses. */
  launcher: string[];
  /** The addresses of the name, in the order in which the system's resolver gives them. */
  order: string[];
}

/** A place where `hostName` has these addresses. */
export async function startPlace(t: TestContext, addresses: readonly string[]): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-hosts-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'hosts');
  writeFileSync(file, addresses.map((address) => `${address} ${hostName}\n`).join(''));
  const launcher = withHosts(file);
  const { value, stderr } = await runInChild(
    async ({ load }, host) => {
      const { lookup } = load('node:dns/promises') as typeof Dns;
      return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
    },
    hostName,
    { launcher },
  );
  assert.deepEqual([...(value ?? [])].sort(), [...addresses].sort(), stderr);
  return { launcher, order: value ?? [] };
}
