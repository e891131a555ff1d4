// Makes src/errors/ssl-errors.ts and the table of docs/TLS.md from native/tls/keywords.inc, where
// every keyword of a TLS error is a row. Usage: node scripts/generate-keywords.mjs [--check]
import { readRows, readSource, replacePart, runGenerator, textOf, updateFiles } from './lists.mjs';
import { isMain } from './tools.mjs';

const origin = 'native/tls/keywords.inc';
const document = 'docs/TLS.md';

/**
 * The rows of keywords.inc in its order: { symbol, keyword, text }, where `symbol` is OpenSSL's name
 * or undefined. Throws on a row of another form and on a keyword that comes twice.
 */
export function parseKeywords(source) {
  const rows = [];
  for (const { args, where } of readRows(source, origin)) {
    const [code = '', keyword = '', quoted = ''] = args;
    const [, symbol] = /^X509_V_ERR_(\w+)$/.exec(code) ?? [];
    const text = textOf(quoted);
    const known = symbol !== undefined || code === 'kNoCode';
    if (args.length !== 3 || !known || !/^\w+$/.test(keyword) || text === undefined) {
      throw new Error(`${where}: not ROW(X509_V_ERR_… or kNoCode, keyword, "text")`);
    }
    if (rows.some((row) => row.keyword === keyword)) {
      throw new Error(`${where}: ${keyword} comes twice`);
    }
    rows.push({ symbol, keyword, text });
  }
  return rows;
}

/** src/errors/ssl-errors.ts, before Prettier. */
export const keywordModule = (
  rows,
) => `// Made by scripts/generate-keywords.mjs from ${origin}: edit that, not this.

/** The keywords of netGet's sslErrors; the index is the bit in NativeTlsOptions.ignoreBits. */
export const SSL_ERROR_KEYWORDS = ${JSON.stringify(rows.map(({ keyword }) => keyword))} as const;

/** A TLS error that \`ignoreSslErrors\` may name; docs/TLS.md says what each means. */
export type SslErrorKeyword = (typeof SSL_ERROR_KEYWORDS)[number];
`;

/** The table of docs/TLS.md, before Prettier. */
export function keywordTable(rows) {
  const lines = rows.map(({ symbol, keyword, text }) => {
    const name = symbol === undefined ? '' : `\`${symbol}\``;
    return `| [\`${keyword}\`](#${keyword.toLowerCase()}) | ${name} | ${text} |`;
  });
  return [
    '| keyword | OpenSSL: `X509_V_ERR_…` | what is wrong |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** Writes both, or with `check` only compares them; the names of those that differed. */
export function generateKeywords({ folder, check } = {}) {
  const rows = parseKeywords(readSource(origin, folder));
  const pages = {
    'src/errors/ssl-errors.ts': keywordModule(rows),
    [document]: replacePart(readSource(document, folder), 'keywords', keywordTable(rows)),
  };
  return updateFiles(pages, { folder, check });
}

if (isMain(import.meta.url)) await runGenerator(generateKeywords, origin);
