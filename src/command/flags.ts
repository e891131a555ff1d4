/** The command line: its flags as a table, and their values as options of webSocketOpen. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

import type { KeyAlgorithm, OpenOptions, SslErrorKeyword, TlsVersion } from '../index.js';
import { nearest } from '../base/nearest.js';
import { UsageError } from './usage-error.js';

export interface Flag {
  type: 'string' | 'boolean';
  multiple?: boolean;
  short?: string;
  /** The name of its value in the help; empty for a boolean. */
  value: string;
  /** Absent: the help lists this flag with the one before it. */
  help?: string;
  /** For the manual and completions; absent: `help`. */
  standaloneHelp?: string;
  /** The subcommands that have it; absent: all. */
  only?: readonly Command[];
}

/** `connect` has no name. */
export type Command = 'connect' | 'inspect' | 'bench';

export const FLAGS = {
  header: {
    type: 'string',
    multiple: true,
    short: 'H',
    value: "'NAME: VALUE'",
    help: 'a header to send; may be repeated',
  },
  subprotocol: {
    type: 'string',
    multiple: true,
    short: 's',
    value: 'NAME',
    help: 'a subprotocol to offer; may be repeated',
  },
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'our certificate with its chain, its key; PEM',
    standaloneHelp: 'our certificate with its chain, PEM',
  },
  key: { type: 'string', value: 'FILE', standaloneHelp: 'the key of our certificate, PEM' },
  pkcs12: {
    type: 'string',
    value: 'FILE',
    help: 'both in one file (.p12, .pfx)',
    standaloneHelp: 'our certificate and its key in one file (.p12, .pfx)',
  },
  ca: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: "whom to trust instead of Node's roots, PEM",
  },
  pin: {
    type: 'string',
    multiple: true,
    value: 'SHA256',
    help: "what the server's key has to be: see inspect",
  },
  'server-name': { type: 'string', value: 'NAME', help: 'for whom the certificate has to be' },
  'ignore-ssl-errors': {
    type: 'string',
    value: 'LIST',
    help: "keywords with commas, or 'all': see inspect",
  },
  'tls-min': {
    type: 'string',
    value: 'V',
    help: 'oldest and newest version of TLS, as 1.2',
    standaloneHelp: 'oldest version of TLS, as 1.2',
  },
  'tls-max': { type: 'string', value: 'V', standaloneHelp: 'newest version of TLS, as 1.3' },
  ciphers: {
    type: 'string',
    value: 'L',
    help: "OpenSSL's names with a colon between",
    standaloneHelp: "cipher suites, OpenSSL's names with a colon between",
  },
  groups: {
    type: 'string',
    value: 'L',
    standaloneHelp: "groups for the key exchange, OpenSSL's names with a colon between",
  },
  proxy: { type: 'string', value: 'URL', help: "http:, https: or socks5:, or 'env'" },
  timeout: {
    type: 'string',
    short: 't',
    value: 'SECONDS',
    help: 'for the opening',
    standaloneHelp: 'give up an opening that takes longer',
  },
  ping: {
    type: 'string',
    value: 'SECONDS',
    help: 'ping so often; end when nothing comes back',
  },
  compress: {
    type: 'boolean',
    short: 'z',
    value: '',
    help: 'offer permessage-deflate; follow N redirects',
    standaloneHelp: 'offer permessage-deflate',
  },
  follow: { type: 'string', value: 'N', standaloneHelp: 'follow so many redirects' },
  binary: {
    type: 'boolean',
    short: 'b',
    value: '',
    help: 'send input as binary messages, print them raw',
    only: ['connect'],
  },
  json: { type: 'boolean', short: 'j', value: '', help: 'print each event as a line of JSON' },
  count: {
    type: 'string',
    short: 'n',
    value: 'N',
    help: 'end after N messages; after S seconds of silence',
    standaloneHelp: 'end after N messages received',
    only: ['connect'],
  },
  'quiet-for': {
    type: 'string',
    value: 'S',
    standaloneHelp: 'end after S seconds in which no message came or went',
    only: ['connect'],
  },
  reconnect: {
    type: 'boolean',
    value: '',
    help: 'connect again after a loss',
    only: ['connect'],
  },
  'close-at-end': {
    type: 'boolean',
    value: '',
    help: 'close when the input ends',
    only: ['connect'],
  },
  connections: {
    type: 'string',
    short: 'c',
    value: 'N',
    help: 'so many connections (1)',
    only: ['bench'],
  },
  rate: {
    type: 'string',
    short: 'r',
    value: 'N',
    help: 'messages a second on each (100)',
    only: ['bench'],
  },
  size: {
    type: 'string',
    value: 'BYTES',
    help: 'of a message (64)',
    standaloneHelp: 'bytes of a message (64)',
    only: ['bench'],
  },
  duration: {
    type: 'string',
    short: 'd',
    value: 'SECONDS',
    help: 'how long (10)',
    only: ['bench'],
  },
  help: {
    type: 'boolean',
    short: 'h',
    value: '',
    help: 'this text; the version',
    standaloneHelp: 'list the options',
  },
  version: { type: 'boolean', short: 'V', value: '', standaloneHelp: 'print the version' },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;
