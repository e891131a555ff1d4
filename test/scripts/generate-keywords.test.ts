// scripts/generate-keywords.mjs: what it makes of rows, and which rows it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Row {
  symbol: string | undefined;
  keyword: string;
  text: string;
}

interface Module {
  parseKeywords(source: string): Row[];
  keywordModule(rows: Row[]): string;
  keywordTable(rows: Row[]): string;
  generateKeywords(options: { check: boolean }): Promise<string[]>;
}

const load = () => importScript<Module>('generate-keywords.mjs');

const source = `ROW(X509_V_ERR_CERT_HAS_EXPIRED, CertificateExpired, "it has expired")
ROW(kNoCode, NoSslSupport,
    "there is no TLS")
`;

test('a row becomes a name in the list and a line of the table', async () => {
  const { parseKeywords, keywordModule, keywordTable } = await load();
  const rows = parseKeywords(source);
  assert.deepEqual(rows, [
    { symbol: 'CERT_HAS_EXPIRED', keyword: 'CertificateExpired', text: 'it has expired' },
    { symbol: undefined, keyword: 'NoSslSupport', text: 'there is no TLS' },
  ]);
  assert.match(
    keywordModule(rows),
    /SSL_ERROR_KEYWORDS = \["CertificateExpired","NoSslSupport"\] as const;/,
  );
  assert.deepEqual(keywordTable(rows).split('\n').slice(2), [
    '| [`CertificateExpired`](#certificateexpired) | `CERT_HAS_EXPIRED` | it has expired |',
    '| [`NoSslSupport`](#nosslsupport) |  | there is no TLS |',
  ]);
});

const refused: [why: string, source: string, message: RegExp][] = [
  ['a number instead of a symbol', 'ROW(10, Expired, "a")', /keywords\.inc:1: not ROW/],
  ['no text', 'ROW(kNoCode, Expired)', /keywords\.inc:1: not ROW/],
  ['a text without quotes', 'ROW(kNoCode, Expired, a)', /keywords\.inc:1: not ROW/],
  ['a keyword twice', `${source}ROW(kNoCode, NoSslSupport, "a")`, /:4: NoSslSupport comes twice/],
];

for (const [why, text, message] of refused) {
  test(`refused: ${why}`, async () => {
    const { parseKeywords } = await load();
    assert.throws(() => parseKeywords(text), { message });
  });
}

test('what is made of keywords.inc is up to date', async () => {
  const { generateKeywords } = await load();
  assert.deepEqual(await generateKeywords({ check: true }), []);
});
