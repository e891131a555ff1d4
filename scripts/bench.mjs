// Builds what the benchmarks need and runs them: options and output are those of bench/main.ts.
import { setup } from './setup.mjs';
import { run } from './tools.mjs';

await setup({ testing: true, tools: true });
const { code } = await run(process.execPath, ['out/bench/main.js', ...process.argv.slice(2)]);
process.exitCode = code;
