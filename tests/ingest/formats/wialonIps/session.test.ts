import { describe, expect, it } from 'vitest';
import { crcText } from '#ingest/formats/wialonIps/crc16.ts';
import { compressedBlock, loginFrame, messageFrame } from '#ingest/formats/wialonIps/encode.ts';
import { advance, decideLogin, newSession } from '#ingest/formats/wialonIps/session.ts';
import { ident, latin1 } from '#tests/ingest/formats/support.ts';
import { answersOf, converse, lineBytes } from './dialogue.ts';

const BODY = '020326;115958;4530.0;N;00715.0;E;36;90;120;8';
const FULL = `${BODY};0.8;4;0;1,2;NA;ign:1:1`;
const login1 = lineBytes(`#L#${ident};secret`);
const login2 = loginFrame({ version: '2.0', ident, password: 'secret' });
const checked = (body: string) => `${body}${crcText(Buffer.from(body))}`;

/** The answers to lines after a login of version 1.1 and 2.0. */
const after1 = (...lines: readonly string[]) =>
  answersOf(converse([login1, lineBytes(...lines)]).turns).slice(1);
const after2 = (...lines: readonly string[]) =>
  answersOf(converse([login2, lineBytes(...lines)]).turns).slice(1);

describe('a login', () => {
  it('is asked about and answered, in either version', () => {
    const { session, turns } = converse([login1]);
    expect(turns[0]?.login).toEqual({ version: '1.1', ident, password: 'secret' });
    expect(answersOf(turns)).toEqual(['#AL#1']);
    expect(session).toEqual({ phase: 'open', version: '1.1', ident });
    const second = converse([login2]);
    expect(second.turns[0]?.login).toEqual({ version: '2.0', ident, password: 'secret' });
    expect(second.session).toEqual({ phase: 'open', version: '2.0', ident });
  });

  it('may come compressed, without a password, and of version 2.1', () => {
    const asked = (bytes: Buffer) => converse([bytes]).turns[0]?.login;
    expect(asked(compressedBlock(login2))).toEqual(asked(login2));
    for (const line of [`#L#${ident};NA`, `#L#${ident};`, `#L#${ident}`]) {
      expect(asked(lineBytes(line))).toEqual({ version: '1.1', ident, password: null });
    }
    expect(asked(lineBytes('#L#a.1;secret'))).toMatchObject({ version: '1.1', ident: 'a.1' });
    expect(asked(lineBytes(`#L#${checked(`2.1;${ident};;`)}`))).toMatchObject({
      version: '2.0',
      password: null,
    });
  });

  it('is refused with 0, with 01 for the password, and the connection closes', () => {
    const refused = converse([login1, lineBytes('#P#')], 'refused');
    expect(answersOf(refused.turns)).toEqual(['#AL#0']);
    expect(refused.session.phase).toBe('closed');
    expect(answersOf(converse([login1], 'wrong_password').turns)).toEqual(['#AL#01']);
  });

  it('with a wrong checksum is answered with 10 and may be tried again', () => {
    const { session, turns } = converse([lineBytes(`#L#2.0;${ident};secret;0000`), login2]);
    expect(answersOf(turns)).toEqual(['#AL#10', '#AL#1']);
    expect(session.phase).toBe('open');
  });

  it('that is malformed or of another version is refused', () => {
    const lines = [
      '#L#a b;c',
      '#L#',
      '#L#a;b;c',
      `#L#${checked(`3.0;${ident};NA;`)}`,
      `#L#${checked(`2.0;${ident};NA;x;`)}`,
    ];
    for (const line of lines) {
      const { session, turns } = converse([lineBytes(line)]);
      expect([line, ...answersOf(turns)]).toEqual([line, '#AL#0']);
      expect(session.phase).toBe('closed');
      expect(turns[0]?.rejects.map(({ code }) => code)).toEqual(['LoginMalformed']);
    }
  });

  it('is for one device a connection', () => {
    const other = converse([login1, lineBytes('#L#other;secret')]);
    expect(answersOf(other.turns)).toEqual(['#AL#1', '#AL#0']);
    expect(other.session.phase).toBe('closed');
    expect(answersOf(converse([login1, login1]).turns)).toEqual(['#AL#1', '#AL#1']);
  });

  it('comes before data, and only pings are answered until then', () => {
    const lines = [`#SD#${BODY}`, `#D#${FULL}`, `#B#${BODY}`, '#M#hallo', '#P#'];
    const { turns } = converse([lineBytes(...lines)]);
    expect(answersOf(turns)).toEqual(['#ASD#-1', '#AD#-1', '#AB#0', '#AM#0', '#AP#']);
    expect(turns.flatMap(({ readings }) => readings)).toEqual([]);
    expect(turns.flatMap(({ rejects }) => rejects).map(({ code }) => code)).toEqual(
      Array.from({ length: 4 }, () => 'NotLoggedIn'),
    );
  });

  it('turns away what comes while it is being decided', () => {
    const asked = advance(newSession, { type: 'line', bytes: Buffer.from(`#L#${ident};x`) }, 0);
    const early = advance(asked.session, { type: 'line', bytes: Buffer.from(`#SD#${BODY}`) }, 0);
    expect(early.answer?.stored).toBe('#ASD#-1\r\n');
    expect(decideLogin(early.session, 'granted').session.phase).toBe('open');
    expect(decideLogin(newSession, 'granted').session).toEqual(newSession);
  });
});

