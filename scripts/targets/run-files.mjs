// Runs test files on a system, and counts their results.
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { reasonFor } from './left-out.mjs';
import { runOn } from './run-on.mjs';

/** The source of a compiled test file. */
export const sourceOf = (file) => file.replace(/^out\//, '').replace(/js$/, 'ts');

/** Divides `files` for a system: [those that are run, [source, reason] of the others]. */
export function divideFiles(system, files) {
  const reasons = files.map((file) => reasonFor(system, sourceOf(file)));
  const run = files.filter((_, i) => reasons[i] === undefined);
  const others = files.map((file, i) => [sourceOf(file), reasons[i]]);
  return [run, others.filter(([, reason]) => reason !== undefined)];
}

/** A number of the test runner's closing lines. */
const count = (output, name) =>
  Number(new RegExp(`^\\S+ ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);

/** The reasons that tests which were skipped gave, in the runner's 'spec' report. */
const skipReasons = (output) =>
  [...output.matchAll(/^ *﹣ .* # (.*)$/gm)].map(([, reason]) => reason);

/** The results in the report of one test file; `fault` is '' if all of its tests passed. */
export function readReport(file, { code, output }) {
  const [tests, passed, skipped] = ['tests', 'pass', 'skipped'].map((name) => count(output, name));
  // Without its closing lines a file has not run to its end. All its tests may be skipped.
  const good = code === 0 && /^\S+ tests \d+$/m.test(output);
  const how = code === undefined ? 'it did not end' : `it ended with ${String(code)}`;
  const fault = good ? '' : `${sourceOf(file)}: ${how}\n${output.slice(-6000)}`;
  return { tests, passed, skipped, reasons: skipReasons(output), fault };
}

async function runFile(started, file, { environment, seconds }) {
  const begin = performance.now();
  const args = ['--test-reporter=spec', file];
  const report = readReport(file, await runOn(started, args, { further: environment, seconds }));
  const time = ((performance.now() - begin) / 1000).toFixed(1).padStart(6);
  const numbers = `${String(report.passed)} of ${String(report.tests)} tests passed`;
  console.log(`${time} s  ${sourceOf(file)}: ${report.fault === '' ? numbers : 'FAILED'}`);
  if (report.fault !== '') console.error(report.fault);
  return report;
}

/**
 * Runs these files on a started system, as many at a time as there are processors, each for at most
 * `seconds`. Resolves with the reports of readReport.
 */
export async function runFiles(started, files, settings) {
  const reports = [];
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      reports.push(await runFile(started, file, settings));
    }
  };
  await Promise.all(cpus().map(work));
  return reports;
}
