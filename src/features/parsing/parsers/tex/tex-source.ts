/** A piece of the source, `[from, to)`. */
export interface Range {
  from: number;
  to: number;
}

export interface Macro {
  args: number;
  body: Range;
}

const verbatim = /\\begin\{((?:[vV]erbatim|lstlisting|minted|alltt)\*?)\}/;
export const verbatimName = /^(?:[vV]erbatim|lstlisting|minted|alltt)\*?$/;

/** The text without comments, which end their line and join it with the next one, and without `\iffalse`. */
export function withoutComments(text: string): string {
  const out: string[] = [];
  let end: string | null = null;
  let glued = false;
  for (const line of text.split(/\r\n|[\n\r]/)) {
    if (end !== null) {
      out.push('\n', line);
      if (line.includes(end)) end = null;
      continue;
    }
    const comment = commentStart(line);
    const kept = comment < 0 ? line : line.slice(0, comment);
    const open = verbatim.exec(kept)?.[1];
    if (open !== undefined && !kept.includes(`\\end{${open}}`)) end = `\\end{${open}}`;
    // a line that is only a comment is no empty line, which would end the paragraph
    if (comment >= 0 && kept.trim() === '') continue;
    out.push(glued && kept.trim() !== '' ? '' : '\n', glued ? kept.trimStart() : kept);
    glued = comment >= 0;
  }
  return out.slice(1).join('');
}

function commentStart(line: string): number {
  for (let at = line.indexOf('%'); at >= 0; at = line.indexOf('%', at + 1)) {
    let slashes = 0;
    while (line.charAt(at - 1 - slashes) === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** For each opening brace the place of the one that closes it; -1 for all other places. */
export function matchBraces(text: string): Int32Array {
  const match = new Int32Array(text.length).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 92) at++;
    else if (character === 123) open.push(at);
    else if (character === 125) {
      const start = open.pop();
      if (start !== undefined) match[start] = at;
    }
  }
  return match;
}

/** Where the environment ends that begins at a place: the place of its `\end`. */
export function matchEnvironments(text: string): Map<number, number> {
  const ends = new Map<number, number>();
  const open: { name: string; at: number }[] = [];
  const counts = new Map<string, number>();
  const count = (name: string, by: number) => counts.set(name, (counts.get(name) ?? 0) + by);
  let raw: string | null = null;
  for (const { 1: kind, 2: name = '', index } of text.matchAll(/\\(begin|end)\{([^{}\n]{1,60})\}/g)) {
    if (raw !== null && !(kind === 'end' && name === raw)) continue;
    if (kind === 'begin') {
      open.push({ name, at: index });
      count(name, 1);
      if (verbatimName.test(name)) raw = name;
    } else if ((counts.get(name) ?? 0) > 0) {
      raw = null;
      for (let last = open.pop(); last; last = open.pop()) {
        count(last.name, -1);
        if (last.name === name) {
          ends.set(last.at, index);
          break;
        }
      }
    }
  }
  return ends;
}

const definition =
  /\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?[ \t\n]?\{?[ \t]?\\([a-zA-Z@]+)[ \t]?\}?[ \t\n]?(?:\[(\d)\])?[ \t\n]?(?=\{)|\\g?def[ \t]?\\([a-zA-Z@]+)((?:#\d){0,9})[ \t\n]?(?=\{)/g;

/** The commands that a text defines for itself, by their names. */
export function findMacros(text: string, braces: Int32Array): Map<string, Macro> {
  const macros = new Map<string, Macro>();
  for (const found of text.matchAll(definition)) {
    const start = found.index + found[0].length;
    const end = braces[start] ?? -1;
    const args = found[2] === undefined ? (found[4]?.length ?? 0) / 2 : Number(found[2]);
    if (end > 0) macros.set(found[1] ?? found[3] ?? '', { args, body: { from: start + 1, to: end } });
  }
  return macros;
}
