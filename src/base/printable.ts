/** Foreign text for a terminal: it cannot move the cursor, change colours or set the title. */

/** A character as a C escape sequence. */
const escape = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** Tabs and line breaks stay as they are. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, escape);
}

/** The same in one line. */
export function printableLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escape);
}
