import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handshake } from '../support/handshake-core';
import type { ExtensionElement, HeaderPairs } from '../support/handshake-core';

const one = (name: string, ...parameters: HeaderPairs): ExtensionElement => ({ name, parameters });

const lists: [list: string, extensions: ExtensionElement[]][] = [
  ['foo', [one('foo')]],
  ['  foo\t', [one('foo')]],
  ['foo, bar; baz=2', [one('foo'), one('bar', ['baz', '2'])]],
  ['foo,bar', [one('foo'), one('bar')]],
  ['foo , foo', [one('foo'), one('foo')]],
  [', ,foo,, bar ,', [one('foo'), one('bar')]],
  ['foo;a', [one('foo', ['a', ''])]],
  ['foo ; a ; b = c ;d=e', [one('foo', ['a', ''], ['b', 'c'], ['d', 'e'])]],
  ['foo; a=1; a=2; a', [one('foo', ['a', '1'], ['a', '2'], ['a', ''])]],
  ['foo; a="1"', [one('foo', ['a', '1'])]],
  ['foo; a="1" ; b, bar', [one('foo', ['a', '1'], ['b', '']), one('bar')]],
  ['foo; a="\\1\\2x"', [one('foo', ['a', '12x'])]],
  ["!#$%&'*+-.^_`|~09azAZ", [one("!#$%&'*+-.^_`|~09azAZ")]],
  [
    'permessage-deflate; client_max_window_bits; server_max_window_bits=10',
    [one('permessage-deflate', ['client_max_window_bits', ''], ['server_max_window_bits', '10'])],
  ],
];

for (const [list, extensions] of lists) {
  test(`reads '${list}'`, () => assert.deepEqual(handshake.parseExtensions(list), extensions));
}

const broken = [
  '',
  ' ',
  ',',
  ', ,',
  ';',
  '=',
  '; a',
  '=a',
  '"foo"',
  'foo bar',
  'foo=1',
  'foo;',
  'foo;;a',
  'foo; =1',
  'foo; a=',
  'foo; a=,bar',
  'foo; a b',
  'foo; a=b c',
  'foo; a=b=c',
  'foo; a==b',
  'foo; "a"',
  'foo; a="',
  'foo; a="b',
  'foo; a=""',
  'foo; a="b c"',
  'foo; a="b,c"',
  'foo; a="\\',
  'foo; a="\\"',
  'foo; a="\\ "',
  'foo; a="\\\\"',
  'foo; a="\\""',
  'foo; a="b"c',
  'foo; a="b""c"',
  'foo/bar',
  'foo\0',
  'f\u00f6o',
  'foo, bar baz',
  'foo, =',
];

for (const list of broken) {
  test(`refuses ${JSON.stringify(list)}`, () => {
    assert.equal(handshake.parseExtensions(list), undefined);
  });
}

test('reads a list of many elements', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `e${i}`);
  const extensions = handshake.parseExtensions(names.map((name) => `${name}; p=${name}`).join());
  assert.deepEqual(
    extensions,
    names.map((name) => one(name, ['p', name])),
  );
});
