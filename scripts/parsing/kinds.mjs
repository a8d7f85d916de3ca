import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Checks what files of known content say, by kind: raised numbers, struck text, merged cells and so on.
 * @param extract parses a file, as `{ text, code, warnings }`
 * @returns for each kind the passed and all checks by format, and a line for each check that failed
 */
export async function scoreKinds(folder, extract) {
  const { sets, files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const kinds = new Map();
  const complaints = [];
  for (const { file, set } of files) {
    const format = file.slice(file.lastIndexOf('.') + 1);
    const { text, code, warnings = [] } = await extract(join(folder, file));
    for (const { kind, shows = [], hides = [], warns = [] } of sets[set]) {
      const failed = [
        ...shows.filter((one) => !text.includes(one)).map((one) => `lacks ${JSON.stringify(one)}`),
        ...hides.filter((one) => text.includes(one)).map((one) => `holds ${JSON.stringify(one)}`),
        ...warns.filter((one) => !warnings.includes(one)).map((one) => `does not warn of ${one}`),
      ];
      const byFormat = kinds.get(kind) ?? new Map();
      const count = byFormat.get(format) ?? { passed: 0, all: 0 };
      count.all += 1;
      if (code === undefined && failed.length === 0) count.passed += 1;
      else complaints.push(`${file}, ${kind}: ${code ?? failed.join('; ')}`);
      kinds.set(kind, byFormat.set(format, count));
    }
  }
  return { kinds, complaints };
}

/** The kinds as lines of a table. */
export function kindLines(kinds) {
  const formats = [...new Set([...kinds.values()].flatMap((byFormat) => [...byFormat.keys()]))].sort((a, b) =>
    a.localeCompare(b),
  );
  const lines = [...kinds].map(([kind, byFormat]) => {
    const cells = formats.map((format) => {
      const count = byFormat.get(format);
      return count ? `${count.passed}/${count.all}` : '–';
    });
    return [kind, ...cells].join('\t');
  });
  return [['kind', ...formats].join('\t'), ...lines.sort((a, b) => a.localeCompare(b))];
}
