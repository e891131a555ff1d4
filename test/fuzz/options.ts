// Calls the public functions with whatever comes to a random number's mind: URLs and options that
// are right, wrong, and strange, objects whose getters throw or change their mind, proxies. Every
// answer has to be a code, and its error the caller's own.
//
//   node out/test/fuzz/options.js [--seconds=N] [--seed=N]
import { parseArgs } from 'node:util';
import {
  getLastError,
  webSocketClose,
  webSocketCloseSync,
  webSocketFlush,
  webSocketFlushSync,
  webSocketOpen,
  webSocketOpenSync,
  webSocketPing,
  webSocketRead,
  webSocketReadMany,
  webSocketReadManySync,
  webSocketReadSync,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { makeCertificate } from '../support/certificates';

type Maker = () => unknown;

/** Nobody is there, and no network is asked: it cannot be a file's path. */
const nowhere = 'ws+unix:/dev/null/wsfd.sock';

/** A stream of numbers that a seed decides (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Throws anything, which need not be an error. */
function raise(value: unknown): never {
  throw value as Error;
}

/** What must not get into an error as it is: too long for it, or the end of a line. */
const long = 'a'.repeat(10_000);
const ends = 'a\u2028\u0085\u009b1m\u202e\n';

const certificate = makeCertificate({ subject: 'localhost' });

const repeated = { [long]: '', [`A${long.slice(1)}`]: '', [ends]: ends };

/** For each option values that are good, or nearly so. */
const likely: Readonly<Record<string, readonly unknown[]>> = {
  headers: [
    {},
    { 'X-Plant': 'a' },
    { Host: 'b' },
    { 'Sec-WebSocket-Protocol': 'a, b' },
    { a: 1 },
    repeated,
  ],
  timeout: [1, 0.001, 1e9, Infinity, 0, -1],
  protocols: ['chat', ['a', 'b'], ['a', 'a'], [], '', [long, long], [ends]],
  maxMessageBytes: [1, 2 ** 20, 2 ** 29, 0, 1.5],
  maxBufferedBytes: [1, 2 ** 53 - 1, 2 ** 53],
  receiveHighWaterMark: [1, 65536, -0],
  receiveDelayUs: [0, 1, 1000, 1001, 0.5],
  busyPollUs: [0, 1, 1000, -1],
  closeTimeout: [0, 5, Infinity, 2 ** 31],
  pingInterval: [1, Infinity, 0],
  pongTimeout: [1, 1e-9, NaN],
  perMessageDeflate: [true, false, {}, { level: 9, threshold: 0 }, { clientMaxWindowBits: 8 }],
  ignoreSslErrors: [
    true,
    '',
    [],
    ['CertificateExpired'],
    ['certificateExpired'],
    false,
    [long],
    [ends],
  ],
  sslConfig: [
    {},
    { localCertificate: certificate.cert },
    {
      localCertificate: certificate.cert,
      privateKey: { key: certificate.key, algorithm: 'EC' },
    },
    { localCertificate: 'x', privateKey: { key: 'y', algorithm: 'RSA' } },
    { pkcs12: new Uint8Array([0x30, 0x80]) },
  ],
  passphrase: ['sesame', '', long, ends],
  caCertificates: [certificate.cert, [certificate.cert, certificate.cert], 'none', [], ends],
  addDefaultCaCertificates: [true, false],
  certificateRevocationLists: ['none', [certificate.cert]],
  pinnedPublicKeys: ['00'.repeat(32), Buffer.alloc(32).toString('base64'), ['x'], [], long, ends],
  serverName: ['localhost', 'a.'.repeat(200), '127.0.0.1', '\0', '', long, ends],
  minTlsVersion: ['TLSv1.2', 'TLSv1.3', 'TLSv1', 'SSLv3'],
  maxTlsVersion: ['TLSv1.2', 'TLSv1.3', 3],
  cipherSuites: [
    'TLS_AES_128_GCM_SHA256',
    'DEFAULT',
    '@SECLEVEL=9',
    ':',
    long,
    ends,
    `!${long}`,
    `@${ends}`,
  ],
  keyExchangeGroups: ['X25519', 'P-256:none', ':', '', long, ends],
  legacyServerConnect: [true, false, 1],
  keylog: [() => undefined],
  proxy: [
    'env',
    'http://127.0.0.1:1',
    'socks5://a:b@[::1]:1',
    'ftp://a',
    'http://',
    `${long}://a`,
    `http://${ends}`,
  ],
  followRedirects: [0, 100, 101],
  localAddress: ['127.0.0.1', '::1', 'localhost', long, ends],
};
const names = Object.keys(likely);

const urls: readonly unknown[] = [
  ...['ws://127.0.0.1:1/', 'wss://127.0.0.1:1/a?b', 'ws://u:p@[::1]:1', 'wss://localhost:65536'],
  ...['ws://', 'http://a', 'ws://a b', 'ws://a#b', 'wss:a', '//a', '', 'ws+unix:', `${nowhere}:/x`],
  ...[
    `ws+unix:${'a'.repeat(200)}`,
    'ws://%zz',
    'ws://\ud800',
    'ws+unix:/%00',
    'WS://[',
    'ws:\\\\a',
    `${long}:`,
    `ws://a/${long}#`,
    `ws+unix:${ends}`,
    `${nowhere}:/${long}`,
  ],
];

const aborted = AbortSignal.abort();

/** Makes arguments that nobody would think of. */
class Imagination {
  constructor(private readonly random: (below: number) => number) {}

  one<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)] as Item;
  }

  chance(percent: number): boolean {
    return this.random(100) < percent;
  }

  text(): string {
    const units = Array.from({ length: this.random(12) }, () =>
      this.chance(70) ? 32 + this.random(95) : this.random(0x10000),
    );
    return String.fromCharCode(...units);
  }

  /** Some part of a text that is nearly right is another one. */
  spoilt(text: string): string {
    const at = this.random(text.length + 1);
    return text.slice(0, at) + this.text() + text.slice(at + this.random(3));
  }

  /** Any value at all; `depth` bounds what is inside of what. */
  value(depth = 3): unknown {
    const simple: Maker[] = [
      () => this.one([undefined, null, true, false, NaN, -0, Infinity, 1e308, '', 'x']),
      () => this.random(2 ** 32) - 2 ** 31,
      () => this.text(),
      () => BigInt(this.random(1000)) ** 9n,
      () => Symbol(this.text()),
      () => this.one([() => undefined, class {}, Math.max, Symbol.iterator, Promise.resolve(1)]),
      () => this.one([new Date(NaN), /x/g, new Map([[1, 2]]), new Set([1]), new Error('e')]),
      () => this.one([2n ** 10_000n, Symbol(long), { [ends]: ends }, class extends Array {}]),
      () => this.one([new Uint8Array(4), new DataView(new ArrayBuffer(4)), new ArrayBuffer(4)]),
      () => this.one(Object.values(likely).flat()),
    ];
    if (depth === 0) return this.one(simple)();
    const nested: Maker[] = [
      () => Array.from({ length: this.random(4) }, () => this.value(depth - 1)),
      () => new Array<undefined>(this.random(5)),
      () => this.object(depth - 1),
      () => this.strange(this.object(depth - 1)),
    ];
    return this.one([...simple, ...nested])();
  }

  object(depth: number): object {
    const object: object = this.chance(80) ? {} : (Object.create(null) as object);
    for (let i = this.random(4); i > 0; i--) {
      const name = this.chance(50) ? this.one(names) : this.text();
      this.define(object, name, () => this.value(depth));
    }
    return object;
  }

  /** A property: a value, or a getter that throws or gives something else each time. */
  define(object: object, name: string, make: Maker): void {
    const kind = this.random(20);
    const value = kind > 1 ? make() : undefined;
    const get = (): unknown => {
      if (kind === 0) raise(this.value(1));
      return this.chance(50) ? make() : this.value(1);
    };
    const how = kind > 1 ? { value, writable: true } : { get };
    Object.defineProperty(object, name, { enumerable: true, configurable: true, ...how });
  }

  /** A proxy some of whose traps throw or lie. */
  strange(target: object): object {
    if (this.chance(20)) {
      const { proxy, revoke } = Proxy.revocable(target, {});
      revoke();
      return proxy;
    }
    const handler: Record<string, Maker> = {};
    for (const trap of Object.getOwnPropertyNames(Reflect)) {
      if (!this.chance(25)) continue;
      handler[trap] = () => {
        const value = this.value(1);
        return this.chance(50) ? raise(value) : value;
      };
    }
    return new Proxy(this.chance(80) ? target : () => undefined, handler);
  }

  options(): object {
    const options = {};
    if (this.chance(10)) this.define(options, 'signal', () => this.signal());
    for (let i = this.random(5); i > 0; i--) {
      const name = this.chance(95) ? this.one(names) : this.spoilt(this.one(names));
      this.define(options, name, () => {
        const good = this.one(likely[name] ?? [1]);
        if (this.chance(75)) return good;
        return typeof good === 'string' ? this.spoilt(good) : this.value();
      });
    }
    return options;
  }

  signal(): unknown {
    const { signal } = new AbortController();
    const likeOne = Object.create(AbortSignal.prototype) as object;
    return this.one([signal, likeOne, this.strange(signal), this.strange(likeOne), aborted]);
  }

  url(): unknown {
    const url = this.one(urls);
    if (this.chance(70)) return url;
    return typeof url === 'string' && this.chance(70) ? this.spoilt(url) : this.value();
  }
}

