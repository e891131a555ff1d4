// Makes src/options/table.ts, src/native/open-tuple.ts and the tables of docs/OPTIONS.md from
// native/binding/open_options.inc, where every option of webSocketOpen and every field for native
// code is a row. Usage: node scripts/generate-options.mjs [--check]
import { readRows, readSource, replacePart, runGenerator, textOf, updateFiles } from './lists.mjs';
import { isMain } from './tools.mjs';

const origin = 'native/binding/open_options.inc';
const document = 'docs/OPTIONS.md';

/** The groups of options: the interface of each, and its docstring. */
const groups = {
  Open: {
    name: 'OpenOptions',
    parents: ' extends TlsOptions, RouteOptions',
    text: 'Options of `webSocketOpen`; docs/OPTIONS.md says more of them.',
  },
  Tls: {
    name: 'TlsOptions',
    text: 'The TLS part of OpenOptions; it does nothing for a `ws:` URL.',
  },
  Route: { name: 'RouteOptions', text: 'The part of OpenOptions that is about getting there.' },
  Deflate: {
    name: 'PerMessageDeflateOptions',
    text: 'Parameters of permessage-deflate (RFC 7692 section 7.1), and how we use it.',
  },
  SslConfig: {
    name: 'SslConfig',
    text: 'Our own certificate and key, for servers that ask for one.',
  },
};

/** The tables of docs/OPTIONS.md, and the groups whose rows each has. */
const tables = {
  Open: ['Open'],
  Tls: ['Tls', 'SslConfig'],
  Route: ['Route'],
  Deflate: ['Deflate'],
};

/** The types of options, and the text of each in docs/OPTIONS.md. */
const types = {
  "true | '' | readonly SslErrorKeyword[]": "`true`, `''`, array of strings",
  '{ key: Pem; algorithm: KeyAlgorithm }': '`{ key, algorithm }`',
  AbortSignal: '`AbortSignal`',
  boolean: 'boolean',
  'boolean | PerMessageDeflateOptions': 'boolean or object',
  KeyLog: 'function',
  number: 'number',
  Pem: 'string, `Uint8Array`',
  'Pem | readonly Pem[]': 'string, `Uint8Array`, array of these',
  'Readonly<Record<string, string>>': 'object, name → string',
  SslConfig: 'object',
  string: 'string',
  'string | readonly string[]': 'string or array of strings',
  TlsVersion: 'string',
  Uint8Array: '`Uint8Array`',
};

/** The arrays for native code: the interface that each is made of, and its docstring. */
const tuples = {
  Tls: {
    name: 'NativeTlsOptions',
    text: 'A TLS configuration whose values have been checked; src/options/tls.ts says what each means.',
  },
  Proxy: {
    name: 'NativeProxy',
    text: 'A proxy whose values have been checked; src/options/proxy.ts says what each means.',
  },
  Compression: {
    name: 'NativeCompressionOptions',
    text: 'What is offered of permessage-deflate; src/options/table.ts says what each means.',
  },
  Open: { name: 'NativeOpenOptions', text: 'All that `open` gets.' },
};

/** The kinds of fields: the type of each in TypeScript. */
const kinds = {
  AsciiTexts: 'string[]',
  Bytes: 'Buffer | undefined',
  Compression: 'NativeCompressionOptions | undefined',
  Flag: 'boolean',
  Headers: 'string[]',
  KeyAlgorithm: 'number',
  Passphrase: 'string | undefined',
  Pins: 'Buffer[]',
  Protocol: 'boolean',
  Proxy: 'NativeProxy | undefined',
  Text: 'string',
  Texts: 'string[]',
  Tls: 'NativeTlsOptions | undefined',
  Whole: 'number',
};

/** A number as people read it. */
function inWords(number) {
  if (number === Number.MAX_SAFE_INTEGER) return '2<sup>53</sup> - 1';
  const mebibytes = number / 2 ** 20;
  const isRound = number > 0 && Number.isInteger(mebibytes);
  return String(number) + (isRound ? ` (${String(mebibytes)} MiB)` : '');
}

const wholeOf = (argument) => (/^-?\d+$/.test(argument ?? '') ? Number(argument) : undefined);

/** The values of each macro's arguments behind group and name; undefined if they are not valid. */
const options = {
  WHOLE([unit, least, most, absent, text]) {
    const [from, to, value] = [least, most, absent].map(wholeOf);
    if ([from, to, value].includes(undefined) || value < from || value > to) return undefined;
    const range = `${inWords(from)} to ${inWords(to)}`;
    const said = { type: 'number', unit: textOf(unit), range, absent: inWords(value) };
    return { ...said, text: textOf(text), whole: { least: from, most: to, default: value } };
  },
  SECONDS([range, absent, text]) {
    const seconds = wholeOf(absent);
    const said = { type: 'number', unit: 'seconds', range: textOf(range), text: textOf(text) };
    return { ...said, absent: seconds === undefined ? textOf(absent) : absent, seconds };
  },
  FLAG: ([text]) => ({
    type: 'boolean',
    unit: '',
    range: '',
    absent: '`false`',
    text: textOf(text),
    flag: false,
  }),
  OPTION([type, range, absent, text]) {
    const said = { type: textOf(type), unit: '', range: textOf(range), absent: textOf(absent) };
    return Object.hasOwn(types, said.type ?? '') ? { ...said, text: textOf(text) } : undefined;
  },
};

