import { describe, expect, it } from 'vitest';
import { crc16, crcMatches, crcText } from '#ingest/formats/wialonIps/crc16.ts';
import { only, readingWith, rejectsOf, us } from '#tests/ingest/formats/support.ts';

const AT = '020326;115958';
const PLACE = '4530.0;N;00715.0;E';
const SHORT = `${AT};${PLACE};36;90;120;8`;
const IDENT = '000000000000017';

const sd = (body: string) => only(`${IDENT}#SD#${body}`);
const d = (body: string) => only(`${IDENT}#D#${body}`);
const wrong = (frame: string) => {
  const [reject] = rejectsOf(`${IDENT}${frame}`);
  return [reject?.code, reject?.field];
};

const place = { lat: 45.5, lon: 7.25 };
const short = { ...place, speed_kmh: 36, course_deg: 90, altitude_m: 120, satellites: 8 };

describe('the checksum', () => {
  it('is CRC-16/ARC', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0xbb3d);
    expect(crc16(Buffer.alloc(0))).toBe(0);
    expect(crcText(Buffer.from('2.0;imei;NA;'))).toBe('A932');
  });

  it('is read in upper and lower case, with 0x before it, and without leading zeros', () => {
    const bytes = Buffer.from('\u0001\u00c0');
    const text = crcText(bytes);
    expect(crcMatches(text.toLowerCase(), bytes)).toBe(true);
    expect(crcMatches(`0x${text.toLowerCase()}`, bytes)).toBe(true);
    expect(crcMatches('0', Buffer.alloc(0))).toBe(true);
    expect(crcMatches('', Buffer.alloc(0))).toBe(false);
    expect(crcMatches('-0', Buffer.alloc(0))).toBe(false);
  });
});

describe('a record', () => {
  it('is read as the example of the protocol', () => {
    const frame =
      '2.0;000000000000017#D#231012;153959;5354.49260;N;02731.44990;E;0;0;300;7;1.1;0;0;1,0,0,0;NA;' +
      'ign:1:1,dparam:2:3.14159265,tparam:3:lorem,iparam:1:-55,SOS:1:1;4BC3';
    expect(only(frame)).toEqual(
      readingWith({
        device_time_us: us('2012-10-23T15:39:59.000Z'),
        lat: 53.90821,
        lon: 27.524165,
        speed_kmh: 0,
        course_deg: 0,
        altitude_m: 300,
        satellites: 7,
        hdop: 1.1,
        din: 0,
        dout: 0,
        ignition: true,
        rest: {
          adc: [1, 0, 0, 0],
          dparam: Number('3.14159265'),
          tparam: 'lorem',
          iparam: -55,
          SOS: 1,
        },
      }),
    );
  });

  it('is read when it is a short one', () => {
    expect(sd(SHORT)).toEqual(readingWith(short));
    expect(sd(`${SHORT};`)).toEqual(readingWith(short));
    expect(sd(`${AT};4530.0;s;00715.0;w;36;90;120;8`)).toMatchObject({ lat: -45.5, lon: -7.25 });
  });

  it('has the time of arrival where it tells none, and fractions where it tells some', () => {
    const assumed = sd(`NA;NA;${PLACE};NA;NA;NA;NA`);
    expect(assumed).toEqual(
      readingWith({
        ...place,
        device_time_us: us('2026-03-02T12:00:00.000Z'),
        flags: ['time_assumed'],
      }),
    );
    const fine = sd(`020326;115958.123456789;${PLACE};NA;NA;NA;NA`);
    expect(fine.device_time_us).toBe(us('2026-03-02T11:59:58.000Z') + 123_456);
  });

  it('without coordinates says that there was no fix', () => {
    expect(d('020326;115958;NA;NA;NA;NA;0.000;;NA;0;NA;NA;NA;NA;NA;101_5.2_9:1:509')).toEqual(
      readingWith({ valid: false, speed_kmh: 0, satellites: 0, rest: { '101_5.2_9': 509 } }),
    );
    expect(sd(`${AT};;;;;NA;NA;NA;0`).valid).toBe(false);
    expect(sd(`${AT};0000.0;N;00000.0;E;0;0;0;0`)).toMatchObject({
      lat: null,
      valid: false,
      flags: ['zero_fix'],
    });
  });

  it('is read with decimals, negative heights, long fractions and more than 59 minutes', () => {
    const frame = `${AT};5364.0167;N;00715.123456789012345;E;18.223;99.766;-4.000;10`;
    expect(sd(frame)).toEqual(
      readingWith({
        lat: 54.066945,
        lon: 7.25205761,
        speed_kmh: 18.223,
        course_deg: 99.766,
        altitude_m: -4,
        satellites: 10,
        flags: ['minutes_over_60'],
      }),
    );
  });

  it('is read with the last fields absent, empty or NA, and a semicolon too many', () => {
    for (const end of ['', ';', ';0.8;4;0', ';0.8;4;0;;NA', ';0.8;4;0;;NA;', ';0.8;4;0;NA;;NA;']) {
      const reading = d(`${SHORT}${end}`);
      expect(reading).toMatchObject({
        ...short,
        rest: {},
        flags: [],
        dtcs: null,
        driver_tag: null,
      });
      if (end.length > 1) expect([reading.hdop, reading.din, reading.dout]).toEqual([0.8, 4, 0]);
    }
    expect(d(`${SHORT};0.8;4;0;14.7,,3.6;AB45;`)).toMatchObject({
      driver_tag: 'AB45',
      rest: { adc: [14.7, null, 3.6] },
    });
  });

  it('takes parameters of any name and text, and no digit is lost', () => {
    const params =
      'Батарея:3:100 %,motion:3:false,big:1:9223372036854775807,empty:1:,note:3:left, then right; stop';
    expect(d(`${SHORT};NA;NA;NA;;NA;${params}`).rest).toEqual({
      Батарея: '100 %',
      motion: 'false',
      big: '9223372036854775807',
      note: 'left, then right; stop',
    });
  });

  it('takes parameters named like a column into it, and no other', () => {
    const params =
      'odometer_m:1:1200,fuel_l:2:32.5,external_v:2:12600,mileage:2:7,ignition:3:true,dtcs:3:P0301 U0100,seq:1:9';
    expect(d(`${SHORT};NA;NA;NA;;NA;${params}`)).toEqual(
      readingWith({
        ...short,
        odometer_m: 1_200,
        fuel_l: 32.5,
        ignition: true,
        dtcs: ['P0301', 'U0100'],
        seq: 9,
        rest: { external_v: 12_600, mileage: 7 },
        flags: ['external_v_impossible'],
      }),
    );
  });

  it('that says something twice has what it said first, and is flagged', () => {
    const twice = d(`${SHORT};NA;NA;NA;;NA;ign:1:1,a:1:1,a:1:2,seq:1:4,seq:1:5,ignition:1:0`);
    expect(twice).toEqual(
      readingWith({
        ...short,
        ignition: true,
        seq: 4,
        rest: { a: 1, ignition: 0 },
        flags: ['key_repeated'],
      }),
    );
  });

  it('of version 1.1 may have a checksum all the same', () => {
    const body = `${SHORT};NA;NA;NA;;NA;count:1:3;`;
    expect(d(`${body}${crcText(Buffer.from(body))}`).rest).toEqual({ count: 3 });
  });

  it('in bytes that are no UTF-8 is mended', () => {
    const frame = Buffer.from(`${IDENT}#D#${SHORT};NA;NA;NA;;NA;name:3:\xc1\xe0`, 'latin1');
    expect(only(frame)).toMatchObject({ rest: { name: '\ufffd\ufffd' }, flags: ['text_mended'] });
  });
});

