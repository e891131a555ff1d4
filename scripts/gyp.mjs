// Settings of binding.gyp for scripts that call a compiler.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.mjs';

const gyp = readFileSync(join(root, 'binding.gyp'), 'utf8').replace(/^ *#.*\n/gm, '');

const [, definitions] = /'target_defaults': \{[^]*?'defines': \[([^\]]*)\]/.exec(gyp);
/** The definitions that hold for all targets, as a compiler takes them. */
export const defines = Array.from(definitions.matchAll(/'(.*?)'/g), ([, name]) => `-D${name}`);

const [, core] = /list-sources\.mjs (native.*?)\)/.exec(gyp);
/** The folders of wsfd_core. */
export const coreFolders = core.split(' ');
