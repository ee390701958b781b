import { isLeft } from 'fp-ts/lib/Either.js';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';
import { BLOCK_HEAD_BYTES, BLOCK_MARK, blockBytes, inflated } from './inflate.ts';

/** How long a line, or the content of a block, may be: a black box of 5,000 short records has 400 KB. */
export const LINE_MAX_BYTES = MESSAGE_MAX_BYTES;
/** As long as nobody has logged in; a login is shorter. Bounds what a stranger can make us keep. */
export const STRANGER_LINE_MAX_BYTES = 1_024;
/** The largest photo or tachograph block that is passed over. */
const BINARY_MAX_BYTES = 1024 * 1024;
const BROKEN_SHOWN_MAX_BYTES = 512;

const LF = 0x0a;
const CR = 0x0d;

/** What the stream holds next. The bytes are those of one line, without its end. */
export type Frame =
  | { readonly type: 'line'; readonly bytes: Buffer }
  /** A line that announced a photo or a tachograph block, which has been passed over. */
  | { readonly type: 'binary'; readonly bytes: Buffer }
  /** The stream cannot be followed any further. The bytes are the beginning of what was wrong. */
  | {
      readonly type: 'broken';
      readonly code: 'LineTooLong' | 'BinaryUnbounded' | 'CompressionBroken' | 'InflatedTooLarge';
      readonly bytes: Buffer;
    };

/**
 * The bytes of a connection that have come and not been taken. Between two pieces of one line the parts
 * shrink by half or more, so that a line that comes byte by byte is copied a few times and not as often as it
 * has bytes.
 */
export interface Framing {
  readonly parts: readonly Buffer[];
  readonly bytes: number;
  /** Whether all but the last part have been looked through for the end of a line, in vain. */
  readonly searched: boolean;
  /** How many of the first bytes came out of a block, where no other block may begin. */
  readonly unpacked_bytes: number;
  /** The photo or tachograph block that is being passed over, and how much of it is to come. */
  readonly passing: { readonly header: Buffer; readonly bytes: number } | null;
  readonly broken: boolean;
}

export const newFraming: Framing = {
  parts: [],
  bytes: 0,
  searched: false,
  unpacked_bytes: 0,
  passing: null,
  broken: false,
};

interface Taken {
  readonly framing: Framing;
  /** Null: nothing is complete, more bytes have to come. */
  readonly frame: Frame | null;
}

const joined = (parts: readonly Buffer[]): Buffer =>
  parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);

/** The parts with one more, after those that are not much longer have been joined with it. */
const appended = (parts: readonly Buffer[], chunk: Buffer): readonly Buffer[] => {
  let kept = parts.length;
  let last = chunk;
  while (kept > 0 && (parts[kept - 1]?.length ?? 0) < 2 * last.length) {
    last = Buffer.concat([parts[kept - 1] ?? Buffer.alloc(0), last]);
    kept -= 1;
  }
  return [...parts.slice(0, kept), last];
};

/**
 * The framing with the bytes of a chunk behind those it has. `take` bounds what waits of one line; a listener
 * that does not take, because it waits for a verdict or for the database, stops reading from the socket.
 */
export const push = (framing: Framing, chunk: Buffer): Framing => {
  if (framing.broken || chunk.length === 0) return framing;
  const parts = framing.searched
    ? appended(framing.parts, chunk)
    : [framing.parts.length === 0 ? chunk : Buffer.concat([...framing.parts, chunk])];
  return { ...framing, parts, bytes: framing.bytes + chunk.length };
};

/** The framing without its first bytes, `all` being what it holds. */
const without = (framing: Framing, all: Buffer, count: number): Framing => {
  const rest = all.subarray(count);
  return {
    ...framing,
    parts: rest.length === 0 ? [] : [rest],
    bytes: rest.length,
    searched: false,
    unpacked_bytes: Math.max(0, framing.unpacked_bytes - count),
  };
};

/** Nothing is complete. What waits is copied, so that it does not hold on to the whole chunk it came in. */
const waiting = (framing: Framing): Taken => {
  if (framing.searched) return { framing, frame: null };
  const parts = framing.parts.map((part) => Buffer.from(part));
  return { framing: { ...framing, parts, searched: true }, frame: null };
};

const brokenBy = (code: Extract<Frame, { type: 'broken' }>['code'], bytes: Buffer): Taken => ({
  framing: { ...newFraming, broken: true },
  frame: { type: 'broken', code, bytes: Buffer.from(bytes.subarray(0, BROKEN_SHOWN_MAX_BYTES)) },
});

const BINARY = /^#(?:I#|T#[^;]*;)(\d{1,9})(?:;|$)/;

