// The project's own scripts, for their tests.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A module of scripts/; `T` is what it exports. */
export async function importScript<T>(name: string): Promise<T> {
  const path = join(__dirname, '..', '..', '..', 'scripts', name);
  return (await import(pathToFileURL(path).href)) as T;
}
