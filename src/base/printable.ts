/** Others' text for a terminal: nothing in it moves the cursor, changes colours or sets the title. */

/** A character as it is written in C. */
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
