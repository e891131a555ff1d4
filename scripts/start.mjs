// Demonstrates wsfd: sets up the clone, starts a wss server with a new self-signed certificate,
// shows that a strict open refuses it, and runs examples/ctrl-example.ts.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setup } from './setup.mjs';
import { startServer } from './start-server.mjs';
import { fail, root, run, say } from './tools.mjs';

const require = createRequire(import.meta.url);

/** Opens without ignoreSslErrors, and expects that the self-signed certificate is refused. */
async function showRefusal(url) {
  const { getLastError, webSocketOpen } = require('wsfd');
  say('1. a strict open: the certificate is self-signed, and nothing says that this is fine');
  const result = await webSocketOpen(url);
  console.log(`webSocketOpen  -> ${String(result)}`);
  const [error] = getLastError();
  if (result !== -1 || error?.sslErrors === undefined) {
    fail(`expected -1 with TLS errors, not ${String(result)} with ${String(error)}`);
  }
  console.log(`getLastError() -> ${error.code}: ${error.message}`);
  for (const [keyword, text] of Object.entries(error.sslErrors)) {
    console.log(`  ${keyword}: ${text}`);
  }
}

async function showExample(url) {
  say("2. examples/ctrl-example.ts, the CTRL reference's program, which ignores TLS errors");
  const { code } = await run(process.execPath, ['out/examples/ctrl-example.js', url]);
  if (code !== 0) fail(`the example failed (exit code ${String(code)})`);
}

await setup({ tools: true });
const { makeSelfSigned } = require(join(root, 'out/test/support/certificates.js'));
say('making a key and a self-signed certificate for localhost');
const server = await startServer(makeSelfSigned());
if (server.reason !== undefined) say(`${server.reason}; another server takes its place`);
say(`${server.name} listens on ${server.url}`);
await showRefusal(server.url);
await showExample(server.url);
await server.close();
say('done; the server is closed');
