import { describe, expect, it } from 'vitest';
import { answerOfText } from '#adapters/deviceTexts.ts';

describe('the words of a device', () => {
  it.each([
    ['DYD=Success!', 'done', null],
    [' dyd=success!\r\n', 'done', null],
    ['Cut off the fuel supply: Success! Speed:0 Km/h', 'done', null],
    ['DYD=Unvalued Fix', 'refused_fix', null],
    ['DYD=Speed Limit, Speed 43km/h', 'refused_speed', null],
    ['HFYD=Success!', null, 'done'],
    ['Restore fuel supply: Success!', null, 'done'],
    ['DYD=Successful?', 'unrecognised', 'unrecognised'],
    ['not DYD=Success!', 'unrecognised', 'unrecognised'],
    ['', 'unrecognised', 'unrecognised'],
  ] as const)('%j mean %s after a block and %s after a release', (text, block, release) => {
    expect(answerOfText(text, 'block')).toBe(block);
    expect(answerOfText(text, 'release')).toBe(release);
  });
});
