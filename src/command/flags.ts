/** The command line: its flags as a table, and their values as options of webSocketOpen. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

import type { KeyAlgorithm, OpenOptions, SslErrorKeyword } from '../index.js';
import { UsageError } from './usage-error.js';

interface Flag {
  type: 'string' | 'boolean';
  multiple?: boolean;
  short?: string;
  /** What stands behind it in the help; empty for a boolean. */
  value: string;
  help: string;
  /** The subcommands that have it; absent: all. */
  only?: readonly Command[];
}

/** Without a name it connects. */
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
  cert: { type: 'string', value: 'FILE', help: 'our certificate and its chain, PEM' },
  key: { type: 'string', value: 'FILE', help: 'its private key, PEM' },
  pkcs12: { type: 'string', value: 'FILE', help: 'both in one file (.p12, .pfx)' },
  ca: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: "whom to trust instead of Node's roots, PEM",
  },
  'server-name': { type: 'string', value: 'NAME', help: 'for whom the certificate has to be' },
  'ignore-ssl-errors': {
    type: 'string',
    value: 'LIST',
    help: "keywords with commas, or 'all': see inspect",
  },
  proxy: { type: 'string', value: 'URL', help: "http:, https: or socks5:, or 'env'" },
  follow: { type: 'string', value: 'N', help: 'follow so many redirects' },
  timeout: { type: 'string', short: 't', value: 'SECONDS', help: 'for the opening' },
  ping: {
    type: 'string',
    value: 'SECONDS',
    help: 'ping so often; end when nothing comes back',
  },
  compress: { type: 'boolean', short: 'z', value: '', help: 'offer permessage-deflate' },
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
    help: 'end after N messages received',
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
  size: { type: 'string', value: 'BYTES', help: 'of a message (64)', only: ['bench'] },
  duration: {
    type: 'string',
    short: 'd',
    value: 'SECONDS',
    help: 'how long (10)',
    only: ['bench'],
  },
  help: { type: 'boolean', short: 'h', value: '', help: 'this text' },
  version: { type: 'boolean', short: 'V', value: '', help: 'the version' },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;
type ValueOf<F> = F extends { multiple: true }
  ? string[]
  : F extends { type: 'string' }
    ? string
    : boolean;
export type Values = { [Name in FlagName]?: ValueOf<(typeof FLAGS)[Name]> };

export interface CommandLine {
  command: Command;
  /** undefined: none was given. */
  url: string | undefined;
  values: Values;
}

const COMMANDS: readonly string[] = ['inspect', 'bench'] satisfies Command[];

const flagsOf = (command: Command): [string, Flag][] =>
  Object.entries<Flag>(FLAGS).filter(([, { only }]) => only?.includes(command) ?? true);

/** Reads the command line; throws a UsageError. */
export function readCommandLine(args: readonly string[]): CommandLine {
  let parsed;
  try {
    const options: NonNullable<ParseArgsConfig['options']> = {};
    for (const [name, { type, multiple = false, short }] of Object.entries<Flag>(FLAGS)) {
      options[name] = { type, multiple, ...(short === undefined ? {} : { short }) };
    }
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { positionals } = parsed;
  const values = parsed.values as Values;
  const named = COMMANDS.includes(positionals[0] ?? '');
  const command = named ? (positionals.shift() as Command) : 'connect';
  const [url, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`one URL is expected, and then came "${extra}"`);
  const allowed = flagsOf(command).map(([name]) => name);
  const misplaced = Object.keys(values).find((name) => !allowed.includes(name));
  if (misplaced !== undefined) {
    throw new UsageError(`--${misplaced} is no option of wsfd ${named ? command : 'URL'}`);
  }
  return { command, url, values };
}

/** The lines of the help that list a subcommand's flags. */
export function describeFlags(command: Command, own = false): string[] {
  const listed = flagsOf(command).filter(([, { only }]) => !own || only !== undefined);
  return listed.map(([name, { short, value, help }]) => {
    const letter = short === undefined ? '    ' : `-${short}, `;
    return `  ${letter}${`--${name} ${value}`.padEnd(25)} ${help}`;
  });
}

/** The number that a flag has, or `otherwise`; throws a UsageError. */
export function numberOf(
  values: Values,
  name: 'count' | 'connections' | 'duration' | 'follow' | 'ping' | 'rate' | 'size' | 'timeout',
  otherwise: number,
  { whole = true, least = 1 } = {},
): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (text.trim() !== '' && number >= least && (!whole || Number.isInteger(number))) return number;
  const kind = whole ? 'a whole number' : 'a number';
  throw new UsageError(`--${name}: expected ${kind} of ${String(least)} or more, got "${text}"`);
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
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw new UsageError(`--header: expected 'Name: value', got "${line}"`);
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
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

/** Not an option: the command line is seen by every user of the machine. */
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
