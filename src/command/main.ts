#!/usr/bin/env node
/** The command `wsfd`. */
import { completionFor } from './completion.js';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.js';
import { readCommandLine } from './flags.js';
import { helpOf, version } from './help.js';
import { note, print } from './output.js';
import { UsageError } from './usage-error.js';

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'build') return (await import('./build.js')).build(args.slice(1));
  if (args[0] === 'completion') {
    await print(completionFor(args.slice(1)));
    return EXIT_DONE;
  }
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
  let run;
  try {
    ({ run } = await import('./run.js'));
  } catch (error) {
    // No stack trace: the addon does not load, and the message says why.
    note((error as Error).message);
    return EXIT_FAILED;
  }
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
