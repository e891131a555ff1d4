// The clients by name. A client's package is loaded only in the processes that measure it.
import type { ClientName } from '../types';
import type { Client } from './client';

export type { Client, Connection, OpenSettings } from './client';

/** The names without the limits, which have no adapter: see kinds/bare.ts and kinds/floor.ts. */
export type AdapterName = Exclude<ClientName, `bare ${string}` | 'V8 floor'>;

export function isLimit(name: ClientName): name is Exclude<ClientName, AdapterName> {
  return name.startsWith('bare ') || name === 'V8 floor';
}

const loaders: Record<AdapterName, () => Promise<Client>> = {
  'wsfd subscribe': async () => (await import('./wsfd.js')).subscribing,
  'wsfd packed': async () => (await import('./wsfd.js')).subscribingPacked,
  'wsfd json': async () => (await import('./wsfd.js')).parsingBatches,
  'wsfd parse': async () => (await import('./wsfd.js')).parsing,
  'wsfd readMany': async () => (await import('./wsfd.js')).readingMany,
  'wsfd read': async () => (await import('./wsfd.js')).reading,
  'wsfd writePacked': async () => (await import('./wsfd.js')).writingPacked,
  'wsfd writeMany': async () => (await import('./wsfd.js')).writingMany,
  'wsfd WebSocket': async () => (await import('./whatwg.js')).wsfdClient,
  'ws onmessage': async () => (await import('./whatwg.js')).wsClient,
  'ws parse': async () => (await import('./ws.js')).parsing,
  ws: async () => (await import('./ws.js')).client,
  undici: async () => (await import('./undici.js')).client,
  Bun: async () => (await import('./bun.js')).client,
  websocket: async () => (await import('./websocket.js')).client,
};

export const loadClient = (name: AdapterName): Promise<Client> => loaders[name]();
