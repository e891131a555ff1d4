// An actor does one plan after the other, for as long as its world goes on.
import { Random } from '../model/random';
import { planOf } from '../model/plan';
import type { Plan } from '../model/plan';
import type { Outcome } from '../model/judge';
import { runPlan } from './session';
import type { World } from './world';

export type OnOutcome = (plan: Plan, outcome: Outcome) => void;

async function act(name: string, world: World, onOutcome: OnOutcome): Promise<void> {
  const random = new Random(name);
  // Not all at once.
  await world.pause(random.between(0, 3000));
  for (let count = 0; !world.stopping; count++) {
    const plan = planOf(`${name}.${count}`);
    onOutcome(plan, await runPlan(plan, world));
    if (!random.chance(0.3)) await world.pause(random.between(0, 1000));
  }
}

/** Resolves when all of them have come to their ends. */
export async function runActors(
  name: string,
  actors: number,
  world: World,
  onOutcome: OnOutcome,
): Promise<void> {
  const names = Array.from({ length: actors }, (_, i) => `${name}-${i}`);
  await Promise.all(names.map((actor) => act(actor, world, onOutcome)));
}
