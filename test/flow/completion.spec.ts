import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { run } from '../../src/app/cli/main.js';

describe('the installed command', () => {
  let out: string;
  beforeEach(() => {
    out = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
  });
  afterEach(() => void jest.restoreAllMocks());

  /** Returns the completions that bash offers after these words. */
  const offered = async (...words: string[]): Promise<string[]> => {
    await run(['completion', 'bash']);
    const typed = ['docent', ...words].map((word) => `'${word}'`).join(' ');
    const script = `${out}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _docent; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  };

  it('prints the version of its package', async () => {
    expect(await run(['--version'])).toBe(0);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(out.trim()).toBe(version);
  });

  it('completes commands, commands below them, and options in bash', async () => {
    expect(await offered('ing')).toEqual(['ingest']);
    expect(await offered('models', '')).toEqual(expect.arrayContaining(['list', 'verify', '--help']));
    expect(await offered('ask', '--mo')).toEqual(['--mode']);
    expect(await offered('--json', 'models', 'ver')).toEqual(['verify']);
  });

  it('names every command with what it does for zsh and fish', async () => {
    await run(['completion', 'zsh']);
    expect(out).toMatch(/^#compdef docent\n/);
    expect(out).toContain("'search:find passages without writing an answer'");
    await run(['completion', 'fish']);
    expect(out).toContain("-f -a search -d 'find passages without writing an answer'");
    expect(out).toContain("-n '__fish_seen_subcommand_from ask' -l mode");
  });

  it('refuses a shell that it does not know', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await run(['completion', 'tcsh'])).toBe(2);
  });

  it('is packed with what runs, and without sources and tests', () => {
    const copy = mkdtempSync(join(tmpdir(), 'docent-packed-'));
    // the list of packed files depends on names only, and npm would compress large models even for a dry run
    for (const path of ['.gitignore', ...globSync('**/*', { exclude: ['node_modules'] })]) {
      if (statSync(path).isDirectory()) mkdirSync(join(copy, path), { recursive: true });
      else
        writeFileSync(
          join(copy, path),
          /(?:^|[\\/])(?:package\.json|\.(?:npm|git)ignore)$/.test(path) ? readFileSync(path) : '',
        );
    }
    const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: copy,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    rmSync(copy, { recursive: true });
    const [packed] = JSON.parse(told) as { files: { path: string }[] }[];
    const paths = packed?.files.map(({ path }) => path) ?? [];
    expect(paths).toEqual(expect.arrayContaining(['bin/docent.mjs', 'package.json', 'LICENSE']));
    expect(paths.some((path) => /^models\/[^/]+\/.*\.onnx$/.test(path))).toBe(true);
    expect(paths.filter((path) => /^(src|test|scripts|docs|bench)\//.test(path))).toEqual([]);
  });
});
