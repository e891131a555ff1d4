import { readFileSync } from 'node:fs';

import { tls } from './builtin.js';
import { native } from './native.js';

/** `tls.getCACertificates`, where Node has it (22.15, 23.10 and newer). */
type GetCaCertificates = (type: 'default') => string[];

/** What Node itself would trust: bundled, system or extra certificates, as its flags say. */
function defaultCertificates(): string[] {
  const { getCACertificates: getCaCertificates } = tls() as {
    getCACertificates?: GetCaCertificates;
  };
  if (getCaCertificates !== undefined) return getCaCertificates('default');
  const certificates = [...tls().rootCertificates];
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  if (extra !== undefined && extra !== '') {
    try {
      certificates.push(readFileSync(extra, 'utf8'));
    } catch {
      // Node itself warns of the file at its start and goes on without it.
    }
  }
  return certificates;
}

/** Hands the default trust store to native code, which parses it once in a process. */
export function ensureDefaultTrustStore(): void {
  if (!native.hasDefaultTrustStore()) native.setDefaultTrustStore(defaultCertificates());
}
