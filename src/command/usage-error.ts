/** The command line cannot be obeyed; the message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
