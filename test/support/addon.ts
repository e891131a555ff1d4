// The addon that is tested: this clone's, or that of the folder which WSFD_PREBUILD names.
import { join } from 'node:path';

// This file runs as out/test/support/addon.js.
const root = join(__dirname, '..', '..', '..');
const { WSFD_PREBUILD } = process.env;

/** The folder of the addons. */
export const addonFolder = join(WSFD_PREBUILD ?? root, 'build', 'Release');

/** What an environment that is made anew must have, so that the package finds it there. */
export const addonEnvironment = WSFD_PREBUILD === undefined ? {} : { WSFD_PREBUILD };
