// The rows about permessage-deflate: what most public feeds are sent with.
import type { Bar, ClientName, Compression, Workload } from './types';

const sizes = [128, 1024, 16_384, 65_536] as const;
const windows = [15, 9] as const;

const clients: Record<'receive' | 'send', readonly ClientName[]> = {
  receive: ['wsfd subscribe', 'ws', 'undici', 'Bun', 'bare frames'],
  // undici's compresses nothing.
  send: ['wsfd subscribe', 'ws', 'Bun'],
};

const atMost = (most: number, versus: ClientName): Bar => ({
  client: 'wsfd subscribe',
  metric: 'cpuNs',
  versus,
  atMost: most,
});

function barsOf(size: number): Bar[] {
  const ofBun = atMost(size === 128 ? 0.6 : size === 1024 ? 0.8 : 1, 'Bun');
  return size <= 1024 ? [ofBun, atMost(1 / 15, 'ws')] : [ofBun];
}

function row(kind: 'receive' | 'send', size: number, compression: Compression): Workload {
  const { takeover, windowBits } = compression;
  const name = size < 1024 ? `${size} B` : `${size / 1024} KiB`;
  const context = takeover ? 'with context takeover' : 'no context takeover';
  return {
    id: `${kind}-deflate-${size}-${takeover ? 'takeover' : 'alone'}-${windowBits}`,
    title: `${kind} ${name} JSON, compressed, ${context}, window of ${windowBits} bits`,
    kind,
    server: 'raw',
    clients: clients[kind],
    metric: 'cpuNs',
    message: 'readings',
    size,
    compression,
    // Only what feeds use most is looked at with --quick.
    bars: kind === 'receive' && windowBits === 15 ? barsOf(size) : [],
    ...(kind === 'receive' && windowBits === 15 ? {} : { long: true }),
  };
}

export const compressed: readonly Workload[] = (['receive', 'send'] as const).flatMap((kind) =>
  windows.flatMap((windowBits) =>
    [false, true].flatMap((takeover) =>
      sizes.map((size) => row(kind, size, { takeover, windowBits })),
    ),
  ),
);
