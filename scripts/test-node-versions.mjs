// Runs the integration tests on every Node that is supported, all with the one addon that is built:
// it must not depend on the Node whose headers it was made with.
// Usage: node scripts/test-node-versions.mjs [major ...]
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm, setup } from './setup.mjs';
import { fail, listFiles, root, run, say } from './tools.mjs';

const supported = ['18', '20', '22', '24', '26'];

/** The npm package that carries nothing but Node's binary for this platform. */
const platform = process.platform === 'win32' ? 'win' : process.platform;
const carrier = `node-${platform}-${process.arch}`;

/** The binary of the newest Node of this major version, fetched when it is not there yet. */
async function nodeOf(major) {
  const folder = join(root, '.cache', 'node-versions', major);
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const binary = join(folder, 'node_modules', carrier, 'bin', program);
  if (existsSync(binary)) return binary;
  say(`fetching Node ${major}`);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund'];
  const { code } = await npm([...args, '--ignore-scripts', `${carrier}@${major}`]);
  if (code !== 0 || !existsSync(binary)) fail(`Node ${major} could not be fetched`);
  return binary;
}

async function versionsOf(node) {
  const { output } = await run(node, ['-p', 'JSON.stringify(process.versions)'], { capture: true });
  return JSON.parse(output);
}

/** uWebSockets.js has a binary for each of Node's module versions, but not for the newest Node. */
const hasUws = ({ modules }) => {
  const name = `uws_${process.platform}_${process.arch}_${modules}.node`;
  return existsSync(join(root, 'node_modules', 'uWebSockets.js', name));
};

/** A number of the test runner's closing lines. */
const count = (output, name) =>
  Number(new RegExp(`^\\S+ ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);

async function testOn(node, uwsNode, files) {
  const versions = await versionsOf(node);
  const env = hasUws(versions) ? {} : { WSFD_UWS_NODE: uwsNode };
  const server = hasUws(versions) ? 'its own' : 'another';
  const args = ['--test', '--test-reporter=spec', ...files];
  const { code, output } = await run(node, args, { capture: true, env });
  const [tests, pass, skipped] = ['tests', 'pass', 'skipped'].map((name) => count(output, name));
  // No test at all is no success.
  const passed = code === 0 && tests > 0;
  say(`Node ${versions.node}: ${String(pass)} of ${String(tests)} passed`);
  if (!passed) console.error(output);
  return {
    Node: versions.node,
    OpenSSL: versions.openssl,
    libuv: versions.uv,
    'uWebSockets.js on': `${server} Node`,
    tests,
    pass,
    skipped,
    result: passed ? 'passed' : 'FAILED',
  };
}

const wanted = process.argv.slice(2);
const majors = wanted.length > 0 ? wanted : supported;
await setup({ testing: true, tools: true });
const nodes = [];
for (const major of majors) nodes.push(await nodeOf(major));
// Any Node will do that uWebSockets.js has a binary for.
const candidates = [process.execPath, ...nodes];
const capable = await Promise.all(candidates.map(async (node) => hasUws(await versionsOf(node))));
const uwsNode = candidates[capable.indexOf(true)];
const files = listFiles('test/integration', (name) => name.endsWith('.test.ts')).map(
  (name) => `out/${name.replace(/ts$/, 'js')}`,
);
const rows = [];
for (const node of nodes) rows.push(await testOn(node, uwsNode, files));
console.table(rows);
if (rows.some(({ result }) => result !== 'passed')) process.exitCode = 1;
