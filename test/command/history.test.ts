// src/command/history.ts: where the typed lines are kept, and which.
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { loadModule } from '../support/modules';

interface Kept {
  readonly lines: readonly string[];
  add(line: string): void;
}

const { History, historyFile } = loadModule('command/history') as {
  History: new (env: NodeJS.ProcessEnv) => Kept;
  historyFile(env: NodeJS.ProcessEnv, platform?: string): string;
};

function stateFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-history-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('the file is in the XDG state folder', () => {
  const home = join(homedir(), '.local', 'state', 'wsfd', 'history');
  const state = join('/var/state', 'wsfd', 'history');
  assert.equal(historyFile({ XDG_STATE_HOME: '/var/state' }, 'linux'), state);
  assert.equal(historyFile({}, 'linux'), home);
  // "All paths must be absolute. If an implementation encounters a relative path … it should … ignore it."
  assert.equal(historyFile({ XDG_STATE_HOME: 'state' }, 'linux'), home);
  assert.equal(historyFile({ LOCALAPPDATA: '/local' }, 'win32'), join('/local', 'wsfd', 'history'));
  assert.equal(historyFile({ LOCALAPPDATA: '/local' }, 'linux'), home);
});

test('a later run has the lines of an earlier one, the newest first', (t) => {
  const env = { XDG_STATE_HOME: stateFolder(t) };
  const first = new History(env);
  assert.deepEqual(first.lines, []);
  for (const line of ['one', 'two', 'µ three']) first.add(line);
  assert.deepEqual(new History(env).lines, ['µ three', 'two', 'one']);
});

test('a line behind a space, an empty one and one of data are not kept', (t) => {
  const env = { XDG_STATE_HOME: stateFolder(t) };
  const history = new History(env);
  for (const line of [' secret', '', 'x'.repeat(4097), 'x'.repeat(4096)]) history.add(line);
  assert.deepEqual(new History(env).lines, ['x'.repeat(4096)]);
});

test('a line with control characters, which the terminal would obey, is neither kept nor read', (t) => {
  const env = { XDG_STATE_HOME: stateFolder(t) };
  const history = new History(env);
  for (const line of ['\x1b[2J', 'a\x9bm', 'a\tb', 'µ']) history.add(line);
  assert.equal(readFileSync(historyFile(env), 'utf8'), 'µ\n');
  writeFileSync(historyFile(env), 'one\n\x1b[2Jtwo\n\x00\nthree\n');
  assert.deepEqual(new History(env).lines, ['three', 'one']);
});

const skip = process.platform === 'win32' && 'its files have no such modes';
test('nobody else may read it, whatever it was before', { skip }, (t) => {
  const env = { XDG_STATE_HOME: stateFolder(t) };
  const file = historyFile(env);
  new History(env).add('one');
  assert.equal(modeOf(file), 0o600);
  assert.equal(modeOf(join(file, '..')), 0o700);
  chmodSync(file, 0o644);
  new History(env);
  assert.equal(modeOf(file), 0o600);
});

test('it does not grow without end', (t) => {
  const env = { XDG_STATE_HOME: stateFolder(t) };
  const file = historyFile(env);
  mkdirSync(join(file, '..'));
  writeFileSync(file, Array.from({ length: 2001 }, (_, i) => `line ${i}\n`).join(''));
  const { lines } = new History(env);
  assert.deepEqual([lines.length, lines[0], lines[999]], [1000, 'line 2000', 'line 1001']);
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 1001);
  if (process.platform !== 'win32') assert.equal(modeOf(file), 0o600);
});

test('a folder that cannot be made is no error', (t) => {
  const folder = stateFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const history = new History({ XDG_STATE_HOME: join(folder, 'file') });
  history.add('one');
  assert.deepEqual(history.lines, []);
});
