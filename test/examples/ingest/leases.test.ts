// Who is to hold which feed, and what a process does for it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assign, emptyView, plan } from '../../../examples/ingest/leases';
import type { Self, Step, View } from '../../../examples/ingest/leases';

const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Feeds by member. */
function countsOf(assigned: ReadonlyMap<string, string>, members: readonly string[]): number[] {
  const owners = [...assigned.values()];
  return members.map((member) => owners.filter((owner) => owner === member).length);
}

describe('assign', () => {
  test('shares differ by one at most, whoever held what', () => {
    for (const feeds of [0, 1, 5, 30, 31]) {
      for (const members of [1, 2, 3, 7, 40]) {
        const [all, processes] = [names(feeds, 'f'), names(members, 'p')];
        for (const step of [0, 1, 3, 5]) {
          const holderOf = (feed: string): string | undefined =>
            step === 0 ? undefined : processes[(Number(feed.slice(1)) * step) % (members + 1)];
          const counts = countsOf(assign(all, processes, holderOf), processes);
          assert.equal(
            counts.reduce((sum, count) => sum + count, 0),
            feeds,
          );
          assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${feeds} ${members} ${step}`);
        }
      }
    }
  });

  test('no more change hands than have to', () => {
    const feeds = names(30, 'f');
    const two = assign(feeds, ['a', 'b'], () => undefined);
    const three = assign(feeds, ['a', 'b', 'c'], (feed) => two.get(feed));
    const moved = feeds.filter((feed) => three.get(feed) !== two.get(feed));
    assert.equal(moved.length, 10);
    assert.deepEqual(new Set(moved.map((feed) => three.get(feed))), new Set(['c']));
    // Where the shares are even already, nothing does, whichever has one more.
    const odd = (feed: string): string => (['f0', 'f1', 'f2'].includes(feed) ? 'b' : 'a');
    const five = names(5, 'f');
    assert.deepEqual(assign(five, ['a', 'b'], odd), new Map(five.map((feed) => [feed, odd(feed)])));
  });

  test('the order in which things were seen is no matter', () => {
    const feeds = names(11, 'f');
    const holderOf = (feed: string): string | undefined => (feed < 'f5' ? 'c' : undefined);
    const one = assign(feeds, ['a', 'b', 'c'], holderOf);
    const other = assign([...feeds].reverse(), ['c', 'b', 'a'], holderOf);
    assert.deepEqual([...one].sort(), [...other].sort());
  });

  test('without a member no feed is held', () => {
    assert.deepEqual(
      assign(['f'], [], () => undefined),
      new Map(),
    );
  });
});

const feed = { url: 'ws://127.0.0.1/', options: {}, subscription: [] };
const ttlMs = 1000;

/** A view of these leases (FEED: session and revision), at time 0; feeds have revision 1. */
function viewOf(feeds: readonly string[], leases: Record<string, [string, number]>): View {
  const view = emptyView();
  for (const name of feeds) view.feeds.set(name, { feed, revision: 1 });
  for (const [name, [session, revision]] of Object.entries(leases)) {
    view.leases.set(name, { session, revision });
  }
  for (const session of ['a', 'b']) {
    view.sessions.set(session, { ttlMs, leaving: false, revision: 7, seenAt: 0 });
  }
  return view;
}

const self = (held: Record<string, number> = {}, leaving = false): Self => ({
  session: 'a',
  leaving,
  held: new Map(Object.entries(held).map(([name, term]) => [name, { term, settings: 1 }])),
});

describe('plan', () => {
  const planned = (view: View, who: Self, now = 0): Step[] => plan(view, who, now);

  test('a feed that nobody holds is taken by the one whose share it is', () => {
    const view = viewOf(['f', 'g'], { g: ['b', 5] });
    assert.deepEqual(planned(view, self()), [{ kind: 'take', name: 'f', revision: 0 }]);
    assert.deepEqual(
      plan(view, { ...self(), session: 'b', held: new Map([['g', { term: 5, settings: 1 }]]) }, 0),
      [],
    );
  });

  test('a lease of a session that is gone is written over, at its revision', () => {
    const view = viewOf(['f', 'g'], { f: ['gone', 4], g: ['b', 5] });
    assert.deepEqual(planned(view, self()), [{ kind: 'take', name: 'f', revision: 4 }]);
  });

  test('a session that was not renewed for its TTL is buried before its feeds are taken', () => {
    const view = viewOf(['f'], { f: ['b', 5] });
    assert.deepEqual(planned(view, self(), ttlMs), []);
    const bury = { kind: 'bury', name: 'b', revision: 7 };
    assert.deepEqual(planned(view, self(), ttlMs + 1), [bury]);
    view.sessions.delete('b');
    assert.deepEqual(planned(view, self(), ttlMs + 1), [{ kind: 'take', name: 'f', revision: 5 }]);
  });

  test('a session without a TTL counts as one that was not renewed', () => {
    const view = viewOf([], {});
    const value = {} as { ttlMs: number; leaving: boolean };
    view.sessions.set('b', { ...value, revision: 9, seenAt: 0 });
    assert.deepEqual(planned(view, self()), [{ kind: 'bury', name: 'b', revision: 9 }]);
  });

  test('the own session is never buried: renewing it tells whether it is lost', () => {
    const view = viewOf([], {});
    view.sessions.delete('b');
    assert.deepEqual(planned(view, self(), 1e9), []);
  });

  test('what is beyond the share is given away, and not taken before it was', () => {
    const view = viewOf(['f', 'g'], { f: ['a', 3], g: ['a', 4] });
    const give = { kind: 'give', name: 'g', revision: 4 };
    assert.deepEqual(planned(view, self({ f: 3, g: 4 })), [give]);
    assert.deepEqual(plan(view, { session: 'b', leaving: false, held: new Map() }, 0), []);
  });

  test('who is leaving gives all away, and is given nothing', () => {
    const view = viewOf(['f', 'g', 'h'], { f: ['a', 3] });
    assert.deepEqual(planned(view, self({ f: 3 }, true)), [
      { kind: 'give', name: 'f', revision: 3 },
    ]);
    view.sessions.set('a', { ttlMs, leaving: true, revision: 8, seenAt: 0 });
    const steps = plan(view, { session: 'b', leaving: false, held: new Map() }, 0);
    assert.deepEqual(
      steps.map((step) => (step.kind === 'take' ? step.name : '')),
      ['g', 'h'],
    );
  });

  test('a feed that is gone or has new settings is given away', () => {
    const view = viewOf(['f'], { f: ['a', 3], g: ['a', 4] });
    view.sessions.delete('b');
    assert.deepEqual(planned(view, self({ f: 3, g: 4 })), [
      { kind: 'give', name: 'g', revision: 4 },
    ]);
    view.feeds.set('f', { feed, revision: 2 });
    assert.deepEqual(planned(view, self({ f: 3 }))[0], { kind: 'give', name: 'f', revision: 3 });
  });

  test('a lease that another session has written later is not held any more', () => {
    const view = viewOf(['f'], { f: ['b', 6] });
    assert.deepEqual(planned(view, self({ f: 5 })), [{ kind: 'drop', name: 'f', revision: 5 }]);
    // One that is older than ours has only not come by yet.
    view.sessions.delete('b');
    view.leases.set('f', { session: 'b', revision: 4 });
    assert.deepEqual(planned(view, self({ f: 5 })), []);
  });

  test('an own lease that is not held is taken, or given away: the answer to its write was lost', () => {
    const view = viewOf(['f'], { f: ['a', 5] });
    assert.deepEqual(planned(view, self()), [{ kind: 'take', name: 'f', revision: 5 }]);
    view.feeds.delete('f');
    assert.deepEqual(planned(view, self()), [{ kind: 'give', name: 'f', revision: 5 }]);
  });
});
