import { describe, expect, it } from 'vitest';
import { AT, flespi, forwarded, IDENT, native, phone, query } from './samples.ts';
import { bytesOf, only, readingWith } from './support.ts';

describe('distances, fuel and volts', () => {
  it('are metres, whatever they were', () => {
    expect(only(flespi({ 'vehicle.mileage': 12_345.678 })).odometer_m).toBe(12_345_678);
    expect(only(forwarded({}, { odometer: 12_345_678.4 })).odometer_m).toBe(12_345_678);
    expect(only(phone({}, { odometer: 1_500.2 })).odometer_m).toBe(1_500);
    expect(only(native({ odometer_m: 5 })).odometer_m).toBe(5);
  });

  it('come from the better source where there are two', () => {
    const both = { 'gps.vehicle.mileage': 7, 'vehicle.mileage': 8, 'fuel.level': 40 };
    expect(only(flespi(both))).toEqual(
      readingWith({
        odometer_m: 8_000,
        fuel_level_pct: 40,
        rest: { 'gps.vehicle.mileage': 7, 'fuel.level': 40 },
      }),
    );
  });

  it('keep litres and percent apart', () => {
    expect(only(flespi({ 'can.fuel.level': 40, 'can.fuel.volume': 32.5 }))).toEqual(
      readingWith({ fuel_level_pct: 40, fuel_l: 32.5 }),
    );
    const fuel = only(forwarded({}, { fuelLevel: 40, fuel: 32.5, fuelConsumption: 6.5 }));
    expect([fuel.fuel_level_pct, fuel.fuel_l, fuel.fuel_rate_lph]).toEqual([40, 32.5, 6.5]);
    const litres = only(flespi({ 'can.fuel.level': 240 }));
    expect([litres.fuel_level_pct, litres.flags]).toEqual([null, ['fuel_level_pct_impossible']]);
  });

  it('flag volts that are millivolts', () => {
    const told = { 'external.powersource.voltage': 12_600, 'battery.voltage': 4.1 };
    expect(only(flespi(told))).toEqual(
      readingWith({
        battery_v: 4.1,
        rest: { 'external.powersource.voltage': 12_600 },
        flags: ['external_v_impossible'],
      }),
    );
  });

  it('keep a phone battery as the share it is', () => {
    const battery = { level: 0.57, is_charging: false };
    expect(only(phone({}, { battery })).rest).toEqual({ battery });
  });
});

describe('what else is told', () => {
  it('is buffered by the word of flespi, Traccar and our own format', () => {
    expect(only(flespi({ 'message.buffered.status': true })).buffered).toBe(true);
    expect(only(forwarded({}, { archive: true })).buffered).toBe(true);
    expect(only(native({ buffered: 1 })).buffered).toBe(true);
  });

  it('has ignition, inputs, tags, counts and faults in their columns', () => {
    const told = {
      ignition: true,
      rpm: 1_499.6,
      input: 5,
      output: 1,
      sat: 9,
      hdop: 0.8,
      index: 77,
      power: 13.8,
      battery: 4,
      driverUniqueId: 'A1B2',
      dtcs: 'P0301 U0100',
    };
    expect(only(forwarded({ course: 360, altitude: -3.5 }, told))).toEqual(
      readingWith({
        lat: 45.5,
        lon: 7.25,
        valid: true,
        speed_kmh: 0,
        course_deg: 0,
        altitude_m: -3.5,
        ignition: true,
        engine_rpm: 1_500,
        din: 5,
        dout: 1,
        satellites: 9,
        hdop: 0.8,
        seq: 77,
        external_v: 13.8,
        battery_v: 4,
        driver_tag: 'A1B2',
        dtcs: ['P0301', 'U0100'],
      }),
    );
  });

  it('tells no faults from no word about faults', () => {
    expect(only(forwarded({}, { dtcs: '' })).dtcs).toEqual([]);
    expect(only(forwarded()).dtcs).toBeNull();
    expect(only(flespi({ 'can.dtc': [{ code: 'P0100', standard: 'OBDII' }] })).dtcs).toEqual([
      'P0100',
    ]);
    const prose = only(forwarded({}, { dtcs: 'MIL is OFF0 codes' }));
    expect([prose.dtcs, prose.flags]).toEqual([null, ['dtcs_unreadable']]);
    expect(prose.rest).toEqual({ dtcs: 'MIL is OFF0 codes' });
  });

  it('leaves out what tells of the way and of people', () => {
    const hop = { 'server.timestamp': 1, peer: '198.51.100.7:1', 'device.name': 'x', 'gsm.x': 4 };
    expect(only(flespi(hop)).rest).toEqual({ 'gsm.x': 4 });
    expect(JSON.stringify(only(forwarded()))).not.toMatch(/Van|555/);
  });

  it('keeps long numbers of queries in their digits', () => {
    const asked = query({ tag: '12345678901234567890', batt: '87.5', charge: 'true', wifi: '' });
    expect(only(asked).rest).toEqual({
      tag: '12345678901234567890',
      batt: 87.5,
      charge: true,
      wifi: '',
    });
    expect(only(`${query({ a: '1' })}&a=2`)).toEqual(
      readingWith({ rest: { a: 1 }, flags: ['key_repeated'] }),
    );
  });

  it('has the bearing of a query before its heading', () => {
    expect(only(query({ heading: '20', bearing: '10' }))).toEqual(
      readingWith({ course_deg: 10, rest: { heading: 20 } }),
    );
  });

  it('flags whole numbers that JSON could not carry', () => {
    const text = `{"ident":"${IDENT}","device_time":"${AT}","tag":12345678901234567890}`;
    expect(only(bytesOf(text)).flags).toEqual(['number_rounded']);
  });
});
