// src/command/slash.ts: what a line that is typed on a terminal asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModule } from '../support/modules';

const { readTyped, completeTyped, describeCommands } = loadModule('command/slash') as {
  readTyped(line: string): Record<string, unknown>;
  completeTyped(line: string): [string[], string];
  describeCommands(): string[];
};

const cases: [line: string, typed: Record<string, unknown>][] = [
  ['hello', { kind: 'send', text: 'hello' }],
  ['', { kind: 'send', text: '' }],
  [' /ping', { kind: 'send', text: ' /ping' }],
  ['//', { kind: 'send', text: '/' }],
  ['//ping', { kind: 'send', text: '/ping' }],
  ['///x', { kind: 'send', text: '//x' }],
  ['/ping', { kind: 'ping' }],
  ['/ping ', { kind: 'ping' }],
  ['/help', { kind: 'help' }],
  ['/close', { kind: 'close', code: 1000, reason: '' }],
  ['/close 4001', { kind: 'close', code: 4001, reason: '' }],
  ['/close 4001 all  done', { kind: 'close', code: 4001, reason: 'all  done' }],
  ['/binary a file.bin', { kind: 'binary', file: 'a file.bin' }],
  ['/close now', { kind: 'wrong', why: '/close: expected a close code, got "now"' }],
  ['/binary', { kind: 'wrong', why: '/binary: expected a file' }],
  ['/ping 5', { kind: 'wrong', why: '/ping takes nothing' }],
  [
    '/pong',
    { kind: 'wrong', why: 'there is no /pong; the nearest one is /ping, and // sends a /' },
  ],
];

for (const [line, typed] of cases) {
  test(`"${line}"`, () => {
    assert.deepEqual(readTyped(line), typed);
  });
}

test('what every object has is no command', () => {
  assert.equal(readTyped('/toString')['kind'], 'wrong');
});

test('/help names every command, and fits 80 columns', () => {
  const lines = describeCommands();
  for (const name of ['/ping', '/close', '/binary', '/help', '//']) {
    assert.ok(
      lines.some((line) => line.startsWith(name)),
      name,
    );
  }
  for (const line of lines) assert.ok(line.length <= 80, line);
});

test('Tab completes commands, and nothing else', () => {
  assert.deepEqual(completeTyped('/'), [['/ping', '/close', '/binary', '/help'], '/']);
  assert.deepEqual(completeTyped('/c'), [['/close'], '/c']);
  assert.deepEqual(completeTyped('p'), [[], 'p']);
  assert.deepEqual(completeTyped(''), [[], '']);
});
