// The codec's figures as text.
import { align } from '../report/table';
import type { CodecResult } from './types';

export function codecTable(results: readonly CodecResult[]): string {
  const rows = results.map(({ name, ns, margin, gigabytesPerSecond }) => [
    `  ${name}`,
    ns.toFixed(ns < 100 ? 1 : 0),
    `±${margin.toFixed(0)} %`,
    gigabytesPerSecond === undefined ? '' : gigabytesPerSecond.toFixed(1),
  ]);
  return ['Codec', ...align([['', 'ns', 'margin', 'GB/s'], ...rows])].join('\n');
}
