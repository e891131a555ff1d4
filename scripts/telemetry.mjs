// Builds what examples/telemetry.ts needs and runs it; options are that file's.
import { uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { run } from './tools.mjs';

await setup({ tools: true });
const args = ['out/examples/telemetry.js', ...process.argv.slice(2)];
const { code } = await run(process.execPath, args, { env: await uwsEnvironment() });
process.exitCode = code;
