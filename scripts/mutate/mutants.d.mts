/** A mechanism behind a promise of SECURITY.md, broken by replacing one text, and the spec that has to notice. */
export interface Mutant {
  name: string;
  file: string;
  find: string;
  replace: string;
  spec: string;
  /** Narrows the run to the tests whose name it matches. */
  test?: string;
}
export const mutants: Mutant[];
