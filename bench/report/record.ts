// A run as it is kept: the figures, and on what they were measured.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { CodecResult } from '../codec/types';
import { bun } from '../processes';
import type { WorkloadResult } from '../run';
import type { Extent } from '../types';
import { verdictsOf } from './bars';
import { writeFormatted } from './formatted';

export interface RunRecord {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly system: string;
  };
  readonly node: string;
  /** Of OpenSSL, as Node carries it. */
  readonly openssl: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly extent: Extent;
  readonly workloads: readonly WorkloadResult[];
  readonly codec: readonly CodecResult[];
}

const packages = ['ws', 'bufferutil', 'utf-8-validate', 'undici', 'websocket', 'uWebSockets.js'];
// Compiled, this file is in out/bench/report.
const root = join(__dirname, '../../..');

function versionOf(name: string): string {
  const path = name === 'wsfd' ? root : join(root, 'node_modules', name);
  const { version } = createRequire(__filename)(join(path, 'package.json')) as { version: string };
  return version;
}

function versionOfBun(): Record<string, string> {
  if (bun === undefined) return {};
  return { Bun: execFileSync(bun, ['--version'], { encoding: 'utf8' }).trim() };
}

/** On what is measured. */
export function machineOf(): RunRecord['machine'] {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
  };
}

export function makeRecord(
  what: Pick<RunRecord, 'rounds' | 'extent' | 'workloads' | 'codec'>,
): RunRecord {
  return {
    date: new Date().toISOString(),
    machine: machineOf(),
    node: process.version,
    openssl: process.versions.openssl,
    versions: {
      ...Object.fromEntries(['wsfd', ...packages].map((name) => [name, versionOf(name)])),
      ...versionOfBun(),
    },
    ...what,
  };
}

/** Four significant digits: more would only be noise. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

/** Writes the record, with the bars' verdicts beside what they are drawn from. */
export async function writeRecord(path: string, record: RunRecord): Promise<void> {
  const bars = verdictsOf(record.workloads).map(({ workload, bar, value, met }) => ({
    workload: workload.id,
    ...bar,
    value,
    met,
  }));
  await writeFormatted(path, JSON.stringify({ ...record, bars }, rounded));
}

export const readRecord = (path: string): RunRecord =>
  JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
