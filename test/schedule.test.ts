// src/native/schedule.ts: timers of native code, whose numbers are used again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModule } from './support/modules';

const { callLater, startDeadline, startTimer } = loadModule('native/schedule') as {
  callLater(task: () => void): void;
  startDeadline(task: () => void, ms: number): () => void;
  startTimer(task: () => void, ms: number): () => void;
};

for (const [name, start] of Object.entries({ startTimer, startDeadline })) {
  test(`${name}: stopping what has fired stops no later timer`, async () => {
    const stop = await new Promise<() => void>((resolve) => {
      const stopFired = start(() => callLater(() => resolve(stopFired)), 1);
    });
    const events: string[] = [];
    start(() => events.push('second'), 1);
    const end = new Promise<void>((resolve) => void start(resolve, 50));
    stop();
    await end;
    assert.deepEqual(events, ['second']);
  });

  test(`${name}: stopping it while it fires stops no later timer`, async () => {
    const events: string[] = [];
    await new Promise<void>((resolve) => {
      const stop = start(() => {
        start(() => events.push('second'), 1);
        start(resolve, 50);
        stop();
      }, 1);
    });
    assert.deepEqual(events, ['second']);
  });

  test(`${name}: what is stopped does not fire`, async () => {
    const events: string[] = [];
    const stop = start(() => events.push('stopped'), 1);
    stop();
    stop();
    await new Promise<void>((resolve) => void start(resolve, 50));
    assert.deepEqual(events, []);
  });
}
