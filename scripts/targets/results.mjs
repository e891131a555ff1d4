// The results of scripts/test-targets.mjs, kept beside the document that shows them, so that the
// systems may be run one at a time, and on several machines.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keep, markdownTable, record } from '../record.mjs';
import { root } from '../tools.mjs';

const file = join(root, 'docs', 'targets.json');
const nameOf = ({ name, major }) => `${name}-${major}`;

/**
 * Keeps the result of a run with all test files; that of a run with --short only if there is none
 * yet. `runs` are all possible runs. Writes the tables into docs/INSTALLING.md.
 */
export async function keepResult(run, result, runs) {
  const name = nameOf(run);
  if (result.short && existsSync(file) && name in JSON.parse(readFileSync(file, 'utf8'))) return;
  const results = keep(file, name, result, runs.map(nameOf));
  await record(join(root, 'docs', 'INSTALLING.md'), 'test:targets', tablesOf(results));
}

const columns = {
  system: '---',
  'Node.js': '---',
  steps: '---',
  files: '---:',
  tests: '---:',
  passed: '---:',
  skipped: '---:',
  'files left out': '---:',
  minutes: '---:',
  result: '---',
  day: '---',
  commit: '---',
};

/** [system, version] pairs as text: 'arm64 20, 24; musl 20'. */
function placesOf(pairs) {
  const systems = new Map();
  for (const [system, major] of pairs) {
    systems.set(system, (systems.get(system) ?? new Set()).add(major));
  }
  return [...systems].map(([name, majors]) => `${name} ${[...majors].join(', ')}`).join('; ');
}

/**
 * A row for each reason to leave out files or tests. 'leftOut' of a result has [source of a file,
 * reason] pairs, 'reasons' those of its skipped tests.
 */
export function leftOutRows(results) {
  const rows = new Map();
  const add = (kind, reason, { row, major }, what) => {
    const key = `${kind} ${reason}`;
    const entry = rows.get(key) ?? { kind, reason, places: [], what: new Set(), count: 0 };
    entry.places.push([row.system, major]);
    entry.what.add(what);
    entry.count++;
    rows.set(key, entry);
  };
  for (const result of results) {
    for (const [file, reason] of result.leftOut) add('files', reason, result, file);
    for (const reason of result.reasons) add('tests', reason, result, reason);
  }
  return [...rows.values()].map(({ kind, reason, places, what, count }) => ({
    'left out': kind === 'files' ? `${String(what.size)} files` : `${String(count)} tests`,
    files: kind === 'files' && what.size <= 3 ? [...what].join(', ') : '',
    where: placesOf(places),
    reason,
  }));
}

/** Both tables in Markdown. */
export function tablesOf(results) {
  const names = Object.keys(columns);
  const cells = results.map(({ row }) => names.map((name) => row[name]));
  const left = ['left out', 'where', 'reason'];
  const reasons = leftOutRows(results).map((row) => [
    row.files === '' ? row['left out'] : `\`${row.files}\``,
    row.where,
    row.reason,
  ]);
  return [
    markdownTable(names, cells, Object.values(columns)),
    'What was left out of these runs, and why (a test that is skipped in several runs counts in each):',
    markdownTable(left, reasons),
  ].join('\n\n');
}
