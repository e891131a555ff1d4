// How each figure is named and written.
import type { MetricName, Workload } from '../types';

export interface Metric {
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  /** Many of it are good; absent: few are. */
  readonly more?: true;
  /** Multiplies the figure before it is written. */
  readonly factor?: number;
}

export const metrics: Record<MetricName, Metric> = {
  cpuNs: { label: 'CPU per message', unit: 'ns', digits: 0 },
  messagesPerSecond: { label: 'messages', unit: 'k/s', digits: 0, more: true, factor: 1e-3 },
  megabytesPerSecond: { label: 'payload', unit: 'MB/s', digits: 0, more: true },
  busy: { label: 'client busy', unit: '%', digits: 0, factor: 100 },
  p50Us: { label: 'p50', unit: 'µs', digits: 1 },
  p99Us: { label: 'p99', unit: 'µs', digits: 1 },
  p999Us: { label: 'p99.9', unit: 'µs', digits: 0 },
  openCpuUs: { label: 'CPU per connection opened', unit: 'µs', digits: 0 },
  opensPerSecond: { label: 'opened', unit: '/s', digits: 0, more: true },
  connectionKib: { label: 'memory per connection', unit: 'KiB', digits: 1 },
  missed: { label: 'missed', unit: 'messages', digits: 0 },
  timerLateP99Ms: { label: 'timer late, p99', unit: 'ms', digits: 1 },
  waitP99Ms: { label: 'second connection waits, p99', unit: 'ms', digits: 1 },
  keptMib: { label: 'resident for 100,000 kept', unit: 'MiB', digits: 1 },
  heapMib: { label: 'heap for 100,000 kept', unit: 'MiB', digits: 1 },
};

/** The figures a table shows beside the one that the row is about. */
export const shownBeside: Record<Workload['kind'], readonly MetricName[]> = {
  receive: ['messagesPerSecond', 'megabytesPerSecond', 'busy', 'connectionKib', 'missed'],
  send: ['messagesPerSecond', 'megabytesPerSecond', 'busy'],
  workers: ['cpuNs', 'megabytesPerSecond', 'busy'],
  echo: ['p99Us', 'p999Us', 'cpuNs', 'messagesPerSecond'],
  open: ['opensPerSecond', 'busy'],
  idle: [],
  fairness: ['waitP99Ms', 'messagesPerSecond'],
  kept: ['heapMib'],
  wait: ['p99Us', 'p999Us', 'cpuNs', 'messagesPerSecond'],
};

/** A figure with its unit: nanoseconds and microseconds from 10,000 on in the next unit. */
export function figureText(name: MetricName, value: number): string {
  const { unit } = metrics[name];
  const larger = { ns: 'µs', µs: 'ms' }[unit];
  if (larger === undefined || value < 10_000) return `${format(name, value)} ${unit}`;
  if (unit === 'ns' && value >= 1e7) return `${(value / 1e6).toFixed(1)} ms`;
  return `${(value / 1000).toFixed(1)} ${larger}`;
}

/** The figure as it stands in a table, without its unit. */
export function format(name: MetricName, value: number): string {
  const { digits, factor = 1 } = metrics[name];
  const scaled = value * factor;
  // Three significant digits for what is small.
  const shown = digits === 0 && Math.abs(scaled) < 10 && scaled !== 0 ? 1 : digits;
  return scaled.toFixed(shown);
}
