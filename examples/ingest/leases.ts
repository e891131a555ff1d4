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
 * bury   delete a session that was not renewed, at this revision: from then on no renewal of it
 *        succeeds, and what it held is free
 * take   write a lease over that of this revision (0: there is none), then follow the feed
 * give   stop following, wait until all that was read is acknowledged, delete the lease of this
 *        revision
 * drop   stop following: another session has the lease
 */
export type Step =
  | { readonly kind: 'bury'; readonly session: string; readonly revision: number }
  | { readonly kind: 'drop'; readonly feed: string }
  | FeedStep;

export interface FeedStep {
  readonly kind: 'take' | 'give';
  readonly feed: string;
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
  const names = [...feeds].sort();
  const assigned = new Map<string, string>();
  if (members.length === 0) return assigned;
  const count = new Map(members.map((member) => [member, 0]));
  const add = (member: string): void => void count.set(member, (count.get(member) ?? 0) + 1);
  for (const name of names) add(holderOf(name) ?? '');
  // Who has most has first claim to the feeds that are left over, so that fewest change hands.
  const byCount = [...members].sort(
    (a, b) => (count.get(b) ?? 0) - (count.get(a) ?? 0) || (a < b ? -1 : 1),
  );
  const least = Math.floor(names.length / members.length);
  const over = names.length % members.length;
  const room = new Map(byCount.map((member, index) => [member, least + (index < over ? 1 : 0)]));
  const give = (name: string, member: string): void => {
    assigned.set(name, member);
    room.set(member, (room.get(member) ?? 0) - 1);
  };
  const hasRoom = (member: string): boolean => (room.get(member) ?? 0) > 0;
  for (const name of names) {
    const holder = holderOf(name);
    if (holder !== undefined && hasRoom(holder)) give(name, holder);
  }
  for (const name of names) {
    const member = assigned.has(name) ? undefined : byCount.find(hasRoom);
    if (member !== undefined) give(name, member);
  }
  return assigned;
}

/** What is to be done for one feed; `owner` is who is to hold it. */
function stepFor(feed: string, owner: string | undefined, view: View, self: Self): Step[] {
  const held = self.held.get(feed);
  const lease = view.leases.get(feed);
  const holder =
    lease !== undefined && view.sessions.has(lease.session) ? lease.session : undefined;
  const isOurs = holder === self.session;
  if (held !== undefined) {
    if (lease !== undefined && lease.session !== self.session && lease.revision > held.term) {
      return [{ kind: 'drop', feed }];
    }
    // (with new settings it begins anew, here or elsewhere)
    const isChanged = view.feeds.get(feed)?.revision !== held.settings;
    const isLeft = owner !== self.session || isChanged;
    return isLeft ? [{ kind: 'give', feed, revision: held.term }] : [];
  }
  // (a lease that is ours though we do not hold it: the answer to a write of it was lost)
  const revision = lease?.revision ?? 0;
  if (owner !== self.session) return isOurs ? [{ kind: 'give', feed, revision }] : [];
  const isFree = holder === undefined || isOurs;
  return isFree ? [{ kind: 'take', feed, revision }] : [];
}

/** What this process is to do now. Steps that are under way already may come again. */
export function plan(view: View, self: Self, now: number): Step[] {
  const others = [...view.sessions].filter(([id]) => id !== self.session);
  const isExpired = ({ seenAt, ttlMs }: Session): boolean => !(now - seenAt <= ttlMs);
  const steps: Step[] = others
    .filter(([, session]) => isExpired(session))
    .map(([session, { revision }]) => ({ kind: 'bury', session, revision }));
  const members = others
    .filter(([, session]) => !session.leaving && !isExpired(session))
    .map(([id]) => id);
  if (!self.leaving) members.push(self.session);
  const owners = assign(view.feeds.keys(), members, (feed) => {
    const session = view.leases.get(feed)?.session;
    return session !== undefined && members.includes(session) ? session : undefined;
  });
  // (feeds that are gone are given away as well)
  const feeds = new Set([...view.feeds.keys(), ...view.leases.keys(), ...self.held.keys()]);
  return steps.concat([...feeds].flatMap((feed) => stepFor(feed, owners.get(feed), view, self)));
}
