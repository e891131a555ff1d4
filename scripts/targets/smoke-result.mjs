// What scripts/targets/smoke.mjs prints where all is well.

const echoed = [true, true, true];

/** Refused where nothing is ignored; the sessions are resumed. */
export const expected = {
  refused: [-1, 'WSFD_CERTIFICATE_REFUSED'],
  connections: [
    { resumed: false, echoed, closed: 0 },
    { resumed: true, echoed, closed: 0 },
    { resumed: true, echoed, closed: 0 },
  ],
};
