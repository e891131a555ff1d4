// The echo server of `npm start` and test:targets: uWebSockets.js where it has a binary for this
// Node, else that of the `ws` package.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadsUws } from './node-versions.mjs';
import { root } from './tools.mjs';

const require = createRequire(import.meta.url);

/**
 * Starts a server on a free loopback port with this certificate: { name, url, close }; `reason`
 * says why it is not uWebSockets.js, if it is not.
 */
export async function startServer({ cert, key }) {
  const servers = require(join(root, 'out/test/support/servers.js'));
  const tls = { cert, key };
  if (await loadsUws(process.env.WSFD_UWS_NODE ?? process.execPath)) {
    const { url, close } = await servers.startUwsServer({ tls });
    return { name: 'uWebSockets.js', url, close };
  }
  const { url, close } = await servers.startWsServer({ tls });
  const reason = `uWebSockets.js has no binary that Node ${process.version} can load here`;
  return { name: 'the server of the ws package', url, close, reason };
}
