// Single modules of the package (modules/), for tests of what the package does not export. They are
// not those of `wsfd`: a test file uses the one or the other.
import { createRequire } from 'node:module';
import { join } from 'node:path';

// This file runs as out/test/support/modules.js.
const root = join(__dirname, '..', '..', '..');

/** The module that `src/${name}.ts` becomes. */
export const loadModule = (name: string): unknown =>
  createRequire(__filename)(join(root, 'modules', `${name}.js`));
