// Whether what came of a plan is what it allows.
import { kinds, lostResults } from './kinds';
import type { Plan } from './plan';

/** What the client saw of a plan. */
export interface Outcome {
  readonly id: string;
  /** 'ok' or why it was not opened. */
  open: string;
  /** The text of the error of either. */
  detail: string;
  /** What reading ended with; '' where nothing was open. */
  end: string;
  /** What webSocketClose or webSocketTerminate gave; '' likewise. */
  close: string;
  /** Other results than 0 of writes, flushes, pings and reads that were not the last, how often. */
  calls: Record<string, number>;
  /** Messages written and read. */
  sent: number;
  received: number;
  bytesIn: number;
  bytesOut: number;
  /** True: the last message of the server came. */
  finished: boolean;
  resumed: boolean;
  /** True: we ended what was the server's to end. */
  abandoned: boolean;
  /** What was wrong by itself, such as a message that was changed. */
  faults: string[];
}

export const newOutcome = (id: string): Outcome => ({
  id,
  open: '',
  detail: '',
  end: '',
  close: '',
  calls: {},
  sent: 0,
  received: 0,
  bytesIn: 0,
  bytesOut: 0,
  finished: false,
  resumed: false,
  abandoned: false,
  faults: [],
});

const listOf = (plan: Plan, stage: 'open' | 'end'): readonly string[] => {
  const row = kinds[plan.kind];
  const list = row[stage] ?? (stage === 'open' ? ['ok'] : []);
  return list === 'variant' ? (row.variants?.[plan.variant] ?? []) : list;
};

/** True: the server or the way to it may vanish at any time. */
export const isFragile = ({ kind }: Plan): boolean => kind === 'killed' || kind === 'proxyCut';

/** What write, flush, ping and the reads before the last may give beside 0. */
function allowedCalls(plan: Plan): Set<string> {
  const allowed = new Set(['read -2 WSFD_READ_TIMEOUT']);
  if (plan.maxBufferedBytes > 0) allowed.add('write -1 WSFD_SEND_BUFFER_FULL');
  const ends = listOf(plan, 'end').filter((result) => result.startsWith('-1 WSFD_'));
  // Whoever waits for the pong or the output when we close is told that the socket was closed.
  for (const call of ['flush', 'ping']) {
    allowed.add(`${call} -1 WSFD_SOCKET_CLOSED`);
    for (const result of ends) allowed.add(`${call} ${result}`);
  }
  const { ends: who } = kinds[plan.kind];
  const endsUnderWriter = who === 'serverEarly' || who === 'server' || isFragile(plan);
  if (endsUnderWriter || plan.kind === 'crossing') allowed.add('write -1 WSFD_SOCKET_CLOSED');
  return allowed;
}

function* stageFaults(plan: Plan, outcome: Outcome): Generator<string> {
  const { open, end, close, detail } = outcome;
  if (!listOf(plan, 'open').includes(open)) yield `open gave ${open} (${detail})`;
  if (open !== 'ok' || kinds[plan.kind].ends === 'never' || outcome.abandoned) return;
  if (!listOf(plan, 'end').includes(end)) yield `reading ended with ${end} (${detail})`;
  if (!(kinds[plan.kind].close ?? ['0']).includes(close)) yield `close gave ${close}`;
}

/** What was not allowed; empty: all was. */
export function judge(plan: Plan, outcome: Outcome): string[] {
  const faults = [...outcome.faults, ...stageFaults(plan, outcome)];
  const allowed = allowedCalls(plan);
  for (const call of Object.keys(outcome.calls)) {
    if (!allowed.has(call)) faults.push(`${call} is not allowed`);
  }
  if (outcome.open !== 'ok') return faults;
  const { ends, complete } = kinds[plan.kind];
  const cut = isFragile(plan) && lostResults.includes(outcome.end);
  if ((ends === 'client' || ends === 'server') && !outcome.finished && !cut && !outcome.abandoned) {
    faults.push(`the server's last message never came (${outcome.received} others did)`);
  }
  if (ends === 'serverEarly') {
    const { received } = outcome;
    if (received > plan.cutAt) faults.push(`${received} messages came of ${plan.cutAt}`);
    if (complete === true && received < plan.cutAt && !outcome.abandoned) {
      faults.push(`only ${received} messages came of ${plan.cutAt}`);
    }
  }
  return faults;
}