type ValueOf<F> = F extends { multiple: true }
  ? string[]
  : F extends { type: 'string' }
    ? string
    : boolean;
export type Values = { [Name in FlagName]?: ValueOf<(typeof FLAGS)[Name]> };

interface CommandLine {
  command: Command;
  /** undefined: none was given. */
  url: string | undefined;
  values: Values;
}

const COMMANDS: readonly string[] = ['inspect', 'bench'] satisfies Command[];

export const flagsOf = (command: Command): [string, Flag][] =>
  Object.entries<Flag>(FLAGS).filter(([, { only }]) => only?.includes(command) ?? true);

/** Flags of other clients, with the name of each here. */
const FOREIGN_FLAGS: Readonly<Record<string, string>> = {
  insecure: 'ignore-ssl-errors',
  'no-check': 'ignore-ssl-errors',
  k: 'ignore-ssl-errors',
  cacert: 'ca',
  pfx: 'pkcs12',
  p12: 'pkcs12',
  servername: 'server-name',
  sni: 'server-name',
  origin: 'header',
  auth: 'header',
  protocol: 'subprotocol',
  interval: 'ping',
  'exit-on-eof': 'close-at-end',
  autoreconnect: 'reconnect',
  retry: 'reconnect',
  'max-redirects': 'follow',
};

/** The error for a flag that the subcommand does not have. */
function unknownFlag(flag: string, command: Command): UsageError {
  const name = flag.replace(/^-+/, '');
  const known = flagsOf(command).map(([one]) => one);
  const here = FOREIGN_FLAGS[name];
  const advice =
    here !== undefined && known.includes(here)
      ? `here it is --${here}`
      : `the nearest one is --${nearest(name, known)}`;
  const of = command === 'connect' ? 'URL' : command;
  return new UsageError(`${flag} is no option of wsfd ${of}; ${advice}`);
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs> {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, multiple = false, short }] of Object.entries<Flag>(FLAGS)) {
    options[name] = { type, multiple, ...(short === undefined ? {} : { short }) };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, unknown] = /^Unknown option '(-[^']+)'/.exec(message) ?? [];
    if (unknown === undefined) throw new UsageError(message);
    const named = args.find((arg): arg is Command => COMMANDS.includes(arg));
    throw unknownFlag(unknown, named ?? 'connect');
  }
}

/** Reads the command line; throws a UsageError. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args) as { values: Values; positionals: string[] };
  const named = COMMANDS.includes(positionals[0] ?? '');
  const command = named ? (positionals.shift() as Command) : 'connect';
  const [url, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`one URL is expected, and then came "${extra}"`);
  const allowed = flagsOf(command).map(([name]) => name);
  const misplaced = Object.keys(values).find((name) => !allowed.includes(name));
  if (misplaced !== undefined) throw unknownFlag(`--${misplaced}`, command);
  return { command, url, values };
}

/** A flag as it is written, with its value. */
function headOf([name, { short, value }]: [string, Flag]): string {
  return `${short === undefined ? '' : `-${short}, `}--${name} ${value}`.trimEnd();
}

/** The lines of the help that list a subcommand's flags. */
export function describeFlags(command: Command): string[] {
  const flags = flagsOf(command);
  return flags.flatMap((flag, i) => {
    const [, { short, help }] = flag;
    if (help === undefined) return [];
    const next = flags[i + 1];
    const also = next !== undefined && next[1].help === undefined ? `, ${headOf(next)}` : '';
    const indent = short === undefined ? '      ' : '  ';
    return `${`${indent}${headOf(flag)}${also}`.padEnd(31)} ${help}`;
  });
}

type NumberFlag =
  | ('count' | 'connections' | 'duration' | 'follow' | 'ping')
  | ('quiet-for' | 'rate' | 'size' | 'timeout');

