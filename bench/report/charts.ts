// The charts of docs/, as SVG with vega-lite, from a run's figures.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import type { WorkloadResult } from '../run';
import type { ClientName, MetricName } from '../types';
import { metrics } from './metrics';
import type { RunRecord } from './record';

/** One bar or point. */
interface Datum {
  readonly row: string;
  readonly client: string;
  readonly value: number;
  readonly label: string;
}

/** A client's name in a chart; those left out are not drawn. */
const drawn: Partial<Record<ClientName, string>> = {
  'wsfd subscribe': 'wsfd',
  ws: 'ws',
  undici: 'undici',
  websocket: 'websocket',
  Bun: 'Bun',
  'bare frames': 'bare C++',
};
const names = Object.values(drawn);
const colours = ['#0b7285', '#adb5bd', '#868e96', '#ced4da', '#e9a86b', '#343a40'];

function dataOf(results: readonly WorkloadResult[], metric: MetricName): Datum[] {
  return results.flatMap(({ workload, results: clients }) =>
    clients.flatMap(({ client, summaries }) => {
      const name = drawn[client];
      const value = summaries[metric]?.median;
      if (name === undefined || value === undefined) return [];
      const label = value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
      return [{ row: workload.title, client: name, value, label }];
    }),
  );
}

const schema = 'https://vega.github.io/schema/vega-lite/v6.json';

const config = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  view: { stroke: null },
  axis: { grid: false, ticks: false, domain: false, labelFontSize: 12, labelLimit: 400 },
  title: { fontSize: 16, anchor: 'start', subtitleFontSize: 12, subtitleColor: '#495057' },
} as const;

const colour = {
  field: 'client',
  type: 'nominal',
  scale: { domain: names, range: colours },
  legend: null,
} as const;

/** Horizontal bars: one group a workload, each with a scale of its own. */
function bars(title: string, subtitle: string, data: readonly Datum[]): TopLevelSpec | undefined {
  const groups = [...new Set(data.map(({ row }) => row))];
  if (groups.length === 0) return undefined;
  return {
    $schema: schema,
    title: { text: title, subtitle, offset: 16 },
    config,
    vconcat: groups.map((group) => ({
      title: { text: group, fontSize: 13, offset: 2, frame: 'group' },
      data: { values: data.filter(({ row }) => row === group) },
      width: 520,
      height: { step: 20 },
      encoding: {
        y: {
          field: 'client',
          type: 'nominal',
          sort: names,
          title: null,
          // All groups begin at the same place.
          axis: { minExtent: 70, maxExtent: 70 },
        },
        x: { field: 'value', type: 'quantitative', axis: null },
      },
      layer: [
        { mark: { type: 'bar', cornerRadiusEnd: 2 }, encoding: { color: colour } },
        {
          mark: { type: 'text', align: 'left', dx: 4, fontSize: 12 },
          encoding: { text: { field: 'label' } },
        },
      ],
    })),
  };
}

interface Series {
  readonly title: string;
  /** What the rows differ in. */
  readonly x: string;
  readonly rows: (result: WorkloadResult) => number | undefined;
}

/** Lines over a logarithmic x: how CPU per message grows, of clients with more than one point. */
function lines(series: Series, all: readonly WorkloadResult[]): TopLevelSpec | undefined {
  const points = all.flatMap((result) => {
    const x = series.rows(result);
    if (x === undefined) return [];
    return dataOf([result], 'cpuNs').map((datum) => ({ ...datum, x }));
  });
  const shown = names.filter((name) => points.filter(({ client }) => client === name).length > 1);
  if (shown.length === 0) return undefined;
  const range = shown.map((name) => colours[names.indexOf(name)] ?? 'black');
  const log = { type: 'log' } as const;
  return {
    $schema: schema,
    title: { text: series.title, subtitle: `${metrics.cpuNs.label}, ns`, offset: 16 },
    config: { ...config, axis: { ...config.axis, grid: true, tickCount: 6 } },
    data: { values: points.filter(({ client }) => shown.includes(client)) },
    width: 560,
    height: 260,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', scale: log, title: series.x },
      y: { field: 'value', type: 'quantitative', scale: log, title: null },
      color: {
        ...colour,
        scale: { domain: shown, range },
        legend: { title: null, orient: 'top' },
      },
    },
  };
}

async function toSvg(spec: TopLevelSpec): Promise<string> {
  // Both are ES modules.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  return view.toSVG();
}

function chartsOf(record: RunRecord): [name: string, spec: TopLevelSpec | undefined][] {
  const all = record.workloads;
  const on = `${record.machine.cpu}, Node ${record.node}; shorter is better`;
  const pick = (...ids: string[]): WorkloadResult[] =>
    ids.flatMap((id) => all.filter(({ workload }) => workload.id === id));
  const receiving = pick('receive-text-64', 'receive-text-64-tls', 'receive-text-1024');
  const chart = (title: string, metric: MetricName, rows: WorkloadResult[]) =>
    bars(title, on, dataOf(rows, metric));
  return [
    ['receive', chart('CPU per message received, ns', 'cpuNs', receiving)],
    ['send', chart('CPU per message sent, ns', 'cpuNs', pick('send-text-64', 'send-text-64-tls'))],
    ['echo', chart('Round trip, p50, µs', 'p50Us', pick('echo-spin', 'echo-spin-tls'))],
    ['idle', chart('Memory per idle connection, KiB', 'connectionKib', pick('idle', 'idle-tls'))],
    ['open', chart('CPU to open a connection, µs', 'openCpuUs', pick('open', 'open-tls'))],
    ['size', lines({ title: 'Message size', x: 'bytes', rows: sizeOf }, all)],
    ['connections', lines({ title: 'Connections', x: 'connections', rows: spreadOf }, all)],
    ['burst', lines({ title: 'Messages that arrive at once', x: 'messages', rows: burstOf }, all)],
  ];
}

const sizeOf = ({ workload }: WorkloadResult): number | undefined =>
  /^receive-text-\d+$/.test(workload.id) ? workload.size : undefined;
const spreadOf = ({ workload }: WorkloadResult): number | undefined =>
  workload.id.startsWith('spread-') ? workload.connections : undefined;
const burstOf = ({ workload }: WorkloadResult): number | undefined =>
  workload.id.startsWith('burst-') ? workload.burst : undefined;

/** Writes bench-*.svg into `folder`; the paths. */
export async function writeCharts(record: RunRecord, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const [name, spec] of chartsOf(record)) {
    if (spec === undefined) continue;
    const path = join(folder, `bench-${name}.svg`);
    writeFileSync(path, await toSvg(spec));
    paths.push(path);
  }
  return paths;
}
