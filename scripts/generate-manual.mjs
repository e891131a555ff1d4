// Makes docs/wsfd.1, the manual page of the command, from its tables (src/command/manual.ts).
// Usage: node scripts/generate-manual.mjs [--check]
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isMain, root } from './tools.mjs';

const page = 'docs/wsfd.1';

/** Writes the page, or with `check` only compares it; its name if it differed. */
export function generateManual({ check = false } = {}) {
  const load = createRequire(import.meta.url);
  const text = load(join(root, 'modules', 'command', 'manual.js')).manualPage();
  const file = join(root, page);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return [];
  if (!check) writeFileSync(file, text);
  return [page];
}

if (isMain(import.meta.url)) {
  const check = process.argv.includes('--check');
  const stale = generateManual({ check });
  if (check && stale.length > 0) {
    console.error(`${page} differs from src/command: run npm run format`);
    process.exitCode = 1;
  }
}
