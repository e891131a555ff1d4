// What a process has received and sent on all its connections, those that are closed included: the
// counters of webSocketList() go with their socket.
import { subscribe } from 'node:diagnostics_channel';
import { webSocketList } from 'wsfd';
import type { WebSocketCloseEvent, WebSocketInfo } from 'wsfd';

const COUNTED = ['messagesIn', 'messagesOut', 'bytesIn', 'bytesOut'] as const;
type Counts = Record<(typeof COUNTED)[number], number>;

const NOTHING: Counts = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 };

export class Totals {
  readonly counts: Counts = { ...NOTHING };
  /** Attempts to connect again. */
  reconnects = 0;
  /** What has been counted of each socket that is open. */
  private readonly counted = new Map<number, Counts>();

  constructor() {
    // What came between the last look and the end.
    subscribe('wsfd:close', (event) => {
      const { socket, counters } = event as WebSocketCloseEvent;
      if (socket !== undefined) this.add(socket, counters);
    });
  }

  /** Looks at all open sockets. */
  look(): readonly WebSocketInfo[] {
    const list = webSocketList();
    for (const info of list) this.add(info.socket, info);
    const open = new Set(list.map(({ socket }) => socket));
    for (const socket of this.counted.keys()) if (!open.has(socket)) this.counted.delete(socket);
    return list;
  }

  private add(socket: number, now: Readonly<Counts>): void {
    const before = this.counted.get(socket) ?? NOTHING;
    for (const name of COUNTED) this.counts[name] += now[name] - before[name];
    const { messagesIn, messagesOut, bytesIn, bytesOut } = now;
    this.counted.set(socket, { messagesIn, messagesOut, bytesIn, bytesOut });
  }
}

/** How many there are of each state; those whose connection has ended are `closed`. */
export function countStates(list: readonly WebSocketInfo[]): Map<string, number> {
  const states = new Map([['open', 0]]);
  for (const { state } of list) states.set(state, (states.get(state) ?? 0) + 1);
  return states;
}

/** Seconds of the slowest round trip to each URL; there is none before a ping was answered. */
export function roundTrips(list: readonly WebSocketInfo[]): Map<string, number> {
  const slowest = new Map<string, number>();
  for (const { url, roundTripMs } of list) {
    if (roundTripMs === undefined) continue;
    slowest.set(url, Math.max(slowest.get(url) ?? 0, roundTripMs / 1000));
  }
  return slowest;
}
