// Values of every type, and objects that throw whatever is done to them.

/** What those throw. */
export class Trap extends Error {}

export const trap = (): never => {
  throw new Trap('sprung');
};

export const throwing: ProxyHandler<object> = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((name) => [name, trap]),
);

const hedgehog: Error = new Proxy(new Error('look'), {
  getPrototypeOf: () => {
    throw hedgehog;
  },
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

export const weird: [name: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['false', false],
  ['-0', -0],
  ['1e308', 1e308],
  ['a bigint', 2n ** 70n],
  ['a symbol', Symbol('weird')],
  ['a NUL', '\0'],
  ['a lone surrogate', '\ud800'],
  ['an object without prototype', Object.create(null)],
  ['a list without prototype', Object.setPrototypeOf(['x'], null)],
  ['a list with holes', new Array(3)],
  ['a list that contains itself', ((list: unknown[]) => (list.push(list), list))([])],
  ['a proxy that throws', new Proxy({}, throwing)],
  ['a function proxy that throws', new Proxy(() => undefined, throwing)],
  ['a revoked proxy', revoked()],
  [
    'an object whose conversions throw',
    { toString: trap, valueOf: trap, [Symbol.toPrimitive]: trap },
  ],
  [
    'an object whose getter throws what throws itself when it is looked at',
    {
      get headers(): never {
        throw hedgehog;
      },
    },
  ],
  ['a list whose iterator throws', Object.assign(['x'], { [Symbol.iterator]: trap })],
  ['a thenable that throws', { then: trap }],
  ['a class', class {}],
  ['a date that is none', new Date(NaN)],
  ['a map', new Map([['timeout', 1]])],
  ['a float array', new Float64Array(2)],
  ['a data view', new DataView(new ArrayBuffer(4))],
  ['an array buffer', new ArrayBuffer(4)],
  ['a boxed string', Object('ws://127.0.0.1:1/')],
  ['a regular expression', /x/],
  ['a promise', Promise.resolve(0)],
];
