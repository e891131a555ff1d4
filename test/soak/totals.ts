// What a run has done, in numbers that do not grow with its length.
import type { Outcome } from './model/judge';
import type { KindName } from './model/kinds';
import type { Plan } from './model/plan';

type Counts = Record<string, number>;

/** No more than these are kept word by word. */
const mostFaults = 200;

export class Totals {
  plans = 0;
  opened = 0;
  resumed = 0;
  sent = 0;
  received = 0;
  bytesIn = 0;
  bytesOut = 0;
  faultCount = 0;
  readonly faults: string[] = [];
  /** How often each kind was done, and each result of each call was seen. */
  readonly kinds: Partial<Record<KindName, number>> = {};
  readonly results: Counts = {};
  readonly reads: Counts = {};
  readonly secure: Counts = {};
  readonly deflate: Counts = {};

  add(plan: Plan, outcome: Outcome): void {
    this.plans += 1;
    this.kinds[plan.kind] = (this.kinds[plan.kind] ?? 0) + 1;
    this.count(this.results, `open ${outcome.open}`);
    for (const [call, times] of Object.entries(outcome.calls)) {
      this.count(this.results, call, times);
    }
    if (outcome.open !== 'ok') return;
    this.opened += 1;
    if (outcome.end !== '') this.count(this.results, `end ${outcome.end}`);
    if (outcome.close !== '') this.count(this.results, `close ${outcome.close}`);
    this.count(this.reads, plan.read);
    this.count(this.secure, plan.secure);
    this.count(this.deflate, plan.deflate);
    if (outcome.resumed) this.resumed += 1;
    this.sent += outcome.sent;
    this.received += outcome.received;
    this.bytesIn += outcome.bytesIn;
    this.bytesOut += outcome.bytesOut;
  }

  fault(text: string): void {
    this.faultCount += 1;
    if (this.faults.length < mostFaults) this.faults.push(text);
  }

  private count(counts: Counts, key: string, times = 1): void {
    counts[key] = (counts[key] ?? 0) + times;
  }
}
