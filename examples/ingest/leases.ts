// Who holds which feed: what a process is to do next, from what it has seen in KV. Pure: no clock, no
// I/O. Every process decides for itself; where two of them decide for the same feed, the
// compare-and-set of KV lets one of them have it.
//
// A process has one session in KV, which it renews. A lease names the session that holds a feed, and
// is as good as that session: a renewal costs one write for each process, however many feeds it has.
import type { Feed } from './feeds';

export interface Session {
  /** How long it may go without a renewal. */
  readonly ttlMs: number;
  /** The process was told to end: it gives its feeds away. */
  readonly leaving: boolean;
  readonly revision: number;
  /** When this process saw that revision, by its own clock: the clocks of machines need not agree. */
  readonly seenAt: number;
}

export interface Lease {
  readonly session: string;
  readonly revision: number;
}

/** What is in KV. */
export interface View {
  readonly feeds: Map<string, { readonly feed: Feed; readonly revision: number }>;
  readonly sessions: Map<string, Session>;
  readonly leases: Map<string, Lease>;
}

export const emptyView = (): View => ({
  feeds: new Map(),
  sessions: new Map(),
  leases: new Map(),
});

/** A feed that this process holds: the revisions of its lease and of the settings that it follows. */
export interface Held {
  readonly term: number;
  readonly settings: number;
}

/** The process that plans. */
export interface Self {
  readonly session: string;
  readonly leaving: boolean;
  readonly held: ReadonlyMap<string, Held>;
}

/**
 * bury   delete the session of this name, which was not renewed, at this revision: from then on no
 *        renewal of it succeeds, and what it held is free
 * take   write a lease of this feed over that of this revision (0: there is none), then follow it
 * give   stop following, wait until all that was read is acknowledged, delete the lease of this
 *        revision
 * drop   stop following: another session has the lease
 */
export interface Step {
  readonly kind: 'bury' | 'take' | 'give' | 'drop';
  readonly name: string;
  readonly revision: number;
}

/**
 * Who is to hold which feed. All processes that see the same come to the same result: each keeps
 * what it has up to its share, and shares differ by one feed at most.
 */
export function assign(
  feeds: Iterable<string>,
  members: readonly string[],
  holderOf: (feed: string) => string | undefined,
): Map<string, string> {
  const free: string[] = [];
  const kept = new Map(members.map((member): [string, string[]] => [member, []]));
  const names = [...feeds].sort();
  for (const name of names) (kept.get(holderOf(name) ?? '') ?? free).push(name);
  // Who has most has first claim to the feeds that are left over, so that fewest change hands.
  const ranked = [...kept].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const shareOf = (rank: number): number =>
    Math.floor(names.length / ranked.length) + (rank < names.length % ranked.length ? 1 : 0);
  for (const [rank, [, own]] of ranked.entries()) free.push(...own.splice(shareOf(rank)));
  for (const [rank, [, own]] of ranked.entries()) {
    own.push(...free.splice(0, shareOf(rank) - own.length));
  }
  return new Map(ranked.flatMap(([member, own]) => own.map((feed) => [feed, member])));
}

/** What is to be done for one feed; `owner` is who is to hold it. */
function stepFor(name: string, owner: string | undefined, view: View, self: Self): Step[] {
  const held = self.held.get(name);
  const lease = view.leases.get(name);
  if (held !== undefined) {
    const revision = held.term;
    if (lease !== undefined && lease.session !== self.session && lease.revision > revision) {
      return [{ kind: 'drop', name, revision }];
    }
    // (with new settings it begins anew, here or elsewhere)
    const isChanged = view.feeds.get(name)?.revision !== held.settings;
    return owner !== self.session || isChanged ? [{ kind: 'give', name, revision }] : [];
  }
  // (a lease that is ours though we do not hold it: the answer to a write of it was lost)
  const isOurs = lease?.session === self.session;
  const isFree = lease === undefined || isOurs || !view.sessions.has(lease.session);
  const revision = lease?.revision ?? 0;
  if (owner === self.session) return isFree ? [{ kind: 'take', name, revision }] : [];
  return isOurs ? [{ kind: 'give', name, revision }] : [];
}

/** What this process is to do now. Steps that are under way already may come again. */
export function plan(view: View, self: Self, now: number): Step[] {
  const others = [...view.sessions].filter(([id]) => id !== self.session);
  const isAlive = ({ seenAt, ttlMs }: Session): boolean => now - seenAt <= ttlMs;
  const dead = others.filter(([, session]) => !isAlive(session));
  const members = others.filter(([, each]) => isAlive(each) && !each.leaving).map(([id]) => id);
  if (!self.leaving) members.push(self.session);
  const owners = assign(view.feeds.keys(), members, (feed) => view.leases.get(feed)?.session);
  // (feeds that are gone are given away as well)
  const feeds = new Set([...view.feeds.keys(), ...view.leases.keys(), ...self.held.keys()]);
  return [
    ...dead.map(([name, { revision }]): Step => ({ kind: 'bury', name, revision })),
    ...[...feeds].flatMap((feed) => stepFor(feed, owners.get(feed), view, self)),
  ];
}