const wrong = (where, what) => new Error(`${where}: ${what}`);

function readOption({ macro, args, where }) {
  const [group, name, ...rest] = args;
  const option = options[macro](rest);
  const given = ['type', 'unit', 'range', 'absent', 'text'].map((key) => option?.[key]);
  if (given.includes(undefined) || option.text === '') {
    throw wrong(where, `not what the head of the file says of ${macro}`);
  }
  if (!Object.hasOwn(groups, group)) throw wrong(where, `there is no group ${group}`);
  return { ...option, group, name, where };
}

function readField({ macro, args, where }) {
  const [kind, name, quoted, member] = args;
  const [head] = macro.split('_');
  const tuple = head[0] + head.slice(1).toLowerCase();
  const text = textOf(quoted ?? '');
  if (!Object.hasOwn(tuples, tuple)) throw wrong(where, `there is no array ${tuple}`);
  if (!Object.hasOwn(kinds, kind)) throw wrong(where, `there is no kind ${kind}`);
  if (text === undefined || member === undefined) {
    throw wrong(where, `not what the head of the file says of ${macro}`);
  }
  return { tuple, kind, name, text, where };
}

function refuseTwice(rows, keyOf) {
  const seen = new Set();
  for (const row of rows) {
    if (seen.has(keyOf(row))) throw wrong(row.where, `${keyOf(row)} comes twice`);
    seen.add(keyOf(row));
  }
}

/** The rows of open_options.inc: { options, fields }, each in its order. Throws on a wrong row. */
export function parseOptions(source) {
  const rows = { options: [], fields: [] };
  for (const row of readRows(source, origin)) {
    if (row.macro.endsWith('_FIELD')) rows.fields.push(readField(row));
    else if (Object.hasOwn(options, row.macro)) rows.options.push(readOption(row));
    else throw wrong(row.where, `there are no rows ${row.macro}`);
  }
  refuseTwice(rows.options, ({ group, name }) => `${group} ${name}`);
  refuseTwice(rows.fields, ({ tuple, name }) => `${tuple} ${name}`);
  const compressing = rows.fields.filter(({ tuple }) => tuple === 'Compression');
  for (const { name, where } of rows.options.filter(({ group }) => group === 'Deflate')) {
    if (compressing.some((field) => field.name === name)) continue;
    throw wrong(where, `there is no COMPRESSION_FIELD for ${name}`);
  }
  return rows;
}

