// src/base/permission.ts: what Node.js must be started with, where it refused to load the package.
// test/integration/lifetime/permission.test.ts starts it with that.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

interface Permission {
  describeDenial(cause: unknown, folder: string): string | undefined;
}

// This file runs as out/test/base/permission.test.js.
const root = join(__dirname, '..', '..', '..');

/** The module as it is in a process that may do nothing. */
function loadDenied(): Permission {
  Object.defineProperty(process, 'permission', { value: { has: () => false }, configurable: true });
  return createRequire(__filename)(join(root, 'modules', 'base', 'permission.js')) as Permission;
}

const rows: [resource: string, folder: string][] = [
  ['/app/node_modules/node-gyp-build/index.js', '/app/node_modules/node-gyp-build'],
  ['C:\\app\\node-gyp-build\\index.js', 'C:\\app\\node-gyp-build'],
  ['\\\\?\\C:\\app\\node-gyp-build\\index.js', 'C:\\app\\node-gyp-build'],
  ['\\\\?\\UNC\\plant\\app\\node-gyp-build\\index.js', '\\\\plant\\app\\node-gyp-build'],
];

for (const [resource, folder] of rows) {
  test(`${resource} is refused: ${folder} is named`, () => {
    const cause = { code: 'ERR_ACCESS_DENIED', resource, message: 'refused' };
    const text = loadDenied().describeDenial(cause, '/app/node_modules/wsfd') ?? '';
    const named = [...text.matchAll(/--allow-fs-read=(\S*?)[\\/](?=[ .])/g)].map(([, it]) => it);
    assert.equal(named[1], folder, text);
  });
}
