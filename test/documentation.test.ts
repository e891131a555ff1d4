// docs/TLS.md and docs/OPTIONS.md name every keyword and every TLS option, and what they say that
// OpenSSL reports is what the tests have seen.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificateCases } from './support/certificate-cases';

// This file runs as out/test/documentation.test.js.
const root = join(__dirname, '..', '..');
const load = createRequire(__filename);
const { SSL_ERROR_KEYWORDS } = load(join(root, 'modules', 'errors', 'ssl-errors.js')) as {
  SSL_ERROR_KEYWORDS: readonly string[];
};
const { TLS_OPTIONS } = load(join(root, 'modules', 'options', 'tls.js')) as {
  TLS_OPTIONS: readonly string[];
};
const { OPTION_NAMES } = load(join(root, 'modules', 'options', 'open-options.js')) as {
  OPTION_NAMES: readonly string[];
};

const read = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');
const page = read('TLS.md');

/** The text under a heading, up to the next one. */
const sectionOf = (heading: string): string =>
  page.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? '';

const codeIn = (text: string): string[] =>
  Array.from(text.matchAll(/`(\w+)`/g), ([, name]) => name ?? '');
const keywordsIn = (text: string): string[] =>
  codeIn(text).filter((name) => SSL_ERROR_KEYWORDS.includes(name));

