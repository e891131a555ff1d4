// A plant: feeds that count, in a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface PlantSettings {
  readonly host: string;
  /** Not 0: uSockets lets a port be had again at once where it was asked for. */
  readonly port: number;
  /** When all feeds were at 0, in milliseconds since 1970. */
  readonly epoch: number;
  /** Messages a second of each feed. */
  readonly rate: number;
  /** Bytes that each message has at least. */
  readonly bytes?: number;
}

/** What happens there; `at` in milliseconds since 1970. */
export type PlantEvent =
  | { event: 'listening'; port: number }
  /** `next`: the number that the connection begins with, or ended before. */
  | { event: 'open' | 'close'; feed: string; at: number; next: number }
  /** The most numbers of one feed that waited for its connection in the last second. */
  | { event: 'heldBack'; at: number; messages: number };

export interface Plant {
  readonly settings: PlantSettings;
  /** What happened, in order. */
  readonly events: PlantEvent[];
  /** Resolves once there is an event that fulfils the condition. */
  until(condition: (event: PlantEvent) => boolean): Promise<void>;
  /** Ends the process at once; its connections break. */
  kill(): Promise<void>;
}

export async function startPlant(settings: PlantSettings): Promise<Plant> {
  const child = fork(join(__dirname, 'plant-server.js'), {
    // uWebSockets.js has no binary for every Node; the variable names one for which it has.
    execPath: process.env['WSFD_UWS_NODE'] ?? process.execPath,
    execArgv: [],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const events: PlantEvent[] = [];
  const port = new Promise<number>((resolve, reject) => {
    child.on('message', (event: PlantEvent) => {
      events.push(event);
      if (event.event === 'listening') resolve(event.port);
    });
    child.once('error', reject);
    void exited.then(() => reject(new Error('the plant has ended')));
  });
  child.send(settings);
  return {
    settings: { ...settings, port: await port },
    events,
    until: async (condition) => {
      while (!events.some(condition)) await once(child, 'message');
    },
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}
