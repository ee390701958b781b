import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { type Decider, replay } from '#domain/kernel/decider.ts';

/** Given a history, when a command comes, then these facts follow, or this refusal. */
export const spec = <Command, Event, State, Refusal extends { readonly code: string }>(
  decider: Decider<Command, Event, State, Refusal>,
) => ({
  given: (...history: readonly Event[]) => ({
    when: (command: Command) => {
      const decision = decider.decide(command, replay(decider, history));
      return {
        yields: (...events: readonly Event[]): void => {
          expect(isLeft(decision) ? decision.left : decision.right).toEqual(events);
        },
        refuses: (code: Refusal['code']): void => {
          expect(isRight(decision) ? decision.right : decision.left).toMatchObject({ code });
        },
      };
    },
  }),
});
