// Builds what the benchmarks need and runs them: options and output are those of bench/main.ts.
import { fetchBun, uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { run } from './tools.mjs';

await setup({ testing: true, tools: true });
const args = ['out/bench/main.js', ...process.argv.slice(2)];
const env = { WSFD_BUN: process.env.WSFD_BUN ?? (await fetchBun()), ...(await uwsEnvironment()) };
const { code } = await run(process.execPath, args, { env });
process.exitCode = code;
