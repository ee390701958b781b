import type { AllStreamRecordedEvent } from '@eventstore/db-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromServer, toServer } from '#adapters/eventStoreDbCodec.ts';
import { LedgerEvent } from '#domain/kernel/event.ts';
import { anEvent, randomStream, randomTenant, textOf } from '#tests/contracts/eventStoreSamples.ts';

const stream = randomStream(randomTenant());

/** What the server gives back for what it was sent: everything went through JSON. */
const stored = (text: string, changes: object = {}): AllStreamRecordedEvent => {
  const { id, type, data, metadata } = toServer(text);
  return {
    streamId: stream,
    id,
    type,
    isJson: true,
    revision: 3n,
    created: new Date(1_700_000_000_123),
    position: { commit: 42n, prepare: 42n },
    data: JSON.parse(JSON.stringify(data)),
    metadata: JSON.parse(JSON.stringify(metadata)),
    ...changes,
  };
};

/** Objects as JSON can say them, keys that look like numbers among them. */
const anyData = fc.dictionary(
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat(20).map(String)),
  fc.jsonValue({ noUnicodeString: false }),
);

describe('the codec of EventStoreDB', () => {
  it('gives every event back byte for byte', () => {
    fc.assert(
      fc.property(anyData, fc.boolean(), (data, caused) => {
        const event = anEvent(stream);
        const causationId = caused ? event.id : null;
        const text = textOf(LedgerEvent.parse({ ...event, data, causationId }));
        expect(fromServer(stored(text))).toEqual({
          position: 42n,
          revision: 3n,
          stream,
          type: 'TripEnded',
          rawTime_ms: 1_700_000_000_123,
          text,
        });
      }),
    );
  });

  it('puts both ids where the server’s tools look for them', () => {
    const event = anEvent(stream);
    const caused = LedgerEvent.parse({ ...event, causationId: event.id });
    expect(toServer(textOf(caused)).metadata).toMatchObject({
      $correlationId: event.correlationId,
      $causationId: event.id,
    });
    expect(toServer(textOf(event)).metadata).not.toHaveProperty('$causationId');
  });

  it('throws for an event that is not what was written', () => {
    const text = textOf(anEvent(stream, { amount: '100' }));
    const metadata = { ...Object(stored(text).metadata) };
    const altered = [
      { data: { amount: '101' } },
      { data: { amount: '100', more: 1 } },
      { type: 'TripStarted' },
      { id: anEvent(stream).id },
      { streamId: randomStream(randomTenant()) },
      { metadata: { ...metadata, occurredAt: '2026-03-02T08:00:00.001Z' } },
      { metadata: { ...metadata, textHash: '0'.repeat(64) } },
      { metadata: {} },
      { metadata: undefined },
    ];
    for (const changes of altered) {
      expect(() => fromServer(stored(text, changes)), JSON.stringify(changes)).toThrow(
        'is not what was written',
      );
    }
  });

  it('passes over what is not the ledger’s', () => {
    const text = textOf(anEvent(stream));
    const foreign = [
      { streamId: '$ce-vehicle', type: '$>' },
      { streamId: `$$${stream}`, type: '$metadata' },
      { streamId: 'Orders 17' },
      { type: '$scavengeStarted' },
    ];
    for (const changes of foreign) expect(fromServer(stored(text, changes))).toBeNull();
    expect(fromServer(undefined)).toBeNull();
  });
});
