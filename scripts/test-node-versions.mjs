// Runs the integration tests, and those of the class WebSocket, on every supported Node, all with
// the one addon that is built: it must not depend on the Node whose headers it was made with.
// Usage: node scripts/test-node-versions.mjs [major ...]
import { nodeOf, uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { supportedMajors } from './targets/table.mjs';
import { testFiles } from './test-files.mjs';
import { run, say } from './tools.mjs';

async function versionsOf(node) {
  const { output } = await run(node, ['-p', 'JSON.stringify(process.versions)'], { capture: true });
  return JSON.parse(output);
}

/** A number of the test runner's closing lines. */
const count = (output, name) =>
  Number(new RegExp(`^\\S+ ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);

async function testOn(node, files) {
  const versions = await versionsOf(node);
  const env = await uwsEnvironment(node);
  // Node's runner runs one file after the other on two cores, and the servers of some tests leave
  // a timer on Node 18 that keeps their process for 30 idle seconds: two runners share the files.
  const runners = [0, 1].map((rest) => {
    const share = files.filter((_, i) => i % 2 === rest);
    return run(node, ['--test', '--test-reporter=spec', ...share], { capture: true, env });
  });
  const results = await Promise.all(runners);
  const output = results.map((result) => result.output).join('\n');
  const sum = (name) => results.reduce((total, result) => total + count(result.output, name), 0);
  const [tests, pass, skipped] = ['tests', 'pass', 'skipped'].map(sum);
  // A run without tests has failed.
  const passed = results.every(({ code, output: own }) => code === 0 && count(own, 'tests') > 0);
  say(`Node ${versions.node}: ${String(pass)} of ${String(tests)} passed`);
  if (!passed) console.error(output);
  return {
    Node: versions.node,
    OpenSSL: versions.openssl,
    libuv: versions.uv,
    'uWebSockets.js on': 'WSFD_UWS_NODE' in { ...process.env, ...env } ? 'another' : 'the same',
    tests,
    pass,
    skipped,
    result: passed ? 'passed' : 'FAILED',
  };
}

const wanted = process.argv.slice(2);
const majors = wanted.length > 0 ? wanted : supportedMajors;
await setup({ testing: true, tools: true });
const files = [...testFiles([], 'test/integration'), ...testFiles([], 'test/websocket')];
const rows = [];
for (const major of majors) rows.push(await testOn(await nodeOf(major), files));
console.table(rows);
if (rows.some(({ result }) => result !== 'passed')) process.exitCode = 1;
