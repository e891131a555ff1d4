// The echo server that never sleeps: bench/native/spin.h. Runs in a process of its own until its
// parent kills it.
import { readFileSync } from 'node:fs';
import { loadAddon } from '../addon';
import type { ServerSettings } from '../types';

process.once('disconnect', () => process.exit(0));
process.once('message', ({ keyFile, certificateFile }: ServerSettings) => {
  const pem = (path?: string): string => (path === undefined ? '' : readFileSync(path, 'utf8'));
  const [key, certificate] = [pem(keyFile), pem(certificateFile)];
  const addon = loadAddon();
  const { listener, port } = addon.listen();
  // From then on no event of this process is seen any more.
  process.send?.(port, () => addon.spinEcho(listener, key, certificate));
});
