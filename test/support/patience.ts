import { extent } from './long';

/** Seconds after which what must come is taken for lost: a test fails rather than hangs. */
export const patience = extent(60, 600);
