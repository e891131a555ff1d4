// Replays the fuzzers' inputs: for the coverage of lines, and under valgrind.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findTool, inParallel } from './fuzz-build.mjs';
import { fail, root, run, say } from './tools.mjs';

/** Their names are on one command line. */
const filesPerRun = 2000;

function* portionsOf(files) {
  for (let i = 0; i < files.length; i += filesPerRun) yield files.slice(i, i + filesPerRun);
}

async function needTool(name, packageName) {
  const tool = await findTool(name);
  if (tool === undefined)
    fail(`fuzz: there is no ${name} (Debian: apt-get install ${packageName})`);
  return tool;
}

/** Runs every program with its inputs; resolves with the files of the profiles. */
async function profile(programs, inputs) {
  const folder = join(root, 'build', 'fuzz', 'profiles');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const profiles = [];
  for (const [target, program] of Object.entries(programs)) {
    for (const files of portionsOf(inputs[target])) {
      const file = join(folder, `${String(profiles.length)}.profraw`);
      const env = { LLVM_PROFILE_FILE: file };
      const { code, output } = await run(program, files, { capture: true, env });
      if (code !== 0) fail(`fuzz: ${target}: an input fails:\n${output}`);
      profiles.push(file);
    }
  }
  return profiles;
}

const percent = ({ count, covered }) => ((100 * covered) / Math.max(count, 1)).toFixed(1);
const isCode = (name) => name.startsWith('native/');

/** Prints how many lines of each folder of native/, and of each file, the inputs reach. */
export async function replayForCoverage(programs, inputs) {
  const profdata = await needTool('llvm-profdata', 'llvm-14');
  const cov = await needTool('llvm-cov', 'llvm-14');
  const merged = join(root, 'build', 'fuzz', 'merged.profdata');
  const profiles = await profile(programs, inputs);
  const merge = await run(profdata, ['merge', '-sparse', ...profiles, '-o', merged], {
    capture: true,
  });
  if (merge.code !== 0) fail(`fuzz: ${profdata} failed:\n${merge.output}`);
  const [first, ...others] = Object.values(programs);
  const objects = others.flatMap((program) => ['-object', program]);
  const args = ['export', '-summary-only', `-instr-profile=${merged}`, first, ...objects];
  const { code, output } = await run(cov, args, { capture: true });
  if (code !== 0) fail(`fuzz: ${cov} failed:\n${output}`);
  const files = JSON.parse(output.slice(output.indexOf('{'))).data[0].files.map(
    ({ filename, summary }) => ({ name: filename.replace(`${root}/`, ''), ...summary.lines }),
  );
  const folders = new Map();
  for (const { name, count, covered } of files.filter((file) => isCode(file.name))) {
    const folder = name.split('/')[1];
    const sum = folders.get(folder) ?? { count: 0, covered: 0 };
    folders.set(folder, { count: sum.count + count, covered: sum.covered + covered });
  }
  for (const file of files.filter(({ name }) => isCode(name))) {
    console.log(`${percent(file).padStart(6)} %  ${file.name}`);
  }
  for (const [folder, lines] of folders) {
    say(`fuzz: native/${folder}: ${percent(lines)} % of ${String(lines.count)} lines`);
  }
  return true;
}

/** True if valgrind reports nothing for any input. */
export async function replayForMemory(programs, inputs, jobs) {
  if ((await run('valgrind', ['--version'], { capture: true })).code !== 0) {
    fail('fuzz: there is no valgrind (Debian: apt-get install valgrind)');
  }
  let good = true;
  await inParallel(Object.entries(programs), jobs, async ([target, program]) => {
    const started = Date.now();
    for (const files of portionsOf(inputs[target])) {
      const options = ['--quiet', '--error-exitcode=9', '--leak-check=full'];
      const kinds = ['--errors-for-leak-kinds=definite', '--show-leak-kinds=definite'];
      const { code, output } = await run('valgrind', [...options, ...kinds, program, ...files], {
        capture: true,
      });
      if (code === 0 && output === '') continue;
      good = false;
      console.error(output.slice(0, 8000));
    }
    const past = String(Math.round((Date.now() - started) / 1000));
    const count = String(inputs[target].length);
    say(`fuzz: ${target}: ${count} inputs under valgrind in ${past} s${good ? '' : ': ERRORS'}`);
  });
  return good;
}
