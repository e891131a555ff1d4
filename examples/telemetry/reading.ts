// What the plant sends, and what is kept of it.

/** How many sensors the plant has. */
export const SENSORS = 1000;

/** The files that uWebSockets.js reads its key and certificate from. */
export interface ServerSettings {
  key: string;
  cert: string;
}

/** A message of the plant. */
export interface Reading {
  sensor: number;
  value: number;
  /** When it was taken, in milliseconds since 1970. */
  at: number;
}

/** What is known of a sensor: of all its readings so far. */
export interface SensorSummary {
  minimum: number;
  maximum: number;
  mean: number;
  /** Readings per second. */
  rate: number;
}

interface Sums {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
}

/** Minimum, maximum, mean and rate of every sensor. */
export class Statistics {
  private readonly sensors: Sums[] = Array.from({ length: SENSORS }, () => ({
    count: 0,
    sum: 0,
    minimum: Infinity,
    maximum: -Infinity,
  }));

  add({ sensor, value }: Reading): void {
    const sums = this.sensors[sensor];
    if (sums === undefined) return;
    sums.count++;
    sums.sum += value;
    if (value < sums.minimum) sums.minimum = value;
    if (value > sums.maximum) sums.maximum = value;
  }

  /** How many sensors have been heard of. */
  get heard(): number {
    return this.sensors.filter(({ count }) => count > 0).length;
  }

  /** What is known of one after so many seconds. */
  summary(sensor: number, seconds: number): SensorSummary | undefined {
    const sums = this.sensors[sensor];
    if (sums === undefined || sums.count === 0) return undefined;
    const { minimum, maximum, sum, count } = sums;
    return { minimum, maximum, mean: sum / count, rate: count / seconds };
  }
}
