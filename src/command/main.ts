#!/usr/bin/env node
/** The command `wsfd`. */
import { bench } from './bench.js';
import { connect } from './connect.js';
import { EXIT_DONE, EXIT_USAGE } from './exit-codes.js';
import { readCommandLine } from './flags.js';
import type { Command, Values } from './flags.js';
import { helpOf, version } from './help.js';
import { inspect } from './inspect.js';
import { note, print } from './output.js';
import { UsageError } from './usage-error.js';

const run: Record<Command, (url: string, values: Values) => Promise<number>> = {
  connect,
  inspect,
  bench,
};

async function main(args: readonly string[]): Promise<number> {
  const { command, url, values } = readCommandLine(args);
  if (values.help === true) {
    await print(`${helpOf(command)}\n`);
    return EXIT_DONE;
  }
  if (values.version === true) {
    await print(`wsfd ${version()}\n`);
    return EXIT_DONE;
  }
  if (url === undefined) throw new UsageError('a URL is expected, such as wss://host/path');
  return run[command](url, values);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    note(`wsfd: ${error.message}\nwsfd --help says what there is.`);
    process.exitCode = EXIT_USAGE;
  },
);
