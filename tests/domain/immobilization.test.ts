import { describe, expect, it } from 'vitest';
import type { ActorId } from '#domain/kernel/ids.ts';
import type { VehicleCommand } from '#domain/registry/vehicle.ts';
import { digest, operation, rentalOfAnn } from '#tests/support/samples.ts';
import {
  about,
  approve,
  at,
  block,
  chief,
  clerk,
  device,
  facts,
  fitted,
  type Given,
  installation,
  job,
  later_s,
  notice,
  other,
  played,
  proposed,
  refusal,
  registered,
  release,
  rented,
  step,
  warned,
  withLadder,
} from './immobilizationScene.ts';

describe('who and what may be blocked', () => {
  it('nothing without an immobilizer, or by another way than its own', () => {
    expect(refusal(registered, block('safety_lockdown', 5))).toBe('ImmobilizerMissing');
    const byMqtt = { method: 'mqtt_relay', unit: 'acme/d1' } as const;
    const withDevice: Given = [
      ...registered,
      { type: 'FitDevice', ...about, ...device, operation, when: at(0) },
      ...fitted(byMqtt).slice(registered.length),
    ];
    expect(refusal(withDevice, block('theft', 5))).toBe('ImmobilizerOfAnotherMethod');
    const asked = block('theft', 5, { method: 'mqtt_relay' });
    expect(facts(withDevice, asked)).toEqual(['BlockRequested']);
    const { fitting } = device;
    const gone: VehicleCommand = {
      ...{ type: 'RemoveDevice', ...about, fitting, reason: 'moved', when: at(3) },
    };
    expect(refusal([...withDevice, gone], asked)).toBe('ImmobilizerDeviceNotFitted');
  });

  it.each(['fuel_pump', 'ignition'] as const)(
    'no %s, which stops a moving vehicle, unless the device was shown to refuse',
    (interrupts) => {
      expect(refusal(fitted({ interrupts }), block('theft', 5))).toBe('ImmobilizerUnsafe');
      const tested = fitted({ interrupts, speed_guard_tested_on: at(0).localDate });
      expect(facts(tested, block('theft', 5))).toEqual(['BlockRequested']);
    },
  );

  it('nobody while new blocks are switched off', () => {
    const command = block('theft', 5, { newBlocksAllowed: false });
    expect(refusal(fitted(), command)).toBe('NewBlocksForbidden');
    expect(facts(fitted(), release(5))).toEqual(['ReleaseRequested']);
  });

  it('for theft and safety by one person, to be reviewed by another', () => {
    const given = [...fitted(), block('safety_lockdown', 5)];
    const held = played(given).vehicle?.immobilization.jobs.get(job);
    expect(held).toMatchObject({ approveBy: null, reasonClass: 'theft_safety' });
    const review = (user: ActorId): VehicleCommand => ({
      ...{ type: 'ReviewBlock', ...about, job, user, finding: 'justified', when: at(60) },
    });
    expect(refusal(given, review(clerk))).toBe('ReviewOfOneself');
    expect(facts(given, review(chief))).toEqual(['BlockReviewed']);
    expect(refusal([...given, review(chief)], review(chief))).toBe('ReviewNotDue');
  });
});