function faultOfText(text: string): string | undefined {
  if (text.length > 4200) return `its error has ${text.length} letters`;
  return /[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(text)
    ? `its error has a control character: ${JSON.stringify(text)}`
    : undefined;
}

/** What is wrong with a call that gave this; undefined: nothing. */
function faultOf(code: unknown, categories: readonly string[]): string | undefined {
  if (code !== -1 && code !== -2) return `it gave ${String(code)}`;
  const errors = getLastError();
  if (errors.length === 0) return 'it left no error';
  const wrong = errors.find(({ category }) => !categories.includes(category));
  if (wrong !== undefined) return `its error is ${wrong.code}: ${wrong.message}`;
  return errors.map(({ message }) => faultOfText(message)).find((fault) => fault !== undefined);
}

/** Options that are read to their end, and then nothing is opened. */
async function openAborted(imagined: Imagination): Promise<string | undefined> {
  const options = imagined.options();
  Object.defineProperty(options, 'signal', { value: aborted, enumerable: true });
  const open = imagined.chance(20) ? webSocketOpenSync : webSocketOpen;
  return faultOf(await open(imagined.url() as string, options), ['usage']);
}

/** Options that native code reads as well; then nobody is there. */
async function openNowhere(imagined: Imagination): Promise<string | undefined> {
  const options = imagined.chance(80) ? imagined.options() : imagined.value();
  const code = await webSocketOpen(nowhere, options as OpenOptions);
  return faultOf(code, ['usage', 'network', 'timeout']);
}

const onSockets = [
  ...[webSocketClose, webSocketFlush, webSocketPing, webSocketRead, webSocketReadMany],
  ...[webSocketSubscribe, webSocketTerminate, webSocketWrite, webSocketWriteMany],
  ...[webSocketCloseSync, webSocketFlushSync, webSocketReadManySync, webSocketReadSync],
] as readonly ((...values: readonly unknown[]) => unknown)[];

/** The other functions, for sockets that there are not. */
async function callOther(imagined: Imagination): Promise<string | undefined> {
  const values = Array.from({ length: 4 }, () => imagined.value());
  return faultOf(await imagined.one(onSockets)(...values), ['usage']);
}

/** Makes one call, which the number decides; what is wrong with it, or undefined. */
async function callOnce(seed: number): Promise<string | undefined> {
  const imagined = new Imagination(randomFrom(seed));
  try {
    const call = imagined.one([openAborted, openAborted, openNowhere, callOther]);
    return await call(imagined);
  } catch (thrown) {
    return `it threw ${thrown instanceof Error ? (thrown.stack ?? '') : typeof thrown}`;
  }
}

/** Makes calls while `more` says so; the promise has how many, and what was found. */
export async function fuzzOptions(
  seed: number,
  more: (calls: number) => boolean,
): Promise<{ calls: number; found: string | undefined }> {
  let calls = 0;
  for (; more(calls); calls++) {
    const fault = await callOnce(seed + calls);
    if (fault !== undefined) return { calls, found: `with --seed=${seed + calls}: ${fault}` };
  }
  return { calls, found: undefined };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    },
  });
  const until = performance.now() + Number(values.seconds) * 1000;
  const more = (calls: number): boolean => calls === 0 || performance.now() < until;
  const { calls, found } = await fuzzOptions(Number(values.seed), more);
  console.log(`stat::number_of_executed_units: ${calls}`);
  if (found === undefined) return;
  console.error(found);
  process.exitCode = 1;
}

if (require.main === module) void main();
