// What leases.ts plans, done in KV: one bucket, whose keys are feed.NAME, lease.NAME and session.ID.
import { randomBytes } from 'node:crypto';
import type { KV, KvWatchEntry } from '@nats-io/kv';
import type { NatsConnection, QueuedIterator } from '@nats-io/transport-node';
import { readFeed } from './feeds';
import { Follower } from './follow';
import { emptyView, plan } from './leases';
import type { Held, Lease, Session, Step, View } from './leases';
import { isConflict, OwnSession } from './session';
import { Happening, Source } from './sink';
import type { Log, Sink } from './sink';

interface Holding extends Held {
  readonly follower: Follower;
}

export interface CoordinatorOptions {
  readonly name: string;
  readonly ttlMs: number;
  readonly sink: Sink;
  readonly log: Log;
}

/** So many steps are under way at a time: so many feeds are between two holders. */
const mostSteps = 16;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Coordinator {
  private session: OwnSession;
  /** Undefined while it is not known to be what is in KV. */
  private view: View | undefined = undefined;
  private entries: QueuedIterator<KvWatchEntry> | undefined = undefined;
  /** Something has come by since the last renewal. */
  private hasSeen = false;
  private readonly held = new Map<string, Holding>();
  /** The feeds and sessions that a step is under way for. */
  private readonly busy = new Set<string>();
  private readonly planned = new Happening();
  private hasEnded = false;
  private planning: NodeJS.Immediate | undefined = undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly kv: KV,
    private readonly options: CoordinatorOptions,
  ) {
    this.session = this.newSession();
    void this.renewForEver();
    void this.watchConnection();
    void this.watchForEver();
    // Sessions expire without anything being written.
    setInterval(() => this.act(), options.ttlMs / 16);
  }

  get heldFeeds(): number {
    return this.held.size;
  }

  /** Gives all feeds away. Resolves once their messages are acknowledged and the session is deleted. */
  async end(): Promise<void> {
    // (the others are told first, so that each knows what it is to take)
    await this.session.leave();
    this.act();
    while (this.held.size > 0 || this.busy.size > 0) await this.planned.wait();
    this.hasEnded = true;
    await this.session.end();
  }

  private newSession(): OwnSession {
    const { name, ttlMs } = this.options;
    return new OwnSession(this.kv, `${name}-${randomBytes(4).toString('hex')}`, ttlMs);
  }

  private async renewForEver(): Promise<void> {
    for (let isRenewed = false; !this.hasEnded;) {
      // At least that should have come by: a watch that stands still does not say so.
      if (isRenewed && !this.hasSeen) this.entries?.stop();
      this.hasSeen = false;
      isRenewed = await this.session.renew();
      if (this.session.isLost) this.startAnew();
      this.act();
      await pause(this.options.ttlMs / 4);
    }
  }

  /** Another process has deleted the session: others have its feeds, or will at once. */
  private startAnew(): void {
    this.options.log(`session ${this.session.id} is lost, and ${this.held.size} feeds with it`);
    for (const { follower } of this.held.values()) follower.drop();
    this.held.clear();
    const { isLeaving } = this.session;
    this.session = this.newSession();
    this.session.isLeaving = isLeaving;
  }

  private async watchConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      // Nobody can renew what cannot be reached: all others have a whole TTL from the next view on.
      if (type === 'disconnect') this.view = undefined;
      if (type === 'reconnect') this.entries?.stop();
    }
  }

  private async watchForEver(): Promise<void> {
    for (;;) {
      try {
        await this.watch();
      } catch (error) {
        this.options.log(`KV cannot be watched: ${String(error)}`);
      }
      this.view = undefined;
      await pause(this.options.ttlMs / 16);
    }
  }

  private async watch(): Promise<void> {
    const view = emptyView();
    this.entries = await this.kv.watch();
    for await (const entry of this.entries) {
      this.hasSeen = true;
      this.apply(view, entry);
      // All is there that was. (nats-server 2.9 may count one too many in `delta` after a restart)
      if (entry.delta === 0 || entry.isUpdate) this.view = view;
      this.act();
    }
  }

  private apply(view: View, entry: KvWatchEntry): void {
    const { key, revision } = entry;
    const [kind = '', name = ''] = key.split('.');
    const { feeds: feed, leases: lease, sessions: session } = view;
    const all = new Map<string, Map<string, unknown>>(Object.entries({ feed, lease, session }));
    const ofKind = all.get(kind);
    ofKind?.delete(name);
    if (ofKind === undefined || entry.operation !== 'PUT') return;
    try {
      const value = entry.json<Lease | Session>();
      const read = kind === 'feed' ? { feed: readFeed(name, value) } : value;
      ofKind.set(name, { ...read, revision, seenAt: performance.now() });
    } catch (error) {
      this.options.log(`${key} is passed over: ${String(error)}`);
    }
  }

  /** Begins what is to be done, once for all that came in one go. */
  private act(): void {
    this.planning ??= setImmediate(() => {
      this.planning = undefined;
      this.beginSteps();
    });
  }

  private beginSteps(): void {
    const { view, session, held } = this;
    this.planned.happen();
    if (view === undefined || !session.isHeld()) return;
    const self = { session: session.id, leaving: session.isLeaving, held };
    for (const step of plan(view, self, performance.now())) {
      if (this.busy.has(step.name) || this.busy.size >= mostSteps) continue;
      this.busy.add(step.name);
      void this.run(step, view, session).then((isDone) => {
        this.busy.delete(step.name);
        // What failed is planned again when something comes by, or at the next tick.
        if (isDone) this.act();
      });
    }
  }

  /** One step; false if it failed. */
  private async run(step: Step, view: View, session: OwnSession): Promise<boolean> {
    try {
      const said = await this[step.kind](step, view, session);
      if (said !== undefined) this.options.log(said);
      return true;
    } catch (error) {
      if (!isConflict(error)) this.options.log(`${step.kind} failed: ${String(error)}`);
      return false;
    }
  }

  private async bury({ name, revision }: Step): Promise<string> {
    await this.kv.delete(`session.${name}`, { previousSeq: revision });
    return `session ${name} was not renewed: its feeds are free`;
  }

  private async take({ name, revision }: Step, view: View, session: OwnSession) {
    const key = `lease.${name}`;
    const value = JSON.stringify({ session: session.id });
    const isNew = revision === 0;
    const term = await (isNew ? this.kv.create(key, value) : this.kv.update(key, value, revision));
    const settings = view.feeds.get(name);
    if (session.isLost || settings === undefined) return undefined;
    const { sink, log } = this.options;
    const follower = new Follower(new Source(name, term, session), settings.feed, sink, log);
    this.held.set(name, { follower, term, settings: settings.revision });
    return `feed ${name} is held, term ${term}`;
  }

  private async give({ name, revision }: Step) {
    const holding = this.held.get(name);
    await holding?.follower.stop();
    // (the session was lost meanwhile, and the feed with it)
    if (this.held.get(name) !== holding) return undefined;
    this.held.delete(name);
    await this.kv.delete(`lease.${name}`, { previousSeq: revision });
    return `feed ${name} is given away`;
  }

  private drop({ name }: Step): string {
    this.held.get(name)?.follower.drop();
    this.held.delete(name);
    return `feed ${name} is held by another process`;
  }
}