describe('data', () => {
  it('is answered with 1 once it is kept, and otherwise so that it is sent again', () => {
    const box = `${BODY}|${FULL}`;
    const frames = lineBytes(`#SD#${BODY}`, `#D#${FULL}`, `#B#${box}`, '#M#hallo');
    const { turns } = converse([login1, frames]);
    const answers = turns.slice(2).map(({ answer }) => [answer?.stored, answer?.unstored]);
    expect(answers).toEqual([
      ['#ASD#1\r\n', '#ASD#-1\r\n'],
      ['#AD#1\r\n', '#AD#-1\r\n'],
      ['#AB#2\r\n', '#AB#0\r\n'],
      ['#AM#1\r\n', '#AM#0\r\n'],
    ]);
    const counts = turns.slice(2).map(({ readings }) => readings.map(({ buffered }) => buffered));
    expect(counts).toEqual([[false], [false], [true, true], [false]]);
    expect(turns.every(({ rejects }) => rejects.length === 0)).toBe(true);
  });

  it('is answered with the number of what is wrong', () => {
    expect(
      after1(
        '#SD#',
        `#SD#${BODY.replace('020326', '320326')}`,
        `#SD#${BODY.replace('4530.0;N', '9530.0;N')}`,
        `#SD#${BODY.replace(';36;', ';x;')}`,
        `#SD#${BODY.replace(';8', ';x')}`,
      ),
    ).toEqual(['#ASD#-1', '#ASD#0', '#ASD#10', '#ASD#11', '#ASD#12']);
    expect(
      after1(
        '#D#',
        `#D#${FULL.replace('115958', '995958')}`,
        `#D#${FULL.replace(';N;', ';;')}`,
        `#D#${FULL.replace(';120;', ';x;')}`,
        `#D#${FULL.replace(';0.8;', ';x;')}`,
        `#D#${FULL.replace(';4;0;', ';4;x;')}`,
        `#D#${FULL.replace(';1,2;', ';1,x;')}`,
        `#D#${FULL.replace('ign:1:1', 'ign')}`,
      ),
    ).toEqual(['-1', '0', '10', '11', '12', '13', '14', '15'].map((code) => `#AD#${code}`));
  });

  it('of version 2.0 has checksums, whose errors have numbers of their own', () => {
    expect(
      after2(
        `#SD#${checked(`${BODY};`)}`,
        `#SD#${BODY};0000`,
        `#D#${checked(`${FULL};`)}`,
        `#D#${FULL};0000`,
        `#B#${checked(`${BODY}|${FULL}|`)}`,
        `#B#${BODY}|${FULL}|0000`,
        `#M#${checked('hallo;')}`,
        '#M#hallo;0000',
        '#P#',
      ),
    ).toEqual(['#ASD#1', '#ASD#13', '#AD#1', '#AD#16', '#AB#2', '#AB#', '#AM#1', '#AM#01', '#AP#']);
    const message = messageFrame('2.0', 'grüße; bis gleich').toString().trimEnd();
    expect(after2(message)).toEqual(['#AM#1']);
  });

  it('in a black box is counted, and what is wrong in it is reported with its place', () => {
    const { turns } = converse([login1, lineBytes(`#B#${BODY}|bad|${FULL};|${BODY};;`)]);
    const last = turns.at(-1);
    expect(last?.answer?.stored).toBe('#AB#3\r\n');
    expect(last?.readings).toHaveLength(3);
    expect(last?.rejects).toEqual([{ index: 1, code: 'FrameMalformed', field: null }]);
    expect(after1('#B#')).toEqual(['#AB#0']);
  });
});

