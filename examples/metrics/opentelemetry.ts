// The same metrics through OpenTelemetry's API; whatever SDK the program has set up reads them.
import type { Meter } from '@opentelemetry/api';
import { countStates, roundTrips } from './totals';
import type { Totals } from './totals';

export function observe(meter: Meter, totals: Totals): void {
  meter.createObservableGauge('wsfd.connections').addCallback((result) => {
    for (const [state, count] of countStates(totals.look())) result.observe(count, { state });
  });
  meter.createObservableGauge('wsfd.paused').addCallback((result) => {
    result.observe(totals.look().filter(({ paused }) => paused).length);
  });
  meter.createObservableGauge('wsfd.round_trip', { unit: 's' }).addCallback((result) => {
    for (const [url, seconds] of roundTrips(totals.look())) result.observe(seconds, { url });
  });
  meter.createObservableCounter('wsfd.messages').addCallback((result) => {
    totals.look();
    result.observe(totals.counts.messagesIn, { direction: 'in' });
    result.observe(totals.counts.messagesOut, { direction: 'out' });
  });
  meter.createObservableCounter('wsfd.bytes', { unit: 'By' }).addCallback((result) => {
    totals.look();
    result.observe(totals.counts.bytesIn, { direction: 'in' });
    result.observe(totals.counts.bytesOut, { direction: 'out' });
  });
  meter.createObservableCounter('wsfd.reconnects').addCallback((result) => {
    result.observe(totals.reconnects);
  });
}
