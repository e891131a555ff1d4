// The table of everything that is measured: one row a workload, one figure a bar.
import { compressed } from './compressed';
import type { Bar, ClientName, MessageKind, MetricName, Workload } from './types';

const peers = ['ws', 'undici'] as const;
const receivers: readonly ClientName[] = [
  'wsfd subscribe',
  ...peers,
  'Bun',
  'bare read',
  'bare frames',
];
const allReceivers: readonly ClientName[] = [
  'wsfd subscribe',
  'wsfd packed',
  'wsfd readMany',
  'wsfd read',
  ...peers,
  'websocket',
  'Bun',
  'bare read',
  'bare frames',
];
const senders: readonly ClientName[] = [
  'wsfd subscribe',
  'wsfd writeMany',
  'wsfd writePacked',
  ...peers,
  'websocket',
];

/** A bar for wsfd's push interface. */
const bar = (
  metric: MetricName,
  atMost: number,
  versus?: ClientName,
  client: ClientName = 'wsfd subscribe',
): Bar => ({ client, metric, atMost, ...(versus === undefined ? {} : { versus }) });

const cpu = (atMost: number, versus: ClientName = 'ws', client?: ClientName): Bar =>
  bar('cpuNs', atMost, versus, client);

const names: Record<MessageKind, string> = {
  text: 'text',
  german: 'German text',
  chinese: 'Chinese text',
  readings: 'JSON',
  json: 'JSON, parsed',
  binary: 'binary',
};
const sizeName = (size: number): string =>
  size < 1024 ? `${size} B` : size < 1 << 20 ? `${size / 1024} KiB` : `${size / (1 << 20)} MiB`;

/** The bars for webSocketSubscribePacked. */
const packed = (ofBare: number, ofWs?: number): Bar[] => [
  cpu(ofBare, 'bare frames', 'wsfd packed'),
  ...(ofWs === undefined ? [] : [cpu(ofWs, 'ws', 'wsfd packed')]),
];

/** A row of which only what differs from `base` is written down. */
type Difference = Partial<Workload> & Pick<Workload, 'message' | 'size'>;

function stream(kind: 'receive' | 'send', what: Difference): Workload {
  const { message, size, tls = false, server = 'raw' } = what;
  const from = server === 'uws' ? ' from uWebSockets.js' : '';
  return {
    id: `${kind}-${message}-${size}${tls ? '-tls' : ''}${server === 'uws' ? '-uws' : ''}`,
    title: `${kind} ${sizeName(size)} ${names[message]}${from}${tls ? ', TLS' : ''}`,
    kind,
    server,
    clients: kind === 'receive' ? receivers : [...senders, 'bare frames'],
    metric: 'cpuNs',
    bars: [],
    ...what,
  };
}

const received = (what: Difference): Workload => stream('receive', what);
const sent = (what: Difference): Workload => stream('send', what);

const largeSizes = [16 * 1024, 64 * 1024, 1 << 20, 16 << 20];

const receiving: readonly Workload[] = [
  received({
    message: 'text',
    size: 64,
    clients: allReceivers,
    bars: [
      cpu(1 / 8),
      cpu(1 / 10, 'undici'),
      cpu(0.7, 'Bun'),
      cpu(0.4, 'ws', 'wsfd read'),
      ...packed(2, 1 / 15),
    ],
  }),
  received({
    message: 'text',
    size: 64,
    tls: true,
    clients: allReceivers,
    bars: [cpu(1 / 5.5), cpu(0.7, 'Bun'), ...packed(1.4)],
  }),
  received({
    message: 'binary',
    size: 64,
    clients: allReceivers,
    bars: [cpu(0.36), cpu(0.7, 'Bun'), ...packed(2, 1 / 15)],
  }),
  received({
    message: 'json',
    size: 52,
    clients: ['wsfd json', 'wsfd parse', 'ws parse'],
    bars: [cpu(0.65, 'wsfd parse', 'wsfd json'), cpu(1 / 3, 'ws parse', 'wsfd json')],
  }),
  {
    ...received({
      message: 'text',
      size: 64,
      bars: [cpu(1 / 2.5, 'ws onmessage', 'wsfd WebSocket')],
    }),
    id: 'receive-whatwg',
    title: 'receive 64 B text, class WebSocket with onmessage',
    clients: ['wsfd WebSocket', 'ws onmessage', 'undici'],
  },
  received({ message: 'text', size: 1024, bars: [cpu(1 / 4), cpu(0.7, 'Bun')] }),
  received({ message: 'text', size: 1024, tls: true, bars: [cpu(1 / 2), cpu(0.7, 'Bun')] }),
  received({ message: 'binary', size: 4096, bars: [cpu(0.7, 'Bun')] }),
  received({ message: 'binary', size: 4096, tls: true, bars: [cpu(0.7, 'Bun')] }),
  ...largeSizes.flatMap((size) => [
    ...[false, true].map((tls) =>
      received({ message: 'binary', size, tls, bars: [cpu(0.6), cpu(1, 'Bun')] }),
    ),
    ...[false, true].map((tls) =>
      received({
        message: 'text',
        size,
        tls,
        clients: tls ? receivers : [...receivers, 'V8 floor'],
        bars: [cpu(1)],
      }),
    ),
  ]),
  received({ message: 'german', size: 64, bars: [cpu(1 / 4)] }),
  received({ message: 'chinese', size: 64, bars: [cpu(1 / 4)] }),
  received({ message: 'text', size: 64, server: 'uws', long: true }),
  received({ message: 'text', size: 64, server: 'uws', tls: true, long: true }),
];

