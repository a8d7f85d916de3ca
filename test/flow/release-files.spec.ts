import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadEnv } from '../../src/config/env.js';
import { composed } from '../compose.js';

const Step = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const Job = z.strictObject({
  needs: z.union([z.string(), z.array(z.string())]).default([]),
  'runs-on': z.string(),
  'timeout-minutes': z.int(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])).default({}),
  strategy: z.object({ matrix: z.object({ include: z.array(z.record(z.string(), z.string())) }) }).optional(),
  steps: z.array(Step.refine(({ uses, run }) => (uses === undefined) !== (run === undefined))),
});
const Workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), Job),
});

describe('the release workflow', () => {
  const text = readFileSync('.github/workflows/release.yml', 'utf8');
  const { jobs, permissions } = Workflow.parse(parse(text));
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('publishes only images that were tested, started and scanned', () => {
    const needed = (name: string): string[] =>
      [jobs[name]?.needs ?? []].flat().flatMap((other) => [other, ...needed(other)]);
    expect(new Set(needed('publish'))).toEqual(new Set(['packages', 'image', 'check']));
    expect(Object.keys(jobs)).toEqual(expect.arrayContaining(needed('publish')));
    const image = jobs['image']?.steps.map(({ uses = '', run = '' }) => uses + run) ?? [];
    const place = (pattern: RegExp) => image.findIndex((step) => pattern.test(step));
    const order = [/build-push-action/, /health\/ready/, /trivy-action/, /digests/].map(place);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('builds for both platforms with SBOM and provenance', () => {
    expect(jobs['image']?.strategy?.matrix.include.map(({ platform }) => platform)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
    const build = steps.find(({ uses }) => uses?.startsWith('docker/build-push-action'));
    expect(build?.with).toMatchObject({ sbom: true, provenance: 'mode=max' });
    expect(steps.filter(({ uses }) => uses?.startsWith('actions/attest-build-provenance'))).toHaveLength(2);
  });

  it('names actions by a version, and only files and scripts that exist', () => {
    for (const { uses } of steps) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v?\d/);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = steps.map(({ run = '' }) => run).join('\n');
    for (const [, name = ''] of commands.matchAll(/npm run --silent (\S+)/g))
      expect(scripts).toHaveProperty(name);
    for (const [path] of commands.matchAll(/(?:\.ci|scripts|packages)\/[\w./-]*\w/g))
      expect(existsSync(path)).toBe(true);
  });

  it('gives each job the rights that it needs, and the others none', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs['check']?.permissions).toEqual({});
    expect(text).not.toMatch(/run: .*\$\{\{ (github\.(event|head_ref)|inputs)/);
  });
});

describe('the compose file of a release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docent-release-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const image = `ghcr.io/acme/docent:1.2.3@sha256:${'a'.repeat(64)}`;
  const made = (name: string): string =>
    execFileSync(process.execPath, ['scripts/release-compose.mjs', name], {
      encoding: 'utf8',
      stdio: 'pipe',
    });

  it('is one service with the image in it, and with settings that boot', () => {
    const file = join(folder, 'compose.yml');
    writeFileSync(file, made(image));
    const { services } = composed([file]);
    expect(Object.keys(services)).toEqual(['docent']);
    expect(services['docent']?.image).toBe(image);
    const environment = services['docent']?.environment ?? {};
    const inImage = { ENVIRONMENT: 'production', HOST: '0.0.0.0', DATA_DIR: '/data' };
    expect(loadEnv({ ...inImage, ...environment })).toMatchObject({ AUTH: 'required', FIRST_KEY: true });
    expect(readFileSync(file, 'utf8')).toContain(
      'https://github.com/acme/docent/releases/latest/download/compose.yml',
    );
  });

  it('is not written without an image', () => expect(() => made('docent')).toThrow(/name the image/));
});
