import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { listLabels, ownLabels, listSeries } from '../promql.js';

const directory = 'docker/prometheus';
interface Rule {
  alert: string;
  expr: string;
  annotations: { runbook: string };
}
const rules = (
  parse(readFileSync(`${directory}/rules.yml`, 'utf8')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync('docker/grafana/docent.json', 'utf8')) as {
  panels: { title: string; targets?: { expr: string }[] }[];
};
const queries = dashboard.panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr));
const expressions = [...rules.map(({ expr }) => expr), ...queries];

describe('alerts and dashboard', () => {
  let app: TestApp;
  let exported: Set<string>;
  beforeAll(async () => {
    app = await bootApp();
    const text = await (await fetch(`${app.url}/metrics`)).text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    exported = new Set(
      types.flatMap(([, name = '', type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
  }, 180_000);
  afterAll(() => app.close());

  it('query series that are exported', () => {
    const wanted = new Set(expressions.flatMap(listSeries));
    expect(wanted.size).toBeGreaterThan(30);
    // made by Prometheus itself
    wanted.delete('up');
    expect([...wanted].filter((name) => !exported.has(name))).toEqual([]);
  });

  it('query labels that the series have', () => {
    const known = new Set([...ownLabels(), 'job', 'instance', 'le']);
    expect(expressions.flatMap(listLabels).filter((label) => !known.has(label))).toEqual([]);
  });

  it('exclude only routes that exist', async () => {
    const { paths } = (await (await fetch(`${app.url}/docs-json`)).json()) as {
      paths: Record<string, unknown>;
    };
    const routes = Object.keys(paths).map((path) => path.replace(/\{(\w+)\}/g, ':$1'));
    const left =
      /endpoint!~"(\/agent\/[^"]*)"/.exec(
        rules.find(({ alert }) => alert === 'HighLatency')?.expr ?? '',
      )?.[1] ?? '';
    const [, names = ''] = /\((.*)\)/.exec(left) ?? [];
    for (const name of names.split('|'))
      expect(routes.filter((route) => new RegExp(`^/agent/${name}$`).test(route))).not.toEqual([]);
    expect(routes).toContain('/agent/status/:task_id');
  });

  it('have a runbook entry each', () => {
    const headings = [...readFileSync('docs/operations/alerts.md', 'utf8').matchAll(/^## (\w+)$/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(headings)).toEqual(new Set(rules.map(({ alert }) => alert)));
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).toBe(`docs/operations/alerts.md#${alert.toLowerCase()}`);
  });

  it('count a request whose client leaves before its end', async () => {
    const counted = async (): Promise<string> => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      return (
        /http_requests_total\{method="GET",endpoint="\/agent\/events",status="200"\} (\d+)/.exec(text)?.[1] ??
        '0'
      );
    };
    expect(await counted()).toBe('0');
    const client = new AbortController();
    expect((await fetch(`${app.url}/agent/events`, { signal: client.signal })).status).toBe(200);
    client.abort();
    await eventually(async () => expect(await counted()).toBe('1'));
  });

  it('create no new series from paths and names of clients', async () => {
    const seriesNow = async (): Promise<string[]> => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      return text.split('\n').flatMap((line) => /^(http_\S*)\s/.exec(line)?.[1] ?? []);
    };
    const ask = async (round: string): Promise<void> => {
      for (const path of [
        `/${round}`,
        `/agent/${round}`,
        `/agent/documents/${round}`,
        `/agent/status/${round}`,
        `/agent/files/a/${round}?q=${round}`,
      ])
        await (await fetch(app.url + path)).arrayBuffer();
    };
    await ask('first');
    await seriesNow();
    const before = await seriesNow();
    for (let round = 0; round < 20; round += 1) await ask(`${round}-${Math.random().toString(36)}`);
    expect(await seriesNow()).toEqual(before);
    expect(before.join('\n')).toContain('endpoint="/agent/documents/:id"');
    expect(before.join('\n')).toContain('endpoint="unmatched"');
  });
});

const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8', cwd: directory });
const hasPromtool = promtool('--version').status === 0;

(hasPromtool ? describe : describe.skip)('promtool', () => {
  it('accepts the rules', () => {
    const { status, stdout, stderr } = promtool('check', 'rules', 'rules.yml');
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining(`${rules.length} rules found`)]);
  });

  it('accepts every query of the dashboard', () => {
    const work = mkdtempSync(join(tmpdir(), 'docent-promtool-'));
    const recorded = queries.map((expr, number) => ({
      record: `query_${number}`,
      expr: expr.replaceAll('$instance', '.*'),
    }));
    writeFileSync(join(work, 'queries.yml'), stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
    const { status, stdout, stderr } = promtool('check', 'rules', join(work, 'queries.yml'));
    rmSync(work, { recursive: true });
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining(`${queries.length} rules found`)]);
  });

  it('sees each alert fire in its own case, and in no other', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', 'rules.test.yml');
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
    const tested = new Set(
      [...readFileSync(`${directory}/rules.test.yml`, 'utf8').matchAll(/alertname: (\w+)/g)].map(
        ([, name]) => name,
      ),
    );
    expect(tested).toEqual(new Set(rules.map(({ alert }) => alert)));
  });
});
