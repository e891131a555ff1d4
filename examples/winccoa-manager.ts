// A script for WinCC OA's JavaScript Manager: readings of a WebSocket feed go into data points, and
// after a failure the feed is opened again, with a growing pause. The feed sends
// {"sensor": "Pump1.flow", "value": 12.5}; the sensor's name is the data point element's.
// Usage, as the manager's script: winccoa-manager.js URL
import { setTimeout as delay } from 'node:timers/promises';
import { WinccoaManager } from 'winccoa-manager';
import { getLastError, webSocketBatches, webSocketClose, webSocketOpen } from 'wsfd';

const url = process.argv[2] ?? 'wss://feed.plant.example/';
const winccoa = new WinccoaManager();

const firstPauseMs = 1000;
const longestPauseMs = 60_000;

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
      const { sensor, value } = JSON.parse(String(message)) as Reading;
      newest.set(sensor, value);
    }
    for (const [sensor, value] of newest) await winccoa.dpSetWait(sensor, value);
  }
}

async function main(): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const socket = await webSocketOpen(url, { timeout: 10, pingInterval: 10 });
    if (socket < 0) {
      const [error] = getLastError();
      winccoa.logWarning(`${url}: ${error?.message}`);
      // Another attempt helps where a server or the network is down, not with a wrong certificate.
      if (error?.retryable !== true) return;
    } else {
      winccoa.logInfo(`${url}: open`);
      pauseMs = firstPauseMs;
      try {
        await receive(socket);
      } catch (error) {
        winccoa.logWarning(`${url}: ${String(error)}`);
      }
      await webSocketClose(socket);
    }
    await delay(pauseMs);
  }
}

void main();
