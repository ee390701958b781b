import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetTimeline } from '#projections/assetTimeline.ts';
import type { AnyProjection, ProjectedEvent } from '#projections/projection.ts';
import { readModels } from '#projections/readModels.ts';
import { logOf, recordedAt, rowsOf, told } from '#tests/support/projectedEvents.ts';
import { berlin, noon, uuid8 } from '#tests/support/samples.ts';
import { anyLog, interleaved } from './anyLog.ts';

/** Each law is held for every read model, so a few dozen logs each come to hundreds. */
const runs = { numRuns: 30 };

/** When and where in the log something was recorded: all that may depend on the order of streams. */
const RECORDING = new Set([
  'updatedAt',
  'recordedAt',
  'position',
  'known',
  'firstKnown',
  'lastKnown',
]);

/** Where rows have to be met, the same logs are drawn each time: meeting them is no matter of luck. */
const KNOWN_SEED = 20_260_101;

const withoutRecording = (projection: AnyProjection, log: readonly ProjectedEvent[]): unknown =>
  JSON.parse(JSON.stringify([...rowsOf(projection, log)].sort()), (name: string, value: unknown) =>
    RECORDING.has(name) ? 0 : value,
  );

describe.each(readModels.map((projection) => ({ name: projection.name, projection })))(
  'the law of $name',
  ({ projection }) => {
    it('rows survive JSON, are parsed again, and stay small', () => {
      let rows = 0;
      fc.assert(
        fc.property(anyLog, (log) => {
          for (const [, row] of rowsOf<unknown>(projection, log)) {
            const text = JSON.stringify(row);
            expect(projection.row.parse(JSON.parse(text))).toEqual(row);
            expect(text.length).toBeLessThan(20_000);
            rows += 1;
          }
        }),
        { ...runs, seed: KNOWN_SEED },
      );
      expect(rows).toBeGreaterThan(0);
    });

    it('the history of its subject holds every event of a row', () => {
      fc.assert(
        fc.property(anyLog, (log) => {
          const { handles } = projection;
          for (const event of log) {
            if (handles !== 'all' && !handles.includes(event.fact.type)) continue;
            for (const key of projection.keys(event)) {
              expect(event.keys).toContain(projection.subject(key));
            }
          }
        }),
        runs,
      );
    });

    // The timeline is the order of the log itself.
    if (projection.name !== assetTimeline.name) {
      it('does not depend on the order in which different streams were written', () => {
        const anyDraws = fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 20 });
        fc.assert(
          fc.property(anyLog, anyDraws, (log, draws) => {
            const other = withoutRecording(projection, interleaved(log, draws));
            expect(other).toEqual(withoutRecording(projection, log));
          }),
          runs,
        );
      });
    }

    it('has columns and indexes that its machinery can make', () => {
      expect(projection.name).toMatch(/^[a-z][a-z0-9_]{0,47}$/);
      for (const members of projection.indexes) {
        for (const member of members) expect(projection.columns).toHaveProperty(member);
      }
    });
  },
);

describe('the asset timeline', () => {
  it('holds every event under every one of its keys, in order', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const rows = [...rowsOf(assetTimeline, log)].sort(([left], [right]) =>
          left < right ? -1 : 1,
        );
        const subjects = new Set(log.flatMap(({ keys }) => keys));
        for (const subject of subjects) {
          const listed = rows.filter(([key]) => key.startsWith(`${subject}/`));
          const events = log.filter(({ keys }) => keys.includes(subject));
          expect(listed.map(([, { event }]) => event)).toEqual(events.map(({ id }) => id));
        }
        expect(rows.length).toBe(log.reduce((sum, { keys }) => sum + keys.length, 0));
      }),
      runs,
    );
  });

  it('says what happened, where it stands, and when it became known', () => {
    const rows = rowsOf(assetTimeline, logOf([told.parkOpened(noon)]));
    expect([...rows]).toEqual([
      [
        `park:${berlin}/00000000000000000001`,
        {
          subject: `park:${berlin}`,
          position: '1',
          event: uuid8(0x1_001),
          type: 'ParkOpened',
          stream: `park-acme.${berlin}`,
          revision: '0',
          occurredAt: noon.at,
          recordedAt: recordedAt(1),
        },
      ],
    ]);
  });
});
