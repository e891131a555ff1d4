/** The loader of prebuilt or locally built addons, which has no types of its own. */
declare module 'node-gyp-build' {
  /** Loads the addon that fits this machine from below `directory`. */
  function load(directory: string): unknown;
  namespace load {
    /** The file that `load` loads. */
    function resolve(directory: string): string;
  }
  export = load;
}
