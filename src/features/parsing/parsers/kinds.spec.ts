import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../test/office-files.js';
import { formatTable } from '../formats/formats.js';

interface Check {
  kind: string;
  shows?: string[];
  hides?: string[];
  warns?: string[];
}
interface Manifest {
  sets: Record<string, Check[]>;
  files: { file: string; set: string }[];
}

const folder = new URL('../../../../test/files/kinds/', import.meta.url);
const { sets, files } = JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8')) as Manifest;

async function read(file: string): Promise<{ text: string; warnings: string[] }> {
  const extension = file.slice(file.lastIndexOf('.') + 1);
  const format = Object.values(formatTable).find(({ extensions }) =>
    (extensions as readonly string[]).includes(extension),
  );
  if (!format) throw new Error(`No parser reads ${file}.`);
  const { parse } = await format.load();
  const { parts, warnings } = await parseWith(parse, await readFile(new URL(file, folder)), file);
  return {
    // no-break spaces are blanks to a reader
    text: parts.map(({ markdown }) => markdown.replaceAll('\u00a0', ' ')).join('\n\n'),
    warnings: warnings.map(({ code }) => code),
  };
}

describe.each(files)('$file is read as a person sees it', ({ file, set }) => {
  const parsed = read(file);

  it.each(sets[set] ?? [])('$kind', async ({ shows = [], hides = [], warns = [] }) => {
    const { text, warnings } = await parsed;
    for (const shown of shows) expect(text).toContain(shown);
    for (const hidden of hides) expect(text).not.toContain(hidden);
    expect(warnings).toEqual(expect.arrayContaining(warns));
  });
});
