/** Hides the credentials of a URL that is shown to somebody. */

/**
 * The URL, which may be wrong, with *** for its credentials. They end at the last @: a password may
 * have a /, ? or # that should have been escaped.
 */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:)?([\\/]*).*@/is, '$1$2***@');
}
