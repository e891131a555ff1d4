/** The advice of `wsfd inspect` for a certificate that was refused. */
import type { SslErrorKeyword } from '../index.js';

/** A refused certificate, and the flags that matter for it. */
interface Refusal {
  /** The errors to ignore for the certificate to pass. */
  keywords: readonly SslErrorKeyword[];
  /** Of the server's key; undefined: the server sent no certificate. */
  pin: string | undefined;
  /** True if --pin was given. */
  pinned: boolean;
  /** True if --ca was given. */
  hasOwnRoots: boolean;
}

/** How to correct an error instead of ignoring it. */
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

/** The errors of a chain without a trusted root. */
const ABOUT_TRUST: readonly SslErrorKeyword[] = [
  'UnableToGetIssuerCertificate',
  'UnableToGetLocalIssuerCertificate',
  'UnableToVerifyFirstCertificate',
  'SelfSignedCertificateInChain',
  'CertificateUntrusted',
  'CertificateRejected',
];

/** The faults of a chain that has a trusted root, and who can exploit each. */
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

/** The width of the advice on every terminal. */
const COLUMNS = 80;

/** Wraps a text into lines that begin with the indent. */
function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length < COLUMNS) lines.splice(-1, 1, longer);
    else lines.push(indent + word);
  }
  return lines;
}

/** Who can impersonate the server when these errors are ignored. */
function whoElseCanAnswer({ keywords }: Refusal): string {
  const known = WITHIN_TRUST.map(([keyword]) => keyword);
  if (keywords.some((keyword) => !known.includes(keyword))) {
    return 'whoever can get into the way, with a certificate of their own making';
  }
  return WITHIN_TRUST.filter(([keyword]) => keywords.includes(keyword))
    .map(([, whoElse]) => whoElse)
    .join(', or ');
}

/** The effect of the list on the connection's security. */
function consequence(refusal: Refusal): string[] {
  const { keywords, pin, pinned } = refusal;
  if (pinned && !keywords.includes('CertificateBlacklisted')) {
    return ['The pin holds beside the list: the server alone, which has its key, can answer.'];
  }
  const who = whoElseCanAnswer(refusal);
  const warning = wrap(`Warning: with this list, ${who}, can answer in the server's place.`);
  if (pinned) return [...warning, 'The pin that was given is without effect then.'];
  // A pin on a revoked key gives no security.
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
  /** The options that ignore the errors, and the remedies. */
  list: string[];
  warning: string[];
}

/** The options that ignore the errors, the remedies, and the warning. */
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