const isBinary = (line: Buffer): boolean =>
  line[0] === 0x23 && line[2] === 0x23 && (line[1] === 0x49 || line[1] === 0x54);

/**
 * A line as a frame. Photos are announced by `#I#size;…`, tachograph blocks by `#T#code;size;…`: the fact
 * sheet names the size for photos only; for tachograph blocks it is taken from the second field.
 */
const lineTaken = (framing: Framing, bytes: Buffer): Taken => {
  if (!isBinary(bytes)) return { framing, frame: { type: 'line', bytes } };
  const size = BINARY.exec(bytes.toString('latin1'))?.[1];
  if (size === undefined || Number(size) > BINARY_MAX_BYTES) {
    return brokenBy('BinaryUnbounded', bytes);
  }
  const passing = { header: Buffer.from(bytes), bytes: Number(size) };
  return { framing: { ...framing, passing }, frame: null };
};

const passOver = (framing: Framing, passing: { header: Buffer; bytes: number }): Taken => {
  const over = Math.min(passing.bytes, framing.bytes);
  const rest = without(framing, joined(framing.parts), over);
  if (over < passing.bytes) {
    const left = { ...passing, bytes: passing.bytes - over };
    return { framing: { ...rest, passing: left }, frame: null };
  }
  return {
    framing: { ...rest, passing: null },
    frame: { type: 'binary', bytes: passing.header },
  };
};

const END = Buffer.from('\r\n');

/** The head of a block, without joining all that waits for the rest of it. */
const joinedHead = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(
    parts.slice(0, BLOCK_HEAD_BYTES).map((part) => part.subarray(0, BLOCK_HEAD_BYTES)),
  ).subarray(0, BLOCK_HEAD_BYTES);

const takeBlock = (framing: Framing, bytes_max: number): Taken | Framing => {
  if (framing.unpacked_bytes > 0) {
    const unpacked = joined(framing.parts).subarray(0, framing.unpacked_bytes);
    return brokenBy('CompressionBroken', unpacked);
  }
  if (framing.bytes < BLOCK_HEAD_BYTES) return waiting(framing);
  const head = joinedHead(framing.parts);
  if (blockBytes(head) > bytes_max) return brokenBy('LineTooLong', head);
  if (framing.bytes < blockBytes(head)) return waiting(framing);
  const all = joined(framing.parts);
  const block = all.subarray(0, blockBytes(head));
  const content = inflated(block, bytes_max);
  if (isLeft(content)) return brokenBy(content.left, block);
  const ended = content.right.at(-1) === LF ? content.right : Buffer.concat([content.right, END]);
  const rest = without(framing, Buffer.concat([ended, all.subarray(block.length)]), 0);
  return { ...rest, unpacked_bytes: ended.length };
};

const takeLine = (framing: Framing, line_max_bytes: number): Taken => {
  const last = framing.parts.at(-1);
  const found = last?.indexOf(LF) ?? -1;
  const end = found < 0 ? -1 : framing.bytes - (last?.length ?? 0) + found;
  if (end > line_max_bytes || (end < 0 && framing.bytes > line_max_bytes)) {
    return brokenBy('LineTooLong', joined(framing.parts));
  }
  if (end < 0) return waiting(framing);
  const all = joined(framing.parts);
  const line = all.subarray(0, end > 0 && all[end - 1] === CR ? end - 1 : end);
  return lineTaken(without(framing, all, end + 1), line);
};

/** The framing without ends of lines where a frame should begin: a block may be followed by one or not. */
const atStart = (framing: Framing): Framing => {
  const first = framing.parts[0];
  if (framing.searched || first === undefined) return framing;
  let blanks = 0;
  while (first[blanks] === LF || first[blanks] === CR) blanks += 1;
  return blanks === 0 ? framing : without(framing, joined(framing.parts), blanks);
};

/**
 * Takes the next frame out of the bytes that have come: a line up to CR LF (a lone LF will do), the lines of
 * a compressed block, or the line that announced binary data once that is over. Where the chunks were cut
 * makes no difference.
 */
export const take = (before: Framing, line_max_bytes: number): Taken => {
  let framing = before;
  while (!framing.broken) {
    if (framing.passing) return passOver(framing, framing.passing);
    framing = atStart(framing);
    const first = framing.parts[0]?.[0];
    if (first === undefined) return { framing: { ...framing, searched: false }, frame: null };
    if (first === BLOCK_MARK) {
      const block = takeBlock(framing, line_max_bytes);
      if ('framing' in block) return block;
      framing = block;
      continue;
    }
    const taken = takeLine(framing, line_max_bytes);
    if (taken.frame !== null || taken.framing.passing === null) return taken;
    framing = taken.framing;
  }
  return { framing, frame: null };
};