describe('a block for money', () => {
  it('is refused where no ladder is laid down', () => {
    expect(refusal(warned, block('arrears', later_s))).toBe('LadderMissing');
  });

  it('is refused where nobody has the vehicle', () => {
    expect(refusal(fitted(), block('arrears', 5, { rules: withLadder }))).toBe('NobodyToBlockFor');
  });

  it('needs its notices, by enough modes and long enough ago', () => {
    const asked = block('arrears', later_s, { rules: withLadder });
    expect(refusal(rented, asked)).toBe('NoticesMissing');
    expect(refusal([...rented, notice('sms', 20)], asked)).toBe('NoticesMissing');
    expect(refusal([...rented, notice('sms', 20), notice('sms', 30)], asked)).toBe(
      'NoticesMissing',
    );
    const late = [...rented, notice('sms', 20), notice('letter', 7_200)];
    expect(refusal(late, asked)).toBe('NoticesMissing');
    expect(facts(warned, asked)).toEqual(['BlockRequested']);
  });

  it('is refused while an emergency start holds, which itself releases', () => {
    const grant: VehicleCommand = {
      ...{ type: 'GrantEmergencyStart', ...about, user: chief, for_s: 48 * 3_600, job: other },
      when: at(later_s - 3_600),
    };
    expect(facts(warned, grant)).toEqual(['EmergencyStartGranted', 'ReleaseRequested']);
    const asked = block('arrears', later_s, { rules: withLadder });
    expect(refusal([...warned, grant], asked)).toBe('EmergencyStartHolds');
    expect(facts([...warned, grant], block('theft', later_s))).toContain('BlockRequested');
  });

  it('needs a second person, in time, for exactly what was asked', () => {
    expect(refusal(proposed, approve(clerk, later_s + 1))).toBe('ApprovalOfOneself');
    expect(refusal(proposed, approve(chief, later_s + 601))).toBe('ApprovalExpired');
    expect(refusal(proposed, approve(chief, later_s + 1, digest(8)))).toBe(
      'ApprovalOfSomethingElse',
    );
    expect(facts(proposed, approve(chief, later_s + 1))).toEqual(['BlockApproved']);
    const approved = [...proposed, approve(chief, later_s + 1)];
    expect(refusal(approved, approve(chief, later_s + 2))).toBe('ApprovalNotAwaited');
  });

  it('is not approved once the vehicle is with nobody, or in repair', () => {
    const returned: VehicleCommand = {
      ...{ type: 'EndRental', ...about, rental: rentalOfAnn, reason: 'returned' },
      ...{ odometer_m: null, when: at(later_s + 1) },
    };
    expect(refusal([...proposed, returned], approve(chief, later_s + 2))).toBe('SnapshotChanged');
  });

  it('is not sent before it is approved, nor once something has changed', () => {
    const dispatch = step({
      type: 'StartDispatch',
      ...{ job, attempt: 1, sightings: [], newBlocksAllowed: true, when: at(later_s + 3) },
    });
    expect(refusal(proposed, dispatch)).toBe('ApprovalNotAwaited');
    const approved = [...proposed, approve(chief, later_s + 1)];
    expect(refusal(approved, dispatch)).toBe('StandstillUncertain');
    const returned: VehicleCommand = {
      ...{ type: 'EndRental', ...about, rental: rentalOfAnn, reason: 'returned' },
      ...{ odometer_m: null, when: at(later_s + 2) },
    };
    expect(refusal([...approved, returned], dispatch)).toBe('SnapshotChanged');
  });
});

describe('one intent at a time', () => {
  it('a newer block takes the place of one that waits', () => {
    const given = [...fitted(), block('parking', 5)];
    expect(facts(given, block('theft', 6, { id: other }))).toEqual([
      'BlockEnded',
      'BlockRequested',
    ]);
  });

  it('the same request again is the same job', () => {
    expect(facts([...fitted(), block('parking', 5)], block('parking', 5))).toEqual([]);
  });

  it('a release cancels what waits, and works when nothing does', () => {
    expect(facts([...fitted(), block('parking', 5)], release(6))).toEqual([
      'BlockEnded',
      'ReleaseRequested',
    ]);
    expect(facts(fitted(), release(6))).toEqual(['ReleaseRequested']);
  });

  it('a release works for a vehicle that has left the fleet', () => {
    const retired: VehicleCommand = {
      type: 'RetireVehicle',
      ...about,
      reason: 'stolen',
      when: at(9),
    };
    expect(facts([...fitted(), retired], release(10))).toEqual(['ReleaseRequested']);
    expect(refusal([...fitted(), retired], block('theft', 10))).toBe('VehicleRetired');
  });

  it('a block that waits can be called off, one that has ended cannot', () => {
    const cancel: VehicleCommand = {
      ...{ type: 'CancelBlock', ...about, job, user: chief, reason: 'mistake', when: at(7) },
    };
    const given = [...fitted(), block('parking', 5)];
    expect(facts(given, cancel)).toEqual(['BlockCancelled']);
    expect(facts([...given, cancel], cancel)).toEqual([]);
    expect(refusal([...given, release(6)], cancel)).toBe('decided: ');
  });

  it('the immobilizer stays in while it is to block, and a release that cannot be shown ends with it', () => {
    const remove: VehicleCommand = {
      type: 'RemoveImmobilizer',
      ...{ ...about, installation: installation.installation, user: clerk, when: at(8) },
    };
    expect(refusal([...fitted(), block('parking', 5)], remove)).toBe('ImmobilizerInUse');
    expect(facts([...fitted(), release(6)], remove)).toEqual([
      'ReleaseEnded',
      'ImmobilizerRemoved',
    ]);
  });
});
