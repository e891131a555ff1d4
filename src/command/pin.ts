/** The digest of a certificate's public key, as the option pinnedPublicKeys takes it. */
import { createHash, X509Certificate } from 'node:crypto';

/** Where the contents of a DER element begin and end (X.690 section 8.1). */
interface Element {
  begin: number;
  end: number;
}

function elementAt(der: Buffer, at: number): Element {
  const first = der.readUInt8(at + 1);
  // X.690 section 8.1.3.5: the long form's first octet says how many octets of length follow.
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const begin = at + 2 + octets;
  const length = octets === 0 ? first : der.readUIntBE(at + 2, octets);
  return { begin, end: begin + length };
}

/** RFC 5280 section 4.1: an explicit tag, which certificates of version 1 do not have. */
const VERSION_TAG = 0xa0;
/** serialNumber, signature, issuer, validity and subject precede it. */
const FIELDS_BEFORE_KEY = 5;

/** The DER of a certificate's SubjectPublicKeyInfo. */
function publicKeyInfoOf(der: Buffer): Buffer {
  const certificate = elementAt(der, 0);
  const toBeSigned = elementAt(der, certificate.begin);
  let at = toBeSigned.begin;
  if (der.readUInt8(at) === VERSION_TAG) at = elementAt(der, at).end;
  for (let i = 0; i < FIELDS_BEFORE_KEY; i++) at = elementAt(der, at).end;
  return der.subarray(at, elementAt(der, at).end);
}

/** The pin of a PEM certificate's key: `sha256/` and the digest in base64. */
export function pinOf(pem: string): string {
  const info = publicKeyInfoOf(new X509Certificate(pem).raw);
  return `sha256/${createHash('sha256').update(info).digest('base64')}`;
}
