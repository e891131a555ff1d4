/** The subcommands that connect. Importing this loads the addon. */
import { bench } from './bench.js';
import { connect } from './connect.js';
import type { Command, Values } from './flags.js';
import { inspect } from './inspect.js';

export const run: Record<Command, (url: string, values: Values) => Promise<number>> = {
  connect,
  inspect,
  bench,
};
