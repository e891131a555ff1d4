// What the parts of the benchmark hand to each other: a workload is a row of the table in
// workloads.ts, a trial is one client doing it once, in a process of its own.

/**
 * What a message holds: ASCII text, German text with umlauts, Chinese text, sensors' readings as JSON
 * to be inflated (each another one, cut at the size), one reading as JSON to be parsed, or random
 * bytes.
 */
export type MessageKind = 'text' | 'german' | 'chinese' | 'readings' | 'json' | 'binary';

export type ClientName =
  | 'wsfd subscribe'
  | 'wsfd readMany'
  | 'wsfd read'
  | 'wsfd packed'
  | 'wsfd json'
  | 'wsfd parse'
  | 'wsfd writeMany'
  | 'wsfd writePacked'
  | 'wsfd WebSocket'
  | 'ws'
  | 'ws parse'
  | 'ws onmessage'
  | 'undici'
  | 'websocket'
  // Its global WebSocket: Bun runs the trial.
  | 'Bun'
  // Strings made by V8, and nothing received.
  | 'V8 floor'
  // The bare C++ limits of bench/native.
  | 'bare read'
  | 'bare frames';

/** What a client does; each has its own file in kinds/. */
export type Kind =
  'receive' | 'send' | 'echo' | 'open' | 'idle' | 'workers' | 'fairness' | 'kept' | 'wait';

/** What comes out of a trial, by the names of report/metrics.ts. */
export type MetricName =
  | 'cpuNs'
  | 'messagesPerSecond'
  | 'megabytesPerSecond'
  | 'busy'
  | 'p50Us'
  | 'p99Us'
  | 'p999Us'
  | 'openCpuUs'
  | 'opensPerSecond'
  | 'connectionKib'
  | 'missed'
  | 'timerLateP99Ms'
  | 'waitP99Ms'
  | 'keptMib'
  | 'heapMib';
export type Metrics = Partial<Record<MetricName, number>>;

/** A figure that has to be reached: of `client`, at most `atMost` times that of `versus`. */
export interface Bar {
  readonly client: ClientName;
  readonly metric: MetricName;
  /** Absent: `atMost` is the figure itself. */
  readonly versus?: ClientName;
  /** The id of the workload in which `versus` is looked at; absent: this one. */
  readonly of?: string;
  readonly atMost: number;
}

/** permessage-deflate as the server agrees to it, for both directions. */
export interface Compression {
  /** The window is kept from message to message. */
  readonly takeover: boolean;
  readonly windowBits: 9 | 15;
}

/** What of wsfd's options a workload may be about. */
export interface WsfdOptions {
  readonly receiveDelayUs?: number;
  readonly busyPollUs?: number;
}

export interface Workload {
  /** What --only looks at. */
  readonly id: string;
  readonly title: string;
  readonly kind: Kind;
  /** raw: writes frames encoded before; uws: uWebSockets.js; spin: echoes and never sleeps. */
  readonly server: 'raw' | 'uws' | 'spin';
  readonly clients: readonly ClientName[];
  readonly message: MessageKind;
  /** Bytes of each message's payload. */
  readonly size: number;
  readonly tls?: boolean;
  /** The clients use TLS sessions again. */
  readonly resume?: boolean;
  /** Absent: uncompressed. */
  readonly compression?: Compression;
  /** Connections held at the same time, per thread; 1 if absent. */
  readonly connections?: number;
  readonly threads?: number;
  /** Messages per second that the server sends to all connections together; absent: all it can. */
  readonly rate?: number;
  /** Messages that a paced server writes at once. */
  readonly burst?: number;
  /** Microseconds after which the raw server echoes a message, as if the line were so long. */
  readonly lateUs?: number;
  /** Options for wsfd alone. */
  readonly options?: WsfdOptions;
  /** The figure that the row is about. */
  readonly metric: MetricName;
  readonly bars: readonly Bar[];
  /** Left out with --quick. */
  readonly long?: boolean;
}

/** How much work a trial is. */
export interface Extent {
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Multiplies counts: connections held idle, connections opened. */
  readonly share: number;
}

export interface Trial {
  readonly workload: Workload;
  readonly client: ClientName;
  readonly extent: Extent;
  /** Where the workload's server listens. */
  readonly port: number;
  /** PEM of the root that the server's certificate comes from; only with TLS. */
  readonly ca?: string;
}

/** What a trial's process says at its end. */
export type TrialAnswer = { metrics: Metrics } | { error: string };

export interface ServerSettings {
  /** Paths of PEM files; absent: plain. */
  readonly keyFile?: string;
  readonly certificateFile?: string;
}
