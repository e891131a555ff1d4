// What one connection is to do, from beginning to end, decided by its name alone: client and server
// read the same plan.
import { kinds } from './kinds';
import type { KindName, Secure, ServerName } from './kinds';
import type { Sizes } from './messages';
import { Random } from './random';

export const readStyles = [
  'read',
  'reads',
  'readMany',
  'subscribe',
  'subscribePromise',
  'messages',
  'batches',
] as const;
export type ReadStyle = (typeof readStyles)[number];

export interface Plan {
  /** '<seed>.<actor>.<how many before it>' */
  readonly id: string;
  readonly kind: KindName;
  readonly variant: string;
  readonly server: ServerName;
  readonly secure: Secure;
  readonly deflate: 'none' | 'takeover' | 'noTakeover';
  /** Whose proxy leads to the server. */
  readonly proxy: 'none' | 'node' | 'fragile';
  readonly read: ReadStyle;
  readonly write: 'write' | 'writeMany';
  /** Messages of the client's and of the server's. */
  readonly up: number;
  readonly down: number;
  /** After so many messages whoever ends it early does. */
  readonly cutAt: number;
  readonly sizes: Sizes;
  /** Messages that are written together, at most. */
  readonly burst: number;
  /** Milliseconds between two bursts, at most and at full pace. */
  readonly gapMs: number;
  /** Bytes; 0: the default. */
  readonly receiveHighWaterMark: number;
  readonly maxBufferedBytes: number;
  /** The close code of whoever closes. */
  readonly closeCode: number;
  /** Seconds, of whatever time is to pass in this plan. */
  readonly seconds: number;
}

const weights = Object.fromEntries(
  Object.entries(kinds).map(([name, { weight }]) => [name, weight]),
) as Record<KindName, number>;

function trafficOf(random: Random): Pick<Plan, 'up' | 'down' | 'sizes' | 'burst' | 'gapMs'> {
  const sizes = random.weighted({ small: 6, mixed: 5, large: 1 } as const);
  // Some live long and do little, most are short and busy.
  const long = random.chance(0.03);
  const most = sizes === 'large' ? 20 : long ? 600 : 300;
  return {
    sizes,
    up: random.between(0, most),
    down: random.between(0, most),
    burst: random.pick(sizes === 'large' ? [1, 2, 4] : long ? [3, 10, 30] : [1, 3, 10, 30]),
    gapMs: random.pick([0, 10, 50, 200]) * (long ? 5 : 1),
  };
}

function proxyOf(random: Random, kind: KindName): Plan['proxy'] {
  if (kind === 'proxyCut' || kind === 'proxyRefused') return 'node';
  if (kinds[kind].proxy !== true || !random.chance(kind === 'killed' ? 0.4 : 0.12)) return 'none';
  return kind === 'killed' ? 'fragile' : 'node';
}

/** Room for the largest message of its kind, and for little more. */
const outputLimits: Readonly<Record<Sizes, number>> = {
  small: 4_000,
  mixed: 300_000,
  large: 1_200_000,
};

/** The plan of this name. */
export function planOf(id: string, kind?: KindName): Plan {
  const random = new Random(id);
  const chosen = random.weighted(weights);
  const name = kind ?? chosen;
  const row = kinds[name];
  const traffic = trafficOf(random);
  const proxy = proxyOf(random, name);
  const secure = random.pick(row.secure);
  const server = random.pick(row.servers);
  const deflates = row.deflate !== false && traffic.sizes !== 'large' && random.chance(0.25);
  const narrow = name === 'lazy' || random.chance(0.1);
  return {
    id,
    kind: name,
    variant: row.variants === undefined ? '' : random.pick(Object.keys(row.variants)),
    // Only Node's TLS servers ask for certificates or show strange ones.
    server: secure === 'certificate' || secure === 'strange' ? 'node' : server,
    secure,
    deflate: deflates ? random.pick(['takeover', 'noTakeover'] as const) : 'none',
    proxy,
    read: random.pick(readStyles),
    write: random.pick(['write', 'writeMany']),
    ...traffic,
    cutAt: random.between(0, row.ends === 'clientEarly' ? traffic.up : traffic.down),
    receiveHighWaterMark: narrow ? random.pick([1, 1000, 20_000]) : 0,
    maxBufferedBytes: name === 'stall' || random.chance(0.1) ? outputLimits[traffic.sizes] : 0,
    closeCode: random.pick([1000, 1001, 4000, 4999]),
    seconds: random.between(20, 80) / 100,
  };
}

/**
 * False: the server loses what it has received and not yet decrypted when it writes in answer to
 * what it reads, as it does for a ping. uWebSockets.js does over TLS, whoever the client is.
 */
export const mayPing = ({ server, secure, kind }: Plan): boolean =>
  !(server === 'uws' && secure !== 'plain') && kind !== 'muteClose';
