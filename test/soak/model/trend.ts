// Whether a quantity grows: a straight line through its samples.

export interface Point {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
}

export interface Line {
  /** What is added per second. */
  readonly slope: number;
  /** The slope's standard error; Infinity for fewer than three points. */
  readonly error: number;
  readonly mean: number;
  readonly points: number;
}

/** The line of least squares. */
export function fitLine(points: readonly Point[]): Line {
  const count = points.length;
  if (count === 0) return { slope: 0, error: Infinity, mean: NaN, points: 0 };
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / count;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / count;
  let spread = 0;
  let together = 0;
  for (const { at, value } of points) {
    spread += (at - meanAt) ** 2;
    together += (at - meanAt) * (value - mean);
  }
  if (spread === 0) return { slope: 0, error: Infinity, mean, points: count };
  const slope = together / spread;
  const rest = points.reduce(
    (sum, { at, value }) => sum + (value - mean - slope * (at - meanAt)) ** 2,
    0,
  );
  const error = count < 3 ? Infinity : Math.sqrt(rest / (count - 2) / spread);
  return { slope, error, mean, points: count };
}

/** The points of the last two thirds of the time that they cover. */
export function lastTwoThirds<T extends { readonly at: number }>(points: readonly T[]): T[] {
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 0;
  const from = first + (last - first) / 3;
  return points.filter(({ at }) => at >= from);
}

export interface Verdict {
  readonly name: string;
  /** Bytes in an hour. */
  readonly perHour: number;
  readonly errorPerHour: number;
  readonly boundPerHour: number;
  /** Bytes in the mean of the time that was looked at. */
  readonly mean: number;
  readonly points: number;
  /** Undefined: too little time to tell. */
  readonly grows: boolean | undefined;
}

/** So many seconds are looked at, or nothing is said. */
const leastJudgedSeconds = 600;

/** Whether the line through the last two thirds rises by more than the bound. */
export function judgeGrowth(name: string, points: readonly Point[], boundPerHour: number): Verdict {
  const judged = lastTwoThirds(points);
  const line = fitLine(judged);
  const covered = (judged.at(-1)?.at ?? 0) - (judged[0]?.at ?? 0);
  const perHour = line.slope * 3600;
  return {
    name,
    perHour,
    errorPerHour: line.error * 3600,
    boundPerHour,
    mean: line.mean,
    points: line.points,
    grows: covered < leastJudgedSeconds ? undefined : perHour > boundPerHour,
  };
}
