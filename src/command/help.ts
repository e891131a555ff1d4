/** The texts of --help and --version. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describeFlags } from './flags.js';
import type { Command } from './flags.js';

const HEADS: Readonly<Record<Command, string>> = {
  connect: `Usage: wsfd URL [options]       prints messages; sends the lines it reads
       wsfd inspect URL         shows how the connection comes about
       wsfd bench URL           sends messages and times their echoes (--help)
       wsfd build               builds the native part; see completion SHELL`,
  inspect: 'Usage: wsfd inspect URL [options]   shows how a connection comes about',
  bench: 'Usage: wsfd bench URL [options]   sends messages and times their echoes',
};

/** The text of --help; it fits a screen of 24 lines. */
export const helpOf = (command: Command): string =>
  [HEADS[command], ...describeFlags(command)].join('\n');

export function version(): string {
  const file = path.join(__dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