const sending: readonly Workload[] = [
  sent({
    message: 'text',
    size: 64,
    bars: [
      cpu(1 / 6),
      cpu(0.7, 'wsfd subscribe', 'wsfd writeMany'),
      cpu(1.5, 'bare frames', 'wsfd writePacked'),
    ],
  }),
  sent({
    message: 'binary',
    size: 64,
    bars: [
      cpu(0.7, 'wsfd subscribe', 'wsfd writeMany'),
      cpu(1.5, 'bare frames', 'wsfd writePacked'),
    ],
  }),
  sent({ message: 'text', size: 64, tls: true, long: true }),
  sent({ message: 'text', size: 1024, long: true }),
  sent({ message: 'binary', size: 65536, long: true }),
];

/** Rows that are the same in plain and over TLS but for their bars. */
function twice(
  row: Omit<Workload, 'bars' | 'message' | 'size'>,
  plain: readonly Bar[],
  tls: readonly Bar[],
): Workload[] {
  const whole = { message: 'text', size: 64, ...row } as const;
  return [
    { ...whole, bars: plain },
    { ...whole, id: `${row.id}-tls`, title: `${row.title}, TLS`, tls: true, bars: tls },
  ];
}

const echo = (
  server: 'uws' | 'spin',
  title: string,
): Omit<Workload, 'bars' | 'message' | 'size'> => ({
  id: `echo-${server}`,
  title: `echo 64 B text, round trip${title}`,
  kind: 'echo',
  server,
  clients: ['wsfd subscribe', 'wsfd read', ...peers, 'websocket', 'bare frames'],
  metric: 'p50Us',
});
const echoing: readonly Workload[] = [
  ...twice(echo('spin', ''), [bar('p50Us', 1, 'ws')], [bar('p50Us', 0.95, 'ws')]),
  ...twice(
    {
      ...echo('spin', ', busyPollUs: 50'),
      id: 'echo-poll',
      clients: ['wsfd subscribe', 'ws'],
      options: { busyPollUs: 50 },
    },
    [bar('p50Us', 0.75, 'ws')],
    [bar('p50Us', 0.75, 'ws')],
  ),
  ...twice(echo('uws', ' to uWebSockets.js'), [], []).map((row) => ({ ...row, long: true })),
];

const holding: readonly Workload[] = twice(
  {
    id: 'idle',
    title: 'idle connections',
    kind: 'idle',
    server: 'raw',
    clients: ['wsfd subscribe', ...peers, 'websocket', 'Bun', 'bare frames'],
    metric: 'connectionKib',
    connections: 3000,
  },
  [bar('connectionKib', 1 / 4, 'ws'), bar('connectionKib', 0.8, 'Bun')],
  [bar('connectionKib', 1 / 3, 'ws'), bar('connectionKib', 1.2, 'Bun')],
);

const opening: readonly Workload[] = [
  ...twice(
    {
      id: 'open',
      title: 'open connections',
      kind: 'open',
      server: 'raw',
      clients: ['wsfd subscribe', ...peers, 'websocket', 'bare frames'],
      metric: 'openCpuUs',
    },
    [bar('openCpuUs', 1 / 3, 'ws')],
    [bar('openCpuUs', 1.3, 'bare frames')],
  ),
  {
    id: 'open-resumed-tls',
    title: 'open connections, TLS, session resumed',
    kind: 'open',
    // It gives a new ticket whenever one was used; Node's tls does not, and OpenSSL's clients use none
    // twice.
    server: 'uws',
    tls: true,
    resume: true,
    message: 'text',
    size: 64,
    clients: ['wsfd subscribe', ...peers, 'bare frames'],
    metric: 'openCpuUs',
    // Of a bare client's full handshake.
    bars: [{ ...bar('openCpuUs', 0.75, 'bare frames'), of: 'open-tls' }],
  },
];

