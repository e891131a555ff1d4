// What a run has done, in numbers that do not grow with its length.
import type { Outcome } from './model/judge';

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
  add(outcome: Outcome): void {
    this.plans += 1;
    if (outcome.open !== 'ok') return;
    this.opened += 1;
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
}
