// examples/metrics.ts: what Prometheus gets, and what OpenTelemetry's SDK exports.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { webSocketClose, webSocketOpen, webSocketPing, webSocketRead, webSocketWrite } from 'wsfd';
import { observe } from '../../examples/metrics/opentelemetry';
import { prometheusRegistry } from '../../examples/metrics/prometheus';
import { Totals } from '../../examples/metrics/totals';
import { startWsServer } from '../support/servers';

// This file runs as out/test/examples/metrics.test.js.
const example = join(__dirname, '..', '..', 'examples', 'metrics.js');

/** The samples of a page of Prometheus's text format. */
function samplesOf(page: string): Record<string, number> {
  const samples: Record<string, number> = {};
  for (const [, name = '', value] of page.matchAll(/^([^#\n].*) (\S+)$/gm)) {
    samples[name] = Number(value);
  }
  return samples;
}

/** A page; by fetch(), wine's connect() fails where the socket was to keep the connection alive. */
async function bodyOf(url: string): Promise<string> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  return text(response);
}

interface Exported {
  /** By the metric's name and its attributes' values. */
  values: Record<string, unknown>;
  /** The names of those that only grow. */
  counters: string[];
  units: Record<string, string>;
}

/** A meter of OpenTelemetry's SDK; `read` has it export, and gives what came out. */
function startMeter(t: TestContext): { meter: Meter; read(): Promise<Exported> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // (it exports when it is told to: the hour does not pass)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const read = async (): Promise<Exported> => {
    exporter.reset();
    await provider.forceFlush();
    const exported: Exported = { values: {}, counters: [], units: {} };
    for (const { scopeMetrics } of exporter.getMetrics()) {
      for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        const { name, unit } = metric.descriptor;
        if (unit !== '') exported.units[name] = unit;
        if (metric.dataPointType === DataPointType.SUM && metric.isMonotonic) {
          exported.counters.push(name);
        }
        for (const { attributes, value } of metric.dataPoints) {
          exported.values[[name, ...Object.values(attributes)].join(' ')] = value;
        }
      }
    }
    return exported;
  };
  return { meter: provider.getMeter('wsfd'), read };
}

test('both tell the same of open connections and of those that are closed', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const totals = new Totals();
  const registry = prometheusRegistry(totals);
  const { meter, read } = startMeter(t);
  observe(meter, totals);
  const first = await webSocketOpen(server.url);
  webSocketWrite(first, 'hello');
  await webSocketRead(first, {});
  await webSocketPing(first);
  const open = samplesOf(await registry.metrics());
  assert.equal(open['wsfd_connections{state="open"}'], 1);
  assert.equal(open['wsfd_paused'], 0);
  assert.equal(open['wsfd_messages_total{direction="in"}'], 1);
  assert.equal(open['wsfd_bytes_total{direction="out"}'], 5);
  assert.ok((open[`wsfd_round_trip_seconds{url="${server.url}"}`] ?? 0) > 0);
  webSocketWrite(first, 'and');
  await webSocketRead(first, {});
  await webSocketClose(first);
  const second = await webSocketOpen(server.url);
  webSocketWrite(second, 'again');
  await webSocketRead(second, {});
  const closed = samplesOf(await registry.metrics());
  assert.equal(closed['wsfd_connections{state="open"}'], 1);
  assert.equal(closed['wsfd_messages_total{direction="in"}'], 3);
  assert.equal(closed['wsfd_messages_total{direction="out"}'], 3);
  assert.equal(closed['wsfd_bytes_total{direction="in"}'], 13);
  await webSocketPing(second);
  const { values, counters, units } = await read();
  const { [`wsfd.round_trip ${server.url}`]: roundTrip, ...others } = values;
  assert.ok(Number(roundTrip) > 0);
  assert.deepEqual(others, {
    'wsfd.connections open': 1,
    'wsfd.paused': 0,
    'wsfd.messages in': 3,
    'wsfd.messages out': 3,
    'wsfd.bytes in': 13,
    'wsfd.bytes out': 13,
    'wsfd.reconnects': 0,
  });
  assert.deepEqual(counters, ['wsfd.messages', 'wsfd.bytes', 'wsfd.reconnects']);
  assert.deepEqual(units, { 'wsfd.round_trip': 's', 'wsfd.bytes': 'By' });
  const types = Object.fromEntries(
    (await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]),
  );
  assert.deepEqual(types, {
    wsfd_messages_total: 'counter',
    wsfd_bytes_total: 'counter',
    wsfd_reconnects_total: 'counter',
    wsfd_connections: 'gauge',
    wsfd_paused: 'gauge',
    wsfd_round_trip_seconds: 'gauge',
  });
  await webSocketClose(second);
});

test('the program counts its attempts to connect again', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const child = spawn(process.execPath, [example, server.url, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  t.after(() => child.kill());
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
  const read = async (): Promise<Record<string, number>> => samplesOf(await bodyOf(address));
  const { socket } = await server.connections.next();
  socket.send('one');
  socket.terminate();
  const again = await server.connections.next();
  again.socket.send('two');
  // The pong comes behind the message, so the client has it.
  again.socket.ping();
  await once(again.socket, 'pong');
  const samples = await read();
  assert.equal(samples['wsfd_reconnects_total'], 1);
  assert.equal(samples['wsfd_connections{state="open"}'], 1);
  assert.ok((samples['wsfd_messages_total{direction="in"}'] ?? 0) >= 1);
  child.kill();
  await ended;
});
