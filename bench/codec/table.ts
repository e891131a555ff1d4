// The codec's figures as text.
import { align } from '../report/table';
import type { CodecResult } from './types';

/** The table, its heading first. */
export const codecCells = (results: readonly CodecResult[]): string[][] => [
  ['codec', 'ns', 'margin', 'GB/s'],
  ...results.map(({ name, ns, margin, gigabytesPerSecond }) => [
    name,
    ns.toFixed(ns < 100 ? 1 : 0),
    `±${margin.toFixed(0)} %`,
    gigabytesPerSecond === undefined ? '' : gigabytesPerSecond.toFixed(1),
  ]),
];

export const codecTable = (results: readonly CodecResult[]): string =>
  align(codecCells(results)).join('\n');
