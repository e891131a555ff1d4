// What scripts/test-targets.mjs found: kept from one run to the next, so that the systems may be run
// one at a time, and shown as tables.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from '../record.mjs';
import { root } from '../tools.mjs';

const folder = join(root, '.cache', 'targets', 'results');
const fileOf = ({ name, major }) => join(folder, `${name}-${major}.json`);

/** Keeps the result of a run with all test files. */
export function keepResult(run, result) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(run), JSON.stringify(result));
}

/** The last result of each of these runs with all test files; undefined where one was never run. */
export function keptResults(runs) {
  try {
    return runs.map((run) => JSON.parse(readFileSync(fileOf(run), 'utf8')));
  } catch {
    return undefined;
  }
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
 * What was left out: a row for each reason. 'leftOut' of a result has [source of a file, reason]
 * pairs, 'reasons' those of its skipped tests.
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
