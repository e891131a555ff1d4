/** What `wsfd inspect` advises where a certificate was refused: what the case at hand allows. */
import type { SslErrorKeyword } from '../index.js';

/** What is known of a certificate that was refused. */
interface Refusal {
  /** The errors that are to be ignored for it to pass. */
  keywords: readonly SslErrorKeyword[];
  /** Of the server's key; undefined: it showed no certificate. */
  pin: string | undefined;
  /** True if --pin was given. */
  pinned: boolean;
  /** True if --ca was given. */
  hasOwnRoots: boolean;
}

/** What puts an end to an error, in place of ignoring it. */
const REMEDIES: Partial<Record<SslErrorKeyword, string>> = {
  SelfSignedCertificate: 'trust this certificate itself: caCertificates (--ca FILE)',
  HostNameMismatch: 'a name that the certificate has: in the URL, or as serverName (--server-name)',
  CertificateExpired: 'a renewed certificate on the server, and the right time here',
  CertificateNotYetValid: 'the right time here and where the certificate was made',
  CertificateRevoked: 'a new certificate on the server: its CA has taken this one back',
  CertificateBlacklisted:
    'the pin of this key (--pin), if the server has a new one for a known reason',
  InvalidPurpose: 'a certificate that was made for TLS servers',
  NoPeerCertificate: 'a cipher suite with a certificate (--ciphers)',
};

/** Whether a root that signed the chain is trusted. */
const ABOUT_TRUST: readonly SslErrorKeyword[] = [
  'UnableToGetIssuerCertificate',
  'UnableToGetLocalIssuerCertificate',
  'UnableToVerifyFirstCertificate',
  'SelfSignedCertificateInChain',
  'CertificateUntrusted',
  'CertificateRejected',
];

/** Each is a fault of a chain that is otherwise one of a root that is trusted here. */
const WITHIN_TRUST: readonly (readonly [keyword: SslErrorKeyword, whoElse: string])[] = [
  ['CertificateRevoked', 'whoever has the key that was revoked'],
  ['HostNameMismatch', 'whoever has a certificate of a trusted CA for any other name'],
  ['InvalidPurpose', 'whoever has a certificate of a trusted CA for any other purpose'],
  ['CertificateExpired', 'whoever has come by the key of a certificate since it expired'],
  ['CertificateNotYetValid', 'whoever has the key of a certificate that is not valid yet'],
];

function remedyFor(keyword: SslErrorKeyword, { hasOwnRoots }: Refusal): string {
  if (!ABOUT_TRUST.includes(keyword)) return REMEDIES[keyword] ?? 'docs/TLS.md says what it means';
  return hasOwnRoots
    ? 'the root that signed it, which no --ca file has: caCertificates (--ca FILE)'
    : "the root of the server's CA: caCertificates (--ca FILE)";
}

/** A terminal's width, where it is not known to be another. */
const COLUMNS = 80;

/** The text in lines that fit, each behind the indent. */
function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length < COLUMNS) lines.splice(-1, 1, longer);
    else lines.push(indent + word);
  }
  return lines;
}

/** Who can answer in the server's place where these errors are ignored. */
function whoElseCanAnswer({ keywords }: Refusal): string {
  const known = WITHIN_TRUST.map(([keyword]) => keyword);
  if (keywords.some((keyword) => !known.includes(keyword))) {
    return 'whoever can get into the way, with a certificate of their own making';
  }
  return WITHIN_TRUST.filter(([keyword]) => keywords.includes(keyword))
    .map(([, whoElse]) => whoElse)
    .join(', or ');
}

/** What the list means for the safety of the connection. */
function consequence(refusal: Refusal): string[] {
  const { keywords, pin, pinned } = refusal;
  if (pinned && !keywords.includes('CertificateBlacklisted')) {
    return ['The pin holds beside the list: the server alone, which has its key, can answer.'];
  }
  const who = whoElseCanAnswer(refusal);
  const warning = wrap(`Warning: with this list, ${who}, can answer in the server's place.`);
  if (pinned) return [...warning, 'The pin that was given is without effect then.'];
  // The key may be in other hands already.
  if (pin === undefined || keywords.includes('CertificateRevoked')) return warning;
  return [
    ...warning,
    'A pin beside the list leaves the server alone, which has the key, if it is the',
    'right one that answered now:',
    `   pinnedPublicKeys: '${pin}'`,
    `   wsfd --pin ${pin} …`,
  ];
}

interface Advice {
  /** What would let the certificate pass. */
  list: string[];
  warning: string[];
}

/** What would let the certificate pass, what that means, and what is better. */
export function adviceFor(refusal: Refusal): Advice {
  const { keywords } = refusal;
  const remedies = new Map<string, SslErrorKeyword[]>();
  for (const keyword of keywords) {
    const remedy = remedyFor(keyword, refusal);
    remedies.set(remedy, [...(remedies.get(remedy) ?? []), keyword]);
  }
  return {
    list: [
      'What would let it through:',
      `   ignoreSslErrors: [${keywords.map((keyword) => `'${keyword}'`).join(', ')}]`,
      `   wsfd --ignore-ssl-errors ${keywords.join(',')} …`,
      'What is better:',
      ...Array.from(remedies, ([remedy, of]) => [
        ...wrap(`for ${of.join(', ')}:`, '   '),
        ...wrap(remedy, '      '),
      ]).flat(),
    ],
    warning: consequence(refusal),
  };
}
