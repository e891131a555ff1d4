/** Generators whose waits end when the caller ends the loop. */

/**
 * The generator, whose `return` and `throw` first call `stop`. A suspended generator would first
 * finish its wait, which a stream's destroy() or `await using` has no time for.
 */
export function stoppable<T>(
  generator: AsyncGenerator<T, void, undefined>,
  stop: () => void,
): AsyncGenerator<T, void, undefined> {
  const end = generator.return.bind(generator);
  const fail = generator.throw.bind(generator);
  return Object.assign(generator, {
    return: (value: void | PromiseLike<void>) => {
      stop();
      return end(value);
    },
    throw: (error: unknown) => {
      stop();
      return fail(error);
    },
  });
}
