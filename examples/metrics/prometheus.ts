// The metrics through prom-client: each reads what it tells of when Prometheus asks.
import { Counter, Gauge, Registry } from 'prom-client';
import { countStates, roundTrips } from './totals';
import type { Totals } from './totals';

function addCounters(registry: Registry, totals: Totals): void {
  const registers = [registry];
  for (const [what, inward, outward] of [
    ['messages', 'messagesIn', 'messagesOut'],
    ['bytes', 'bytesIn', 'bytesOut'],
  ] as const) {
    new Counter({
      ...{
        name: `wsfd_${what}_total`,
        help: `Payload ${what}`,
        labelNames: ['direction'],
        registers,
      },
      collect() {
        totals.look();
        this.reset();
        this.inc({ direction: 'in' }, totals.counts[inward]);
        this.inc({ direction: 'out' }, totals.counts[outward]);
      },
    });
  }
  new Counter({
    ...{ name: 'wsfd_reconnects_total', help: 'Attempts to connect again', registers },
    collect() {
      this.reset();
      this.inc(totals.reconnects);
    },
  });
}

/** A registry with all metrics; `registry.metrics()` is what Prometheus is answered. */
export function prometheusRegistry(totals: Totals): Registry {
  const registry = new Registry();
  const registers = [registry];
  addCounters(registry, totals);
  new Gauge({
    ...{ name: 'wsfd_connections', help: 'Sockets by state', labelNames: ['state'], registers },
    collect() {
      this.reset();
      for (const [state, count] of countStates(totals.look())) this.set({ state }, count);
    },
  });
  new Gauge({
    ...{ name: 'wsfd_paused', help: 'Sockets whose server is slowed down', registers },
    collect() {
      this.set(totals.look().filter(({ paused }) => paused).length);
    },
  });
  new Gauge({
    ...{ name: 'wsfd_round_trip_seconds', help: 'Ping to pong', labelNames: ['url'], registers },
    collect() {
      this.reset();
      for (const [url, seconds] of roundTrips(totals.look())) this.set({ url }, seconds);
    },
  });
  return registry;
}
