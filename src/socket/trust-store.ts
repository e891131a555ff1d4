/** What a connection trusts that names no certificates itself: what `tls.connect` trusts. */
import { readFileSync } from 'node:fs';

import { tls } from '../base/builtin.js';
import { native } from '../native/addon.js';

/** What `node:tls` has from Node.js 22.15 and 23.10 on. */
interface NewerTls {
  getCACertificates?: (type: 'default') => readonly string[];
}

/** What Node.js tells of its roots: not those that OpenSSL looks up in files. */
function certificatesTold(listed: readonly string[] | undefined): string[] {
  if (listed !== undefined) return [...listed];
  const certificates = [...tls().rootCertificates];
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  if (extra !== undefined && extra !== '') {
    try {
      // (as bytes: OpenSSL passes over a byte order mark)
      certificates.push(readFileSync(extra, 'latin1'));
    } catch {
      // Node itself warns of the file at its start and goes on without it.
    }
  }
  return certificates;
}

/** The list of defaults for which native code has the store; false: for none yet. */
let adopted: readonly string[] | undefined | false = false;

/** Sees to it that native code has the default trust store as it is now. */
export function ensureDefaultTrustStore(): void {
  // The same array until `tls.setDefaultCACertificates` is called; undefined in older versions, which
  // do not have that function either.
  const listed = (tls() as NewerTls).getCACertificates?.('default');
  if (adopted === listed) return;
  // What is trusted follows from flags of the process, which a worker thread does not see, from
  // variables, and from how Node.js was built, and OpenSSL may look it up in folders as it goes: a
  // context with default options knows it all. (One that somebody else makes and keeps is no new one.)
  if (!native.adoptTrustStore(() => tls().createSecureContext())) {
    native.setTrustStore(certificatesTold(listed));
  }
  adopted = listed;
}
