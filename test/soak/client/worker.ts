// A worker thread with actors of its own, and one of several ways to end.
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSettings } from '../protocol';
import { runActors } from './actor';
import { World } from './world';

const settings = workerData as WorkerSettings;
const world = new World(settings.ports, settings.files, settings.pace);

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'ports') {
    world.ports = message.ports;
    return;
  }
  switch (message.how) {
    case 'finish':
      // The servers, at their pace, would take long to end what is theirs to end.
      world.abandon();
      break;
    case 'exit':
      process.exit(7);
      break;
    case 'exception':
      setImmediate(() => {
        throw new Error('as planned');
      });
      break;
    case 'terminate':
      // Done to it from outside.
      break;
  }
});

const name = `${settings.seed}.${settings.name}`;
void runActors(name, settings.actors, world, (_plan, outcome) => {
  parentPort?.postMessage({ outcome } satisfies FromWorker);
}).then(() => {
  // The thread now has nothing left that keeps it.
  parentPort?.unref();
});
