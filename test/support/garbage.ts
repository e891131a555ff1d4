// V8's garbage collector, for tests of what has to happen when nobody holds something any more.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects all that nobody holds. Finalizers of native memory run in the loop's next turn. */
export const collectGarbage = runInNewContext('gc') as () => void;
