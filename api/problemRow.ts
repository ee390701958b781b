import type { Refusal } from './refusals.ts';

/** What tells refusals apart. */
export type Code = Refusal['code'];

/** The refusal of one code, or of several. */
export type RefusalOf<C extends Code> = Extract<Refusal, { readonly code: C }>;
type Details = Readonly<Record<string, string | number>>;

/** How a refusal is told: with which status, in which words, and what more the caller may know. */
export interface Row<C extends Code> {
  readonly status: number;
  readonly title: string;
  /** The code on the wire, where it is not the code in snake case. */
  readonly as?: string;
  readonly retry_after_s?: number;
  readonly tell?: (refusal: RefusalOf<C>) => Details;
}
