/** The default trust store, which is that of `tls.connect`. */
import { readFileSync } from 'node:fs';

import { tls } from '../base/builtin.js';
import { native } from '../native/addon.js';

/** `node:tls` from Node.js 22.15 and 23.10 on. */
interface NewerTls {
  getCACertificates?: (type: 'default') => readonly string[];
}

/** The roots that Node.js lists, without those that OpenSSL looks up in files. */
function listedCertificates(listed: readonly string[] | undefined): string[] {
  if (listed !== undefined) return [...listed];
  const certificates = [...tls().rootCertificates];
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  if (extra !== undefined && extra !== '') {
    try {
      // (as bytes: OpenSSL skips a byte order mark)
      certificates.push(readFileSync(extra, 'latin1'));
    } catch {
      // Node.js itself warns of the file at its start and ignores it.
    }
  }
  return certificates;
}

/** The list of defaults that native code's store was made for; false: none yet. */
let adopted: readonly string[] | undefined | false = false;

/** Gives native code the current default trust store. */
export function ensureDefaultTrustStore(): void {
  // The same array until `tls.setDefaultCACertificates` is called; undefined in older versions,
  // which have neither function.
  const listed = (tls() as NewerTls).getCACertificates?.('default');
  if (adopted === listed) return;
  // The default trust store depends on process flags, which a worker thread does not see, on
  // environment variables and on the build of Node.js, and OpenSSL may look certificates up in
  // folders. A context with default options has all of it. (A patched createSecureContext may
  // return an older context, which does not count.)
  if (!native.adoptTrustStore(() => tls().createSecureContext())) {
    native.setTrustStore(listedCertificates(listed));
  }
  adopted = listed;
}
