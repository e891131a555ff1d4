// Metrics of all connections of a process: for Prometheus through prom-client, and through
// OpenTelemetry's API for whatever SDK a program has set up (without one that part does nothing).
// Usage: metrics.js URL [PORT], then: curl http://127.0.0.1:9464/metrics
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { webSocketBatches, webSocketConnections } from 'wsfd';
import type { Message } from 'wsfd';
import { observe } from './metrics/opentelemetry';
import { prometheusRegistry } from './metrics/prometheus';
import { Totals } from './metrics/totals';

const [url = 'wss://feed.plant.example/', port = '9464'] = process.argv.slice(2);

async function main(): Promise<void> {
  const totals = new Totals();
  const registry = prometheusRegistry(totals);
  observe(metrics.getMeter('wsfd'), totals);
  const server = createServer((_, response) => {
    void registry.metrics().then((text) => {
      response.setHeader('Content-Type', registry.contentType).end(text);
    });
  });
  server.listen(Number(port), '127.0.0.1', () => {
    const { port: listening } = server.address() as AddressInfo;
    console.log(`http://127.0.0.1:${listening}/metrics`);
  });
  const onRetry = (): void => {
    totals.reconnects++;
  };
  const options = { timeout: 10, pingInterval: 1 };
  for await (const socket of webSocketConnections(url, options, { onRetry })) {
    for await (const batch of webSocketBatches(socket)) {
      for (const message of batch) handle(message);
    }
  }
}

/** (a real program does something with it) */
function handle(_: Message): void {
  return;
}

main().catch((error: unknown) => {
  console.log(String(error));
  process.exitCode = 1;
});
