import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

type Labels = Record<string, string>;
interface Resource {
  kind: string;
  metadata: { name: string };
  spec: {
    selector?: Labels & { matchLabels?: Labels };
    podSelector?: { matchLabels: Labels };
    template?: {
      metadata: { labels: Labels };
      spec: {
        containers: { envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[] }[];
      };
    };
    rules?: { backendRefs: { name: string; weight: number }[] }[];
    args?: { name: string }[];
    metrics?: { failureCondition: string; successCondition: string }[];
    strategy?: {
      canary?: { analysis: { templates: { templateName: string }[]; args: { name: string }[] } };
    };
  };
}

const kustomize = (name: string) =>
  spawnSync('kubectl', ['kustomize', `docker/k8s/${name}`], { encoding: 'utf8' });
const build = (name: string): Resource[] =>
  parseAllDocuments(kustomize(name).stdout).map((document) => document.toJS() as Resource);
const hasKubectl = kustomize('base').status === 0;
const find = (resources: Resource[], kind: string, name: string): Resource => {
  const found = resources.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const selects = (selector: Labels = { none: '' }, labels: Labels = {}): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

(hasKubectl ? describe : describe.skip)('the canary', () => {
  const base = hasKubectl ? build('base') : [];
  const canary = hasKubectl ? build('overlays/canary') : [];
  const listLabels = (resources: Resource[], name: string) =>
    find(resources, 'Deployment', name).spec.template?.metadata.labels;

  it('leaves the base unchanged when it is deleted', () => {
    const ids = canary.map(
      ({ kind, metadata }) => `${kind}/${metadata.name.replace(/-canary.*/, '-canary')}`,
    );
    expect(ids.sort()).toEqual([
      'ConfigMap/docent-config-canary',
      'Deployment/docent-api-canary',
      'NetworkPolicy/docent-api-canary',
      'Service/docent-api-canary',
    ]);
  });

  it('is reached by its own service and policy alone, and watched as the base is', () => {
    const pod = listLabels(canary, 'docent-api-canary');
    const former = listLabels(base, 'docent-api');
    const service = find(canary, 'Service', 'docent-api-canary').spec.selector;
    const policy = find(canary, 'NetworkPolicy', 'docent-api-canary').spec.podSelector?.matchLabels;
    const deployment = find(canary, 'Deployment', 'docent-api-canary').spec.selector?.matchLabels;
    for (const selector of [service, policy, deployment])
      expect([selects(selector, pod), selects(selector, former)]).toEqual([true, false]);
    expect(selects(find(base, 'Service', 'docent-api').spec.selector, pod)).toBe(false);
    expect(selects(find(base, 'NetworkPolicy', 'docent').spec.podSelector?.matchLabels, pod)).toBe(true);
  });

  it('shares the secret of the base', () => {
    const sources = find(canary, 'Deployment', 'docent-api-canary').spec.template?.spec.containers[0]
      ?.envFrom;
    expect(sources?.flatMap(({ secretRef }) => secretRef?.name ?? [])).toEqual(['docent-secrets']);
  });

  it('gets a share of the requests by a route whose weights make up a hundred', () => {
    const shares = (name: string) =>
      find(build(name), 'HTTPRoute', 'docent').spec.rules?.flatMap(({ backendRefs }) => backendRefs) ?? [];
    expect(shares('route').map(({ name }) => name)).toEqual(['docent-api']);
    const split = shares('overlays/canary-route');
    expect(split.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
    for (const { name } of split) find([...base, ...canary], 'Service', name);
    expect(split).toHaveLength(2);
  });
});

(hasKubectl ? describe : describe.skip)('the rollout', () => {
  const base = hasKubectl ? build('base') : [];
  const built = hasKubectl ? build('overlays/rollout') : [];

  it('runs the pods of the base, and replaces its deployment', () => {
    const { template, selector } = find(built, 'Rollout', 'docent-api').spec;
    const deployment = find(base, 'Deployment', 'docent-api').spec;
    expect({ template, selector }).toEqual({ template: deployment.template, selector: deployment.selector });
    expect(built.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name)).toEqual([
      'docent-worker-default',
      'docent-worker-ingestion',
    ]);
    for (const { configMapRef } of template?.spec.containers[0]?.envFrom ?? [])
      if (configMapRef) find(built, 'ConfigMap', configMapRef.name);
  });

  it('uses an analysis that exists, with all of its arguments', () => {
    const analysis = find(built, 'Rollout', 'docent-api').spec.strategy?.canary?.analysis;
    const template = find(built, 'AnalysisTemplate', analysis?.templates[0]?.templateName ?? 'none');
    expect(analysis?.args.map(({ name }) => name)).toEqual(template.spec.args?.map(({ name }) => name));
  });

  it('rolls back at the share of failures of the alert HighErrorRate', () => {
    const limit = /http_requests_total\{endpoint!~"\/health\.\*"\}\[5m\]\)\) > ([\d.]+)\n\s+for: 5m/.exec(
      readFileSync('docker/prometheus/rules.yml', 'utf8'),
    )?.[1];
    const [metric] = find(built, 'AnalysisTemplate', 'docent-errors').spec.metrics ?? [];
    expect(metric?.failureCondition).toBe(`len(result) > 0 && result[0] >= ${limit ?? '?'}`);
    expect(metric?.successCondition).toBe(`len(result) > 0 && result[0] < ${limit ?? '?'}`);
  });
});
