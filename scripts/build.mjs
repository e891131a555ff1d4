// Builds the addon and dist/. Usage: node scripts/build.mjs [--testing] [--tools]
//
// --testing  the testing addon too
// --tools    the tests, examples and benchmarks in out/ too
import { setup } from './setup.mjs';

const [testing, tools] = ['--testing', '--tools'].map((name) => process.argv.includes(name));
await setup({ testing, tools });
