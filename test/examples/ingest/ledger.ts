// What the stream has of each feed, and what is missing. Pure.

/** Messages of one connection, by their names: FEED.TERM.CONNECTION.NUMBER. */
export interface Run {
  readonly term: number;
  readonly connection: number;
  /** Numbers of the plant: of the first message and of the last one. */
  first: number;
  last: number;
  /** When the stream stored the first, and its place there. */
  readonly from: number;
  count: number;
}

/** Numbers that the stream does not have, between two runs. */
export interface Gap {
  readonly feed: string;
  readonly missing: number;
  readonly before: Run;
  readonly after: Run;
}

export class Ledger {
  messages = 0;
  /** What must not be, in words. */
  readonly faults: string[] = [];
  /** The numbers of messages that came behind one of a later connection or term. */
  readonly late: number[] = [];
  private readonly feeds = new Map<string, Run[]>();

  /** The next message of the stream: its name, its text, and its place in the stream. */
  add(id: string, text: string, place: number): void {
    this.messages++;
    const [feed = '', ...numbers] = id.split('.');
    const [term = 0, connection = 0, number = 0] = numbers.map(Number);
    const comma = text.lastIndexOf(':');
    const sequence = Number(text.slice(comma + 1, -1));
    if (!text.startsWith(`{"feed":"${feed}"`)) this.faults.push(`${id} has ${text}`);
    const runs = this.feeds.get(feed) ?? [];
    if (runs.length === 0) this.feeds.set(feed, runs);
    const run = runs.find((each) => each.term === term && each.connection === connection);
    if (run === undefined) {
      if (number !== 1) this.faults.push(`${id} is the first of its connection`);
      runs.push({ term, connection, first: sequence, last: sequence, from: place, count: 1 });
      return;
    }
    run.count++;
    // Within a connection nothing is missing, nothing comes twice, and all is in its order.
    if (sequence !== run.last + 1) this.faults.push(`${id} has ${sequence} behind ${run.last}`);
    if (number !== run.count) this.faults.push(`${id} is number ${run.count} of its connection`);
    run.last = Math.max(run.last, sequence);
    if (run !== runs.at(-1)) this.late.push(sequence);
  }

  /** The runs of a feed, in the order in which they began. */
  runsOf(feed: string): readonly Run[] {
    return this.feeds.get(feed) ?? [];
  }

  /** What is missing between the runs. */
  gaps(): Gap[] {
    return [...this.feeds].flatMap(([feed, runs]) =>
      runs.slice(1).map((after, index) => {
        const before = runs[index] ?? after;
        return { feed, missing: after.first - before.last - 1, before, after };
      }),
    );
  }
}
