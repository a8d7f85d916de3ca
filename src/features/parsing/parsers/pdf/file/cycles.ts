/** Bytes of an object that are looked through for what it refers to. */
const maxDictionary = 4096;
/** Objects that lead from one to another: more are not followed. */
const maxObjects = 100_000;

/**
 * Tells if a form or a pattern of a file is drawn with the help of itself. PDFium would draw such a page without
 * end; its text can be read. Streams stand in no object stream, so that their dictionaries can be read in the bytes.
 */
export function drawsItself(bytes: Buffer): boolean {
  // what is drawn within a pattern is drawn by PDFium again and again; of forms alone it keeps track
  if (!bytes.includes('/PatternType')) return false;
  return hasCycle(readReferences(bytes));
}

/** What the forms, the patterns and the resources of a file refer to, by their numbers. */
function readReferences(bytes: Buffer): Map<number, number[]> {
  const references = new Map<number, number[]>();
  for (let at = bytes.indexOf(' obj'); at >= 0 && references.size < maxObjects;) {
    const number = /(\d{1,9})\s+\d{1,5}$/.exec(bytes.toString('latin1', Math.max(0, at - 16), at))?.[1];
    const next = bytes.indexOf(' obj', at + 4);
    const end = Math.min(next < 0 ? bytes.length : next, at + maxDictionary);
    const [dictionary = ''] = bytes.toString('latin1', at + 4, end).split(/endobj|stream/, 1);
    if (number !== undefined && !/\/Type\s*\/(?:Pages?|Catalog|Annot|Struct)/.test(dictionary)) {
      const own = [...dictionary.matchAll(/(\d{1,9})\s+\d{1,5}\s+R\b/g)].map(([, other]) => Number(other));
      if (
        own.length > 0 &&
        /\/Subtype\s*\/Form|\/PatternType|\/XObject|\/Pattern|\/Resources/.test(dictionary)
      )
        references.set(Number(number), own);
    }
    at = next;
  }
  return references;
}

/** Follows each reference once: `open` has the objects on the way. */
function hasCycle(references: ReadonlyMap<number, readonly number[]>): boolean {
  const done = new Set<number>();
  for (const start of references.keys()) {
    const open = new Set<number>();
    const way: { number: number; next: number }[] = [];
    const enter = (number: number): void => {
      open.add(number);
      way.push({ number, next: 0 });
    };
    if (!done.has(start)) enter(start);
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const other = references.get(step.number)?.[step.next];
      step.next += 1;
      if (other === undefined) {
        way.pop();
        open.delete(step.number);
        done.add(step.number);
      } else if (open.has(other)) return true;
      else if (!done.has(other) && references.has(other)) enter(other);
    }
  }
  return false;
}