/** Markdown without its links, which do not work in a docstring; "- 1" at a line's head is a list. */
const withoutLinks = (text) =>
  text
    .replace(/\[([^\]]+)\]\(#[^)]*\)/g, '"$1" in docs/OPTIONS.md')
    .replace(/\[([^\]]+)\]\(([\w.]+\.md)#[^)]*\)/g, '$1 (docs/$2)')
    .replace(/<sup>(\d+)<\/sup> - /g, '^$1-');

const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A docstring, broken so that no line is longer than `most`. */
function docstring(text, indent, most = 100) {
  const oneLine = `${indent}/** ${text} */\n`;
  if (oneLine.length <= most + 1) return oneLine;
  const lines = [];
  for (const word of text.split(' ')) {
    const line = lines.length === 0 ? undefined : `${lines.at(-1)} ${word}`;
    if (line === undefined || indent.length + 3 + line.length > most) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

function optionMember({ name, type, unit, range, absent, text }) {
  const bounds = [unit, range].filter((part) => part !== '').join(', ');
  const said = [text, bounds === '' ? '' : `${capital(bounds)}.`];
  if (absent !== '') said.push(`Default: ${absent}.`);
  const whole = said.filter((part) => part !== '').join(' ');
  return `${docstring(withoutLinks(whole), '  ')}  ${name}?: ${type};\n`;
}

/** The table of those options of a group that have `key`, as a constant. */
function constantOf(rows, group, key, name, what) {
  const chosen = rows.filter((row) => row.group === group && row[key] !== undefined);
  const values = chosen.map((row) => [
    row.name,
    key === 'whole' ? { unit: row.unit, ...row.whole } : row[key],
  ]);
  return `${docstring(what, '')}export const ${name} = ${JSON.stringify(Object.fromEntries(values))} as const;\n`;
}

/** src/options/table.ts, before Prettier. */
export function optionModule(rows) {
  const interfaces = Object.entries(groups).map(([group, { name, parents = '', text }]) => {
    const members = rows.filter((row) => row.group === group).map(optionMember);
    return `${docstring(text, '')}export interface ${name}${parents} {\n${members.join('')}}\n`;
  });
  const whole = 'that are a whole number: the bounds, and what counts where they are absent.';
  return `// Made by scripts/generate-options.mjs from ${origin}: edit that, not this.
import type { SslErrorKeyword } from '../errors/ssl-errors.js';
import type { KeyLog } from './key-log.js';
import type { Pem } from './pem.js';
import type { KeyAlgorithm, TlsVersion } from './tls-names.js';

${interfaces.join('\n')}
${constantOf(rows, 'Open', 'whole', 'OPEN_WHOLE', `Options of the connection ${whole}`)}
${constantOf(rows, 'Route', 'whole', 'ROUTE_WHOLE', `Options of the way to the server ${whole}`)}
${constantOf(rows, 'Deflate', 'whole', 'DEFLATE_WHOLE', `Options of perMessageDeflate ${whole}`)}
${constantOf(rows, 'Deflate', 'flag', 'DEFLATE_FLAGS', 'Options of perMessageDeflate that are true or false: what counts where they are absent.')}
${constantOf(rows, 'Open', 'seconds', 'OPEN_SECONDS', 'Options of the connection that are a time: the seconds that count where they are absent.')}`;
}

const isNested = (kind) => Object.hasOwn(tuples, kind);
const functionOf = (tuple) => `${tuple[0].toLowerCase()}${tuple.slice(1)}Tuple`;

/** src/native/open-tuple.ts, before Prettier. */
export function tupleModule(fields) {
  const sections = Object.entries(tuples).map(([tuple, { name, text }]) => {
    const own = fields.filter((field) => field.tuple === tuple);
    const members = own.map(
      (field) =>
        `${field.text === '' ? '' : docstring(field.text, '  ')}  ${field.name}: ${kinds[field.kind]};\n`,
    );
    const elements = own.map((field) => {
      const value = `options.${field.name}`;
      return `  ${isNested(field.kind) ? `${value} && ${functionOf(field.kind)}(${value})` : value},\n`;
    });
    const array = `[\n${elements.join('')}]`;
    const declared = `${docstring(text, '')}export interface ${name} {\n${members.join('')}}\n\n`;
    if (tuple !== 'Open') {
      return `${declared}const ${functionOf(tuple)} = (options: ${name}): unknown[] => ${array};\n`;
    }
    return `${declared}/** The options as \`open\` takes them; made by openTuple alone. */
export type NativeOpenTuple = unknown[] & { readonly madeBy: 'openTuple' };

export const openTuple = (options: ${name}): NativeOpenTuple =>
  ${array} as unknown[] as NativeOpenTuple;
`;
  });
  return `// Made by scripts/generate-options.mjs from ${origin}: edit that, not this.

// Native code reads an array's elements in half the time of properties by name. What it reads in
// which order is written there.

${sections.join('\n')}`;
}

/** A table of docs/OPTIONS.md, before Prettier, without its empty columns. */
export function optionTable(rows, table) {
  const [own, ...inner] = tables[table];
  const columns = ['option', 'type', 'unit', 'range', 'default', 'meaning'];
  const cells = rows
    .filter(({ group }) => tables[table].includes(group))
    .map(({ group, name, type, unit, range, absent, text }) => {
      const path = inner.includes(group)
        ? `${group[0].toLowerCase()}${group.slice(1)}.${name}`
        : name;
      return [`\`${path}\``, types[type], unit, range, absent, text];
    });
  const shown = columns.flatMap((_, i) => (cells.some((row) => row[i] !== '') ? [i] : []));
  const lineOf = (row) => `| ${shown.map((i) => row[i].replaceAll('|', '\\|')).join(' | ')} |`;
  if (cells.length === 0) throw new Error(`${origin}: the group ${own} has no rows`);
  return [lineOf(columns), lineOf(columns.map(() => '---')), ...cells.map(lineOf)].join('\n');
}

/** Writes all, or with `check` only compares them; the names of those that differed. */
export function generateOptions({ folder, check } = {}) {
  const rows = parseOptions(readSource(origin, folder));
  let page = readSource(document, folder);
  for (const table of Object.keys(tables)) {
    page = replacePart(page, `options ${table}`, optionTable(rows.options, table));
  }
  const pages = {
    'src/options/table.ts': optionModule(rows.options),
    'src/native/open-tuple.ts': tupleModule(rows.fields),
    [document]: page,
  };
  return updateFiles(pages, { folder, check });
}

if (isMain(import.meta.url)) await runGenerator(generateOptions, origin);
