/** User name and password of a URL. */

/** Decodes percent-encoding (RFC 3986 section 2.1); undefined if it is not that of UTF-8. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The advice for an invalid escape, which is not shown: it may be part of a password. */
export const ESCAPE_ADVICE =
  'a % that is not followed by the two digits of a byte of UTF-8; write ü as %C3%BC, and % as %25';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

function readCredential(text: string, refuse: (what: string) => Error): string {
  const credential = decodePercent(text);
  if (credential === undefined) throw refuse(`its credentials have ${ESCAPE_ADVICE}`);
  // RFC 7617 section 2: "The user-id and password MUST NOT contain any control characters".
  if (/[\u0000-\u001f\u007f]/.test(credential)) {
    throw refuse('its credentials have a CR, LF, NUL or other control character');
  }
  return credential;
}

/** Those of a URL; throws the error that `refuse` makes of their fault. */
export function readCredentials(url: URL, refuse: (what: string) => Error): Credentials {
  return {
    username: readCredential(url.username, refuse),
    password: readCredential(url.password, refuse),
  };
}

/** RFC 7617: the Basic scheme, with the credentials as UTF-8; empty where there are none. */
export function basicAuthorization(
  { username, password }: Credentials,
  refuse: (what: string) => Error,
): string {
  if (username === '' && password === '') return '';
  // RFC 7617 section 2: "a user-id containing a colon character is invalid, as the first colon in a
  // user-pass string separates user-id and password".
  if (username.includes(':')) throw refuse('HTTP allows no colon in the user name (RFC 7617)');
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
