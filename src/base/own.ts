/** A copy of an object's own properties, without a prototype that could have others. */
export const ownOf = <T extends object>(object: T): T =>
  Object.assign(Object.create(null) as T, object);
