// A server of the plant's own PKI that wants to know who we are: its root is trusted, and nothing
// is ignored; our certificate is shown. The files are read anew for each opening, so that renewed
// ones count from then on.
// Usage: node out/examples/mutual-tls.js URL ROOT.pem CERTIFICATE.pem KEY.pem [RSA|EC|ED25519|ED448]
import { readFileSync } from 'node:fs';
import { getLastError, webSocketClose, webSocketInfo, webSocketOpen } from 'wsfd';
import type { KeyAlgorithm } from 'wsfd';

const [url = '', root = '', certificate = '', key = '', algorithm = 'EC'] = process.argv.slice(2);
const read = (file: string): string => readFileSync(file, 'utf8');

async function main(): Promise<void> {
  const socket = await webSocketOpen(url, {
    timeout: 10,
    caCertificates: read(root),
    sslConfig: {
      localCertificate: read(certificate),
      privateKey: { key: read(key), algorithm: algorithm as KeyAlgorithm },
    },
  });
  if (socket < 0) {
    for (const error of getLastError()) {
      console.log(`${error.category}: ${error.message}`);
      // With TLS 1.3 a server refuses us only after the handshake; with 1.2 in it.
      for (const [keyword, text] of Object.entries(error.sslErrors ?? {})) {
        console.log(`  ${keyword}: ${text}`);
      }
    }
    process.exitCode = 1;
    return;
  }
  const tls = webSocketInfo(socket)?.tls;
  console.log(`${tls?.version} ${tls?.cipher}, the server is ${tls?.peerCertificate?.subject}`);
  await webSocketClose(socket);
}

void main();