describe('a record is a reject', () => {
  it.each([
    ['FrameMalformed', null, '#SD#'],
    ['FrameMalformed', null, `#SD#${AT};${PLACE};36;90;120`],
    ['FrameMalformed', null, `#SD#${SHORT};1.0;4`],
    ['TimeUnreadable', 'date', `#SD#2026-03-02;115958;${PLACE};36;90;120;8`],
    ['TimeUnreadable', 'date', `#SD#020326;NA;${PLACE};36;90;120;8`],
    ['TimeImpossible', 'date', `#SD#310226;115958;${PLACE};36;90;120;8`],
    ['TimeImpossible', 'date', `#SD#020326;245958;${PLACE};36;90;120;8`],
    ['PositionUnreadable', 'lat1', `#SD#${AT};4530.0;X;00715.0;E;36;90;120;8`],
    ['PositionUnreadable', 'lat1', `#SD#${AT};-4530.0;N;00715.0;E;36;90;120;8`],
    ['PositionUnreadable', 'lat1', `#SD#${AT};4530.0;;00715.0;E;36;90;120;8`],
    ['PositionIncomplete', 'lat1', `#SD#${AT};4530.0;N;NA;NA;36;90;120;8`],
    ['PositionImpossible', 'lat1', `#SD#${AT};9100.0;N;00715.0;E;36;90;120;8`],
    ['PositionImpossible', 'lat1', `#SD#${AT};4500.0;N;18100.0;E;36;90;120;8`],
    ['FieldUnreadable', 'speed', `#SD#${AT};${PLACE};fast;90;120;8`],
    ['FieldUnreadable', 'course', `#SD#${AT};${PLACE};36;N;120;8`],
    ['FieldUnreadable', 'height', `#SD#${AT};${PLACE};36;90;high;8`],
    ['FieldUnreadable', 'sats', `#SD#${AT};${PLACE};36;90;120;many`],
    ['FieldUnreadable', 'hdop', `#D#${SHORT};good;0;0;;NA;NA`],
    ['FieldUnreadable', 'inputs', `#D#${SHORT};1;on;0;;NA;NA`],
    ['FieldUnreadable', 'outputs', `#D#${SHORT};1;0;off;;NA;NA`],
    ['FieldUnreadable', 'adc', `#D#${SHORT};1;0;0;1,x;NA;NA`],
    ['FieldUnreadable', 'params', `#D#${SHORT};1;0;0;;NA;ign=1`],
    ['FieldUnreadable', 'params', `#D#${SHORT};1;0;0;;NA;count:1:few`],
    ['FieldUnreadable', 'params', `#D#${SHORT};1;0;0;;NA;count:4:5`],
  ])('%s %s: %s', (code, field, frame) => {
    expect(wrong(frame)).toEqual([code, field]);
  });

  it('but a value that can be read and cannot be is only flagged', () => {
    expect(sd(`${AT};${PLACE};999;90;120;8`)).toMatchObject({
      ...place,
      speed_kmh: null,
      rest: { speed: '999' },
      flags: ['speed_kmh_impossible'],
    });
  });
});
