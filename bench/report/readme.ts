// The figures of README.md, written into it from the whole run on the newest Node: a row each of what
// most programs do.
import type { ClientName } from '../types';
import { figureOf, introductionOf, table, writeInto } from './markdown';
import type { RunRecord } from './record';

/** Workloads by id, as the README names them; `client`: which of wsfd's, absent: subscribe. */
const rows: readonly { id: string; title: string; client?: ClientName }[] = [
  { id: 'receive-text-64', title: 'receive 64 B text' },
  { id: 'receive-text-64', title: 'the same, packed', client: 'wsfd packed' },
  { id: 'receive-text-64-tls', title: 'receive 64 B text, TLS' },
  { id: 'receive-binary-64', title: 'receive 64 B binary' },
  { id: 'receive-text-1024', title: 'receive 1 KiB text' },
  { id: 'receive-deflate-1024-alone-15', title: 'receive 1 KiB JSON, compressed' },
  { id: 'receive-binary-65536-tls', title: 'receive 64 KiB binary, TLS' },
  { id: 'send-text-64', title: 'send 64 B text' },
  { id: 'open-tls', title: 'open a TLS connection' },
  { id: 'idle', title: 'memory of an idle connection' },
  { id: 'idle-tls', title: 'memory of an idle TLS connection' },
];

const peers: readonly ClientName[] = ['ws', 'undici', 'Bun'];

function figuresOf(record: RunRecord): string {
  const isMeasured = (name: ClientName): boolean =>
    record.workloads.some(({ results }) => results.some(({ client }) => client === name));
  const shown = peers.filter(isMeasured);
  const cells = rows.flatMap(({ id, title, client = 'wsfd subscribe' }) => {
    const result = record.workloads.find(({ workload }) => workload.id === id);
    const own = result === undefined ? '' : figureOf(result, client);
    if (result === undefined || own === '') return [];
    return [[title, own, ...shown.map((name) => figureOf(result, name))]];
  });
  return [introductionOf(record), table([['', 'wsfd', ...shown], ...cells])].join('\n\n');
}

export const writeReadme = (path: string, record: RunRecord): Promise<void> =>
  writeInto(path, figuresOf(record));