const telemetry: readonly Workload[] = [
  {
    ...received({ message: 'text', size: 64, rate: 50_000 }),
    id: 'trickle',
    title: 'trickle: 50,000 messages/s, one every 20 µs',
    bars: [cpu(1)],
  },
  {
    ...received({ message: 'text', size: 64, rate: 50_000 }),
    id: 'trickle-delay',
    title: 'trickle: the same with receiveDelayUs: 50',
    clients: ['wsfd subscribe', 'ws'],
    options: { receiveDelayUs: 50 },
    bars: [cpu(0.6)],
  },
  {
    ...received({ message: 'text', size: 64, rate: 50_000 }),
    id: 'trickle-wait',
    title: 'trickle: from being sent to the application',
    kind: 'wait',
    clients: ['wsfd subscribe', 'wsfd read', ...peers],
    metric: 'p50Us',
    bars: [bar('p99Us', 1, 'ws')],
  },
  {
    ...received({ message: 'text', size: 64, rate: 10_000, connections: 10_000 }),
    id: 'connections-10000',
    title: '10,000 connections, each a message per second',
    clients: ['wsfd subscribe', ...peers],
    bars: [bar('missed', 0)],
    long: true,
  },
  {
    ...received({ message: 'text', size: 64 }),
    id: 'fairness',
    title: 'beside one connection at full speed',
    kind: 'fairness',
    clients: ['wsfd subscribe', 'wsfd readMany', 'wsfd read', ...peers],
    metric: 'timerLateP99Ms',
    bars: [bar('timerLateP99Ms', 10), bar('waitP99Ms', 20)],
  },
  {
    ...received({ message: 'binary', size: 64 }),
    id: 'kept',
    title: '100,000 of 10 million 64 B binary messages kept',
    kind: 'kept',
    clients: ['wsfd subscribe', 'wsfd readMany', 'wsfd read', ...peers],
    metric: 'keptMib',
    bars: [bar('keptMib', 64)],
  },
];

const threads = (count: number, connections: number): Workload => ({
  ...received({ message: 'text', size: 64, threads: count, connections }),
  id: `threads-${count}x${connections}`,
  title: `${count} thread${count === 1 ? '' : 's'}, ${connections} connections each`,
  kind: 'workers',
  clients: ['wsfd subscribe', ...peers],
  metric: 'messagesPerSecond',
  long: true,
});

/** What docs/TUNING.md tells of: rows without a bar. */
const tuning: readonly Workload[] = [
  ...[0, 100, 1000].flatMap((lateUs) =>
    [0, 50, 200, 1000].map((busyPollUs): Workload => ({
      id: `tuning-echo-${lateUs}-${busyPollUs}`,
      title: `echo ${lateUs} µs later, busyPollUs: ${busyPollUs}`,
      kind: 'echo',
      server: 'raw',
      message: 'text',
      size: 64,
      lateUs,
      options: { busyPollUs },
      clients: ['wsfd subscribe'],
      metric: 'p50Us',
      bars: [],
      long: true,
    })),
  ),
  ...[5000, 50_000].flatMap((rate) =>
    [0, 50, 200, 1000].map((receiveDelayUs): Workload => ({
      ...received({ message: 'text', size: 64, rate }),
      id: `tuning-trickle-${rate}-${receiveDelayUs}`,
      title: `${rate} messages/s, receiveDelayUs: ${receiveDelayUs}`,
      kind: 'wait',
      options: { receiveDelayUs },
      clients: ['wsfd subscribe'],
      metric: 'p50Us',
      long: true,
    })),
  ),
];

/** How cost grows: rows without a bar. */
const growing: readonly Workload[] = [
  ...[16, 256, 4096, 16384, 131072].map((size) =>
    received({ message: 'text', size, clients: ['wsfd subscribe', 'ws'], long: true }),
  ),
  ...[1, 10, 100, 1000, 10_000].map((connections) => ({
    ...received({ message: 'text', size: 64, rate: 100_000, burst: 16, connections }),
    id: `spread-${connections}`,
    title: `100,000 messages/s in bursts of 16 over ${connections} connection${connections === 1 ? '' : 's'}`,
    clients: ['wsfd subscribe', 'ws'] as const,
    long: true,
  })),
  ...[1, 4, 16, 64, 256].map((burst) => ({
    ...received({ message: 'text', size: 64, rate: 50_000, burst }),
    id: `burst-${burst}`,
    title: `50,000 messages/s in bursts of ${burst}`,
    clients: ['wsfd subscribe', 'wsfd read', 'ws'] as const,
    long: true,
  })),
];

export const workloads: readonly Workload[] = [
  ...receiving,
  ...sending,
  ...compressed,
  ...echoing,
  ...holding,
  ...opening,
  ...telemetry,
  ...tuning,
  threads(1, 4),
  threads(4, 4),
  ...growing,
];
