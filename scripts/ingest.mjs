// Builds what examples/ingest needs and runs it; options are that program's.
import { setup } from './setup.mjs';
import { root } from './tools.mjs';

await setup({ tools: true });
process.chdir(root);
// In this process, which gets the signals that end it in order.
process.argv.splice(1, 1, `${root}/out/examples/ingest/main.js`);
await import('../out/examples/ingest/main.js');
