// Writes files as the repository's formatter wants them.
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

/** The file's name says what is in it. */
export async function writeFormatted(path: string, text: string): Promise<void> {
  const settings = await resolveConfig(path, { editorconfig: true });
  writeFileSync(path, await format(text, { ...settings, filepath: path }));
}