describe('a conversation', () => {
  it('is the same wherever the bytes are cut', () => {
    const box = Array.from({ length: 30 }, () => FULL).join('|');
    const stream = Buffer.concat([
      login2,
      lineBytes(`#D#${checked(`${FULL};`)}`, `#B#${checked(`${box}|`)}`, '#D#bad;0000', 'noise'),
      compressedBlock(lineBytes(`#SD#${checked(`${BODY};`)}`)),
      latin1('#I#4;2;9;NA;NA;a.jpg\r\n#P#\n#P#\r\n'),
    ]);
    const whole = converse([stream]);
    expect(answersOf(whole.turns)).toEqual([
      '#AL#1',
      '#AD#1',
      '#AB#30',
      '#AD#16',
      '#ASD#1',
      '#AI#2;0',
      '#AP#',
    ]);
    for (let at = 1; at < stream.length; at += 1) {
      const cut = converse([stream.subarray(0, at), stream.subarray(at)]);
      expect(answersOf(cut.turns)).toEqual(answersOf(whole.turns));
      if (at % 50 === 0) expect(cut).toEqual(whole);
    }
    expect(converse(Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(whole);
  });
});

describe('what we do not take', () => {
  it('is refused, and the connection goes on', () => {
    const stream = Buffer.concat([
      login1,
      latin1('#I#4;2;9;NA;NA;a.jpg\r\n#P#\n'),
      latin1('#I#4;x;9;NA;NA;a.jpg\r\n\r\n\r\n'),
      lineBytes('#IT#020326;115958;driver;1;2'),
      latin1('#T#1;3;5;ABCD\r\n\xff\xff\xff'),
      lineBytes('#QX#1', '#AM#1', '#P#'),
    ]);
    const { session, turns } = converse([stream]);
    expect(answersOf(turns)).toEqual(['#AL#1', '#AI#2;0', '#AI#NA;0', '#AIT#0', '#AT#5;0', '#AP#']);
    expect(
      turns.flatMap(({ rejects }) => rejects.map(({ code, field }) => `${code} ${field}`)),
    ).toEqual([
      'FrameUnsupported I',
      'FrameUnsupported I',
      'FrameUnsupported IT',
      'FrameUnsupported T',
      'FrameUnsupported QX',
      'FrameUnsupported AM',
    ]);
    expect(session.phase).toBe('open');
  });

  it('and cannot even be called anything is a reject without an answer', () => {
    const { turns } = converse([login1, lineBytes('noise', '#', '##', '#TOOLONG#x')]);
    expect(answersOf(turns)).toEqual(['#AL#1']);
    expect(turns.flatMap(({ rejects }) => rejects)).toHaveLength(4);
  });

  it('closes the connection where the stream cannot be followed', () => {
    const { session, turns } = converse([Buffer.alloc(1_025, 0x61), lineBytes('#P#')]);
    expect(session.phase).toBe('closed');
    expect(turns).toHaveLength(1);
    expect(turns[0]?.rejects.map(({ code }) => code)).toEqual(['LineTooLong']);
    const long = lineBytes(`#M#${'a'.repeat(5_000)}`);
    expect(answersOf(converse([login1, long]).turns)).toEqual(['#AL#1', '#AM#1']);
  });
});
