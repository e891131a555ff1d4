// A script for WinCC OA's JavaScript Manager: readings of a WebSocket feed go into data points, and
// after a loss the feed is opened again, with a growing pause. The feed sends
// {"sensor": "Pump1.flow", "value": 12.5}; the sensor's name is the data point element's.
// Usage, as the manager's script: winccoa-manager.js URL
import { WinccoaManager } from 'winccoa-manager';
import { webSocketBatches, webSocketConnections } from 'wsfd';

const url = process.argv[2] ?? 'wss://feed.plant.example/';
const winccoa = new WinccoaManager();

interface Reading {
  sensor: string;
  value: number;
}

/** One connection, until it ends. */
async function receive(socket: number): Promise<void> {
  // A batch is awaited before the next one comes: where data points are slower than the feed, the
  // feed waits.
  for await (const batch of webSocketBatches(socket)) {
    // Of several readings of a sensor in one batch only the newest counts.
    const newest = new Map<string, number>();
    for (const message of batch) {
      await orWarn(() => {
        const { sensor, value } = JSON.parse(String(message)) as Reading;
        newest.set(sensor, value);
      });
    }
    for (const [sensor, value] of newest) await orWarn(() => winccoa.dpSetWait(sensor, value));
  }
}

/** One message that is none, or one unknown data point, must not end the feed. */
async function orWarn(task: () => unknown): Promise<void> {
  try {
    await task();
  } catch (error) {
    winccoa.logWarning(String(error));
  }
}

async function main(): Promise<void> {
  const connections = webSocketConnections(
    url,
    { timeout: 10, pingInterval: 10 },
    {
      maxDelay: 60,
      onRetry: (error, delay) => {
        winccoa.logWarning(`${error.message}; the next attempt is in ${delay.toFixed(1)} s`);
      },
    },
  );
  for await (const socket of connections) {
    winccoa.logInfo(`${url}: open`);
    await receive(socket);
  }
}

// Another attempt helps where a server or the network is down, not with a wrong certificate.
main().catch((error: unknown) => {
  winccoa.logWarning(String(error));
  process.exitCode = 1;
});
