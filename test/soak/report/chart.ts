// docs/soak.svg: memory, descriptors and connections over the time of a run.
import { writeFileSync } from 'node:fs';
import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import { config, schema, toSvg } from '../../../bench/report/charts';
import { memoryNames } from './record';
import type { SoakRecord } from './record';

interface Datum {
  readonly minute: number;
  readonly series: string;
  readonly value: number;
}

const colours = ['#0b7285', '#e8590c', '#5f3dc4', '#868e96'];

/** One panel: lines over the minutes. */
function panel(title: string, values: readonly Datum[], height: number): object {
  const domain = [...new Set(values.map(({ series }) => series))];
  return {
    title: { text: title, fontSize: 13, frame: 'group' },
    data: { values },
    width: 620,
    height,
    mark: { type: 'line', strokeWidth: 1.2 },
    encoding: {
      x: { field: 'minute', type: 'quantitative', title: null },
      y: { field: 'value', type: 'quantitative', title: null, scale: { zero: true } },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain, range: colours.slice(0, domain.length) },
        legend: domain.length > 1 ? { title: null, orient: 'right' } : null,
      },
    },
  };
}

export async function writeChart(path: string, record: SoakRecord): Promise<void> {
  const collected = record.samples.filter((sample) => sample.collected);
  const memory = collected.flatMap((sample) =>
    memoryNames.map((name) => ({
      minute: sample.at / 60,
      series: name,
      value: sample[name] / 2 ** 20,
    })),
  );
  const of = (name: 'descriptors' | 'open', series: string): Datum[] =>
    record.samples.map((sample) => ({ minute: sample.at / 60, series, value: sample[name] }));
  const { machine, node, totals, seed } = record;
  const subtitle =
    `${totals.plans.toLocaleString('en')} connections, ` +
    `${(totals.sent + totals.received).toLocaleString('en')} messages; ` +
    `${machine.cpu}, Node ${node}, seed ${seed}`;
  const spec = {
    $schema: schema,
    title: { text: 'Memory and descriptors of the client, over minutes', subtitle, offset: 16 },
    config: { ...config, axis: { ...config.axis, grid: true } },
    resolve: { scale: { color: 'independent' } },
    vconcat: [
      panel('Memory after garbage collection, MiB', memory, 200),
      panel(
        'Descriptors of the process, and open connections of its main thread',
        [...of('descriptors', 'descriptors'), ...of('open', 'connections')],
        120,
      ),
    ],
  };
  writeFileSync(path, await toSvg(spec as unknown as TopLevelSpec));
}
