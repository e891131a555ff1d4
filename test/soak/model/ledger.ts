// Both sides' books of a connection, compared: nothing that was accepted may be missing where the
// connection ended in order, and nowhere may more arrive than was sent.
import { kinds } from './kinds';
import { isFragile } from './judge';
import type { Outcome } from './judge';
import type { Plan } from './plan';

/** What a server saw of a connection, once that has ended. */
export interface ServerReport {
  readonly id: string;
  readonly received: number;
  readonly sent: number;
  /** The close code that came; 1006: none did. */
  readonly code: number;
  readonly faults: readonly string[];
}

/** What does not fit together. */
export function compare(plan: Plan, outcome: Outcome, report: ServerReport): string[] {
  const faults = report.faults.map((fault) => `server: ${fault}`);
  if (report.received > outcome.sent) {
    faults.push(`the server received ${report.received} messages of ${outcome.sent}`);
  }
  if (outcome.received > report.sent) {
    faults.push(`${outcome.received} messages came of ${report.sent} that were sent`);
  }
  const { ends } = kinds[plan.kind];
  const inOrder = ends === 'client' || ends === 'server' || plan.kind === 'closeEarly';
  if (inOrder && !isFragile(plan) && !outcome.abandoned && report.received !== outcome.sent) {
    faults.push(`the server received ${report.received} messages, not ${outcome.sent}`);
  }
  // A reset connection keeps the server from seeing the close frame.
  if (plan.kind === 'closeEarly' && report.code !== plan.closeCode) {
    faults.push(`the server saw the close code ${report.code}, not ${plan.closeCode}`);
  }
  return faults;
}

/** True: the server's process lives long enough to report, and saw the connection open. */
const isReported = (plan: Plan, outcome: Outcome): boolean =>
  outcome.open === 'ok' &&
  plan.server !== 'fragile' &&
  kinds[plan.kind].ends !== 'never' &&
  plan.kind !== 'silent' &&
  plan.kind !== 'muteClose';

interface Entry {
  readonly since: number;
  readonly plan?: Plan;
  readonly outcome?: Outcome;
  readonly report?: ServerReport;
}

/** Brings both sides' reports together, whichever comes first. */
export class Ledger {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly onFault: (id: string, fault: string) => void) {}

  /** Reports that the other side's is still missing of. */
  get size(): number {
    return this.entries.size;
  }

  addOutcome(plan: Plan, outcome: Outcome, now: number): void {
    const report = this.entries.get(plan.id)?.report;
    if (report !== undefined) this.settle(plan, outcome, report);
    else if (isReported(plan, outcome)) {
      this.entries.set(plan.id, { since: now, plan, outcome });
    }
  }

  addReport(report: ServerReport, now: number): void {
    const { plan, outcome } = this.entries.get(report.id) ?? {};
    if (plan !== undefined && outcome !== undefined) this.settle(plan, outcome, report);
    else {
      for (const fault of report.faults) this.onFault(report.id, `server: ${fault}`);
      this.entries.set(report.id, { since: now, report: { ...report, faults: [] } });
    }
  }

  /** Gives up those from before `then`: a worker that was ended tells no more of its sockets. */
  expire(then: number): void {
    for (const [id, { since, plan }] of this.entries) {
      if (since >= then) continue;
      this.entries.delete(id);
      if (plan !== undefined) this.onFault(id, 'the server never saw the end of the connection');
    }
  }

  private settle(plan: Plan, outcome: Outcome, report: ServerReport): void {
    this.entries.delete(plan.id);
    for (const fault of compare(plan, outcome, report)) this.onFault(plan.id, fault);
  }
}
