import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { buildProgram } from '../../src/app/cli/main.js';
import { errorCatalogue } from '../../src/common/errors.js';
import { settings } from '../../src/config/settings.js';

const directory = 'docs/operations';
const pages = readdirSync(directory).map(
  (file) => [file, readFileSync(join(directory, file), 'utf8')] as const,
);
const all = (pattern: RegExp, text: string): string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? '');

/** Words in capitals on the pages that are not settings of docent. */
const others = new Set([
  'DOCENT_URL',
  'DOCENT_TOKEN',
  'COMPOSE_FILE',
  'INGESTION_WORKERS',
  'DEFAULT_WORKERS',
  'API_CPUS',
  'API_MEMORY',
  'NODE_IMAGE',
  'REQUEST_ID',
  'API_KEYS_FILE',
]);

/** The command that words name, as far as they name one; undefined where the first is none. */
function findCommand(words: string[]): Command | undefined {
  let command: Command | undefined = buildProgram();
  for (const [place, word] of words.entries()) {
    const next: Command | undefined = command.commands.find(
      (candidate) => candidate.name() === word || candidate.aliases().includes(word),
    );
    if (!next) return place === 0 ? undefined : command;
    command = next;
  }
  return command;
}

/** The blocks of commands of a page. */
const listScripts = (text: string): string[] => all(/^```(?:sh|bash)\n([^]*?)^```$/gm, text);
/** Options of `docker compose` itself and of the subcommands that the pages use. */
const composeOptions = new Set(
  '-f --file --profile --project-name -p --env-file -d --detach --build --wait --scale --no-deps --since --tail --follow --rm -T --no-TTY -e --env -v --volumes --remove-orphans --force-recreate --no-build --pull --quiet -q --entrypoint --user -u --timeout -t'.split(
    ' ',
  ),
);
const composeCommands = new Set(
  'up down logs ps exec run stop start restart pull build config rm cp kill top'.split(' '),
);
const kubectlCommands = new Set(
  'apply create delete get describe logs exec rollout scale set port-forward kustomize wait label annotate patch cp top argo config run replace'.split(
    ' ',
  ),
);

describe.each([...pages, ['README.md', readFileSync('README.md', 'utf8')] as const])(
  'the commands of %s',
  (_file, text) => {
    const lines = listScripts(text).flatMap((script) => script.replace(/\\\n/g, ' ').split(/\n|&&|\|\|?|;/));
    const words = lines.map((line) => line.replace(/#.*$/, '').trim().split(/\s+/));

    it('can be read by a shell', () => {
      const faults = listScripts(text).flatMap((script) => {
        const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
        return status === 0 ? [] : [`${stderr}\n${script}`];
      });
      expect(faults).toEqual([]);
    });

    it('use commands that docker compose and kubectl have', () => {
      const compose = words.flatMap(([program, sub, ...rest]) =>
        program === 'docker' && sub === 'compose' ? [rest] : [],
      );
      const wrong = compose.filter((rest) => {
        const at = rest.findIndex((word) => composeCommands.has(word));
        const inner = rest[at] === 'exec' || rest[at] === 'run' ? rest.slice(0, at + 1) : rest;
        return (
          at < 0 ||
          inner.some((word) => /^--?[a-z]/.test(word) && !composeOptions.has(word.split('=')[0] ?? ''))
        );
      });
      const kubectl = words.filter(([program]) => program === 'kubectl');
      const unknown = kubectl.filter((parts) => !parts.some((word) => kubectlCommands.has(word)));
      expect([...wrong, ...unknown]).toEqual([]);
    });
  },
);

describe.each(pages)('docs/operations/%s', (_file, text) => {
  it('names settings that exist', () => {
    const names = all(/\b([A-Z]{2,}(?:_[A-Z]+)+)\b/g, text);
    expect(names.filter((name) => !(name in settings) && !others.has(name))).toEqual([]);
  });

  it('names files that exist', () => {
    const paths = [
      ...all(/((?:docker|scripts|docs|test)\/[\w./-]*\w)/g, text),
      ...all(/\]\(([\w.-]+\.md)\)/g, text).map((path) => join(directory, path)),
    ];
    expect(
      paths.filter(
        (path) => !existsSync(path) && !['docs/errors.md', 'docs/configuration.md'].includes(path),
      ),
    ).toEqual([]);
  });

  it('names commands and options that exist', () => {
    const commands = all(/(?:^|`|&& )docent ([a-z][^`\n&|#]*)/gm, text);
    const wrong = commands.filter((line) => {
      const command = findCommand(line.trim().split(/\s+/));
      const options = [
        ...(command?.options ?? []),
        ...(command?.commands.flatMap((sub) => sub.options) ?? []),
      ].map(({ long }) => long);
      return !command || all(/(--[a-z-]+)/g, line).some((option) => !options.includes(option));
    });
    expect(wrong).toEqual([]);
  });

  it('names options of the scripts that exist', () => {
    for (const [, script = '', rest = ''] of text.matchAll(/node (scripts\/[\w-]+\.mjs)([^`\n]*)/g)) {
      const source = `${readFileSync(script, 'utf8')}${readFileSync('scripts/load/options.mjs', 'utf8')}`;
      for (const option of all(/--([a-z-]+)/g, rest))
        expect([
          script,
          option,
          source.includes(`${option}: {`) || source.includes(`'${option}': {`),
        ]).toEqual([script, option, true]);
    }
  });

  it('names error codes and compose services that exist', () => {
    const codes = all(/--code (\w+)/g, text);
    expect(codes.filter((code) => !(code in errorCatalogue))).toEqual([]);
    const services = ['docker-compose.yml', 'docker-compose.worker.yml'].flatMap((file) =>
      Object.keys((parse(readFileSync(file, 'utf8')) as { services: object }).services),
    );
    const named = all(
      /docker compose (?:logs|up -d)(?: --since \w+| --scale)?((?: [a-z][a-z-]+)*)/g,
      text,
    ).flatMap((words) => words.trim().split(' ').filter(Boolean));
    expect(named.filter((name) => !services.includes(name))).toEqual([]);
  });
});

describe('the figures of docs/operations/capacity.md', () => {
  const rows = all(/^(\| .*\]\([\w./#-]+\) *\|)$/gm, readFileSync(join(directory, 'capacity.md'), 'utf8'))
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .flatMap(([, what = '', figure = '', page = '', ...rest]): [string, string, string][] =>
      rest.length === 1 ? [[what, figure, /\]\(([^)]+)\)/.exec(page)?.[1] ?? '']] : [],
    );
  const makeSlug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replace(/\s/g, '-');

  it('are found in the table', () => expect(rows.length).toBeGreaterThan(20));

  it.each(rows)('are the same on the page that the row links to: %s, %s', (_what, figure, link) => {
    const [path = '', anchor] = link.split('#');
    const text = readFileSync(join(directory, path), 'utf8');
    const numbers = all(/((?:\d|\.\d)[\d,.]*)/g, figure);
    expect(numbers).not.toEqual([]);
    const missing = numbers.filter(
      (number) => !new RegExp(`(?<![\\d.,])${number.replaceAll('.', '\\.')}(?![\\d])`).test(text),
    );
    expect(missing).toEqual([]);
    if (anchor) expect(all(/^#+ (.+)$/gm, text).map(makeSlug)).toContain(anchor);
  });
});