test('every keyword has its section, in the order of the keywords', () => {
  const headings = Array.from(page.matchAll(/^### (\w+)$/gm), ([, name]) => name);
  assert.deepEqual(headings, [...SSL_ERROR_KEYWORDS]);
  for (const keyword of SSL_ERROR_KEYWORDS) {
    const section = sectionOf(`### ${keyword}`);
    for (const part of ['Cause', 'Ignored', 'Instead']) {
      assert.match(
        section,
        new RegExp(`^- \\*\\*${part}:\\*\\* .{10}`, 'm'),
        `${keyword}: ${part}`,
      );
    }
  }
});

test('what OpenSSL is said never to report is what no test has made it report', () => {
  const silent = SSL_ERROR_KEYWORDS.filter((keyword) =>
    sectionOf(`### ${keyword}`).includes('OpenSSL 3 never reports it'),
  );
  const seen = new Set<string>(certificateCases.flatMap(({ keywords }) => [...keywords]));
  // These take more than a chain: the options' tests and those of the chains produce them.
  const further = ['CertificateRevoked', 'CertificateBlacklisted', 'NoPeerCertificate'];
  for (const keyword of [...further, 'UnspecifiedError']) seen.add(keyword);
  assert.deepEqual(
    silent,
    SSL_ERROR_KEYWORDS.filter((keyword) => !seen.has(keyword)),
  );
});

/** The beginning of a row of the table of situations, and the case of the tests that it is. */
const situations: readonly (readonly [row: string, name: string])[] = [
  ['An appliance with a self-signed certificate', 'self-signed'],
  ["A certificate of the plant's own root, sent alone", 'unknown issuer'],
  ['The same, sent with its intermediate', 'unknown issuer of an intermediate'],
  ['The same, sent with its root', 'full chain with an unknown root'],
  ['The root is in `caCertificates`, but', 'known root, intermediate not sent'],
  ['The intermediate is in `caCertificates`', 'intermediate trusted, its root unknown'],
  ['An expired certificate of a known root', 'expired'],
  ['An expired self-signed appliance', 'expired, self-signed and wrong host'],
  ['A clock that is wrong', 'not yet valid'],
  ['The URL has an IP address', 'wrong IP'],
  ['An intermediate that was made without', 'intermediate that is no CA'],
  ['A certificate made for clients', 'clientAuth-only leaf'],
];

test('the table of situations says what the tests have seen', () => {
  const rows = sectionOf('## What OpenSSL 3 reports in a plant')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| -|^\| situation/.test(line));
  for (const [beginning, name] of situations) {
    const row = rows.find((line) => line.startsWith(`| ${beginning}`));
    const seen = certificateCases.find((entry) => entry.name === name);
    assert.ok(row !== undefined, beginning);
    assert.ok(seen !== undefined, name);
    assert.deepEqual(keywordsIn(row.split(' | ')[1] ?? '').sort(), [...seen.keywords], beginning);
  }
  // The last row is about keys and signatures that are too weak.
  assert.equal(rows.length, situations.length + 1);
});

test('the lists for old scripts are the least ones', () => {
  const lists = Array.from(
    sectionOf('## Scripts that list CertificateUntrusted').matchAll(/`\[(.*?)\]`/g),
    ([, list]) => Array.from((list ?? '').matchAll(/'(\w+)'/g), ([, keyword]) => keyword),
  );
  const names = ['self-signed', 'unknown issuer', 'unknown issuer of an intermediate'];
  const expected = [...names, 'full chain with an unknown root'].map(
    (name) => certificateCases.find((entry) => entry.name === name)?.keywords,
  );
  assert.deepEqual(lists, expected);
});

test('every TLS option is in OPTIONS.md, and no other', () => {
  const section = read('OPTIONS.md').split('\n## TLS\n')[1]?.split(/\n## /)[0] ?? '';
  const named = Array.from(section.matchAll(/^\| `(\w+)/gm), ([, name]) => name);
  assert.deepEqual([...new Set(named)].sort(), [...TLS_OPTIONS].sort());
});

test('every test that docs/RELIABILITY.md names for a case is there', () => {
  const [, section = ''] = read('RELIABILITY.md').split('\n## Cases\n');
  const [cases = ''] = section.split('\n## ');
  const named = Array.from(cases.matchAll(/`([a-z]+(?:\/[a-z\d-]+)+)`/g), ([, name]) => name ?? '');
  assert.ok(named.length > 50);
  const missing = named.filter((name) => !existsSync(join(root, 'test', `${name}.test.ts`)));
  assert.deepEqual(missing, []);
});

test('each public report stands once, with what it said and the tests that are there', () => {
  const [, section = ''] = read('RELIABILITY.md').split('\n## Public reports\n');
  const [reports = ''] = section.split('\n## ');
  const rows = reports.split('\n').filter((line) => /^\| (?!report |---|\*\*)/.test(line));
  assert.ok(rows.length >= 35, `${rows.length} reports`);
  const seen = new Set<string>();
  for (const row of rows) {
    const [, report = '', said = '', tests = ''] = row.split(/ *\| */);
    assert.match(report, /^[\w.-]+\/[\w.-]+#\d+$/);
    assert.ok(!seen.has(report), report);
    seen.add(report);
    assert.match(said, /^.{20,}\.$/, report);
    const named = Array.from(
      tests.matchAll(/`([a-z]+(?:\/[a-z\d-]+)+)`/g),
      ([, name]) => name ?? '',
    );
    assert.ok(named.length > 0, report);
    const missing = named.filter((name) => !existsSync(join(root, 'test', `${name}.test.ts`)));
    assert.deepEqual(missing, [], report);
  }
});

/** The rows of OPTIONS.md's tables of options: the cells of each, the name without what is in it. */
const optionRows = (): string[][] =>
  read('OPTIONS.md')
    .split('\n')
    .filter((line) => /^\| `\w/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

test('every option of webSocketOpen is in OPTIONS.md', () => {
  const named = optionRows().map(([, cell = '']) => /\w+/.exec(cell)?.[0]);
  const missing = OPTION_NAMES.filter((name) => !named.includes(name));
  assert.deepEqual(missing, []);
});

test('every option of webSocketOpen has a type and a meaning there', () => {
  for (const cells of optionRows()) {
    const [, name, type] = cells;
    assert.notEqual(type, '', name);
    assert.notEqual(cells.at(-2), '', name);
  }
});

test('the options that errors of native/tls name are rows of open_options.inc', () => {
  const source = (name: string): string => readFileSync(join(root, 'native', name), 'utf8');
  const rows = source('binding/open_options.inc').matchAll(
    /^(?:WHOLE|SECONDS|FLAG|OPTION)\(\w+, (\w+),/gm,
  );
  const known = Array.from(rows, ([, name]) => name);
  const named = source('tls/options.h').matchAll(/Option\[\] = "([\w.]+)"/g);
  // What is below sslConfig.privateKey is in the text of its row.
  const names = Array.from(named, ([, path = '']) => path.split('.').slice(0, 2)).flat();
  assert.ok(names.includes('sslConfig') && names.includes('privateKey'));
  const unknown = names.filter((name) => !known.includes(name));
  assert.deepEqual(unknown, []);
});