/** The number that a flag has, or `otherwise`; throws a UsageError. */
export function numberOf(
  values: Values,
  name: NumberFlag,
  otherwise: number,
  { whole = true, least = 1, most = Infinity } = {},
): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const number = Number(text);
  const isWithin = text.trim() !== '' && number >= least && number <= most;
  if (isWithin && (!whole || Number.isInteger(number))) return number;
  const kind = whole ? 'a whole number' : 'a number';
  const range = most === Infinity ? 'or more' : `to ${String(most)}`;
  throw new UsageError(`--${name}: expected ${kind} of ${String(least)} ${range}, got "${text}"`);
}

function readText(flag: string, file: string): string {
  return readBytes(flag, file).toString('utf8');
}

function readBytes(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  // (without a prototype, whose __proto__ would take the value)
  const headers = Object.create(null) as Record<string, string>;
  const seen = new Set<string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw new UsageError(`--header: expected 'Name: value', got "${line}"`);
    const name = line.slice(0, colon).trim();
    if (seen.has(name.toLowerCase())) {
      throw new UsageError(`--header: "${name}" is given twice; one line can hold several values`);
    }
    seen.add(name.toLowerCase());
    headers[name] = line.slice(colon + 1).trim();
  }
  return headers;
}

const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSA',
  dsa: 'DSA',
  ec: 'EC',
  ed25519: 'ED25519',
  ed448: 'ED448',
};

/** Not a flag: every user of the machine can see the command line. */
const passphrase = (): string | undefined => process.env['WSFD_PASSPHRASE'];

function algorithmOf(file: string, key: string): KeyAlgorithm {
  try {
    const { asymmetricKeyType = '' } = createPrivateKey({ key, passphrase: passphrase() });
    const algorithm = ALGORITHMS[asymmetricKeyType];
    if (algorithm !== undefined) return algorithm;
    throw new Error(`a key of type ${asymmetricKeyType} is of no use here`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `--key: ${file} cannot be read (${why}); WSFD_PASSPHRASE opens a locked one`,
    );
  }
}

function readIdentity({ cert, key, pkcs12 }: Values): OpenOptions {
  const secret = passphrase();
  const unlock = secret === undefined ? {} : { passphrase: secret };
  if (pkcs12 !== undefined) {
    if (cert !== undefined || key !== undefined) {
      throw new UsageError('give either --pkcs12 or --cert and --key');
    }
    return { sslConfig: { pkcs12: readBytes('pkcs12', pkcs12) }, ...unlock };
  }
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) throw new UsageError('--cert and --key go together');
  const pem = readText('key', key);
  const privateKey = { key: pem, algorithm: algorithmOf(key, pem) };
  return { sslConfig: { localCertificate: readText('cert', cert), privateKey }, ...unlock };
}

/** Accepts `1.2` for `TLSv1.2`; webSocketOpen checks the version. */
function versionsOf(values: Values): OpenOptions {
  const read = (text: string): TlsVersion => text.replace(/^(?=\d)/, 'TLSv') as TlsVersion;
  const { 'tls-min': oldest, 'tls-max': newest } = values;
  return {
    ...(oldest === undefined ? {} : { minTlsVersion: read(oldest) }),
    ...(newest === undefined ? {} : { maxTlsVersion: read(newest) }),
  };
}

/** The options of webSocketOpen that the flags ask for; throws a UsageError. */
export function openOptionsOf(values: Values): OpenOptions {
  const ignored = values['ignore-ssl-errors'];
  const seconds = { whole: false, least: Number.MIN_VALUE };
  return {
    ...readIdentity(values),
    ...(values.header === undefined ? {} : { headers: readHeaders(values.header) }),
    ...(values.subprotocol === undefined ? {} : { protocols: values.subprotocol }),
    ...(values.ca === undefined
      ? {}
      : { caCertificates: values.ca.map((file) => readText('ca', file)) }),
    ...(values.pin === undefined ? {} : { pinnedPublicKeys: values.pin }),
    ...versionsOf(values),
    ...(values.ciphers === undefined ? {} : { cipherSuites: values.ciphers }),
    ...(values.groups === undefined ? {} : { keyExchangeGroups: values.groups }),
    ...(values['server-name'] === undefined ? {} : { serverName: values['server-name'] }),
    ...(ignored === undefined
      ? {}
      : { ignoreSslErrors: ignored === 'all' ? true : (ignored.split(',') as SslErrorKeyword[]) }),
    ...(values.proxy === undefined ? {} : { proxy: values.proxy }),
    ...(values.follow === undefined ? {} : { followRedirects: numberOf(values, 'follow', 0) }),
    ...(values.timeout === undefined ? {} : { timeout: numberOf(values, 'timeout', 0, seconds) }),
    ...(values.ping === undefined ? {} : { pingInterval: numberOf(values, 'ping', 0, seconds) }),
    ...(values.compress === true ? { perMessageDeflate: true } : {}),
  };
}
