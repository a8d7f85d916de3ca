import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { settings } from '../../src/config/settings.js';
import { queueNames } from '../../src/platform/queue/jobs.js';
import { listLabels, ownLabels, listSeries } from '../promql.js';

const readDocuments = <T>(path: string): T[] =>
  parseAllDocuments(readFileSync(join('docker/k8s', path), 'utf8')).map((document) => document.toJS() as T);

interface Deployment {
  metadata: { name: string };
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        containers: {
          env: { name: string; value: string }[];
          envFrom: { secretRef?: { name: string } }[];
          ports: { name: string }[];
        }[];
      };
    };
  };
}
interface Autoscaler {
  metadata: { name: string };
  spec: {
    scaleTargetRef: { name: string };
    metrics: { external?: { metric: { name: string; selector: { matchLabels: Record<string, string> } } } }[];
  };
}
interface ScaledObject {
  metadata: { name: string };
  spec: { scaleTargetRef: { name: string }; triggers: { type: string; metadata: { query?: string } }[] };
}
interface PodMonitor {
  spec: {
    selector: { matchLabels: Record<string, string> };
    podMetricsEndpoints: {
      port: string;
      path: string;
      authorization: { credentials: { name: string; key: string } };
      relabelings: { sourceLabels: string[]; targetLabel: string; replacement: string }[];
    }[];
  };
}
interface AnalysisTemplate {
  spec: { metrics: { provider: { prometheus: { query: string } } }[] };
}
interface AdapterRule {
  seriesQuery: string;
  name: { matches: string; as: string };
  metricsQuery: string;
}

const deployments = ['api', 'worker-ingestion', 'worker-default'].flatMap((name) =>
  readDocuments<Deployment>(`base/${name}.yaml`),
);
const autoscalers = readDocuments<Autoscaler>('overlays/hpa/autoscalers.yaml');
const scaledObjects = readDocuments<ScaledObject>('overlays/keda/scaled-objects.yaml');
const analyses = readDocuments<AnalysisTemplate>('overlays/rollout/analysis.yaml');
const monitors = readDocuments<PodMonitor>('monitoring/pod-monitor.yaml');
const adapterRules = (
  parse(readFileSync('docker/prometheus/adapter-values.yaml', 'utf8')) as {
    rules: { external: AdapterRule[] };
  }
).rules.external;
const documented = new Set(
  [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name),
);
const labels = new Set([...ownLabels(), 'job', 'namespace', 'pod']);

const kedaQueries = scaledObjects.flatMap(({ spec }) =>
  spec.triggers.flatMap(({ metadata }) => metadata.query ?? []),
);
const analysisQueries = analyses.flatMap(({ spec }) =>
  spec.metrics.map(({ provider }) => provider.prometheus.query.replaceAll('{{args.canary-hash}}', 'new1')),
);
/** Queries that a person enters to judge the canary. */
const runbookQueries = [
  ...readFileSync('docs/operations/upgrade.md', 'utf8').matchAll(/```promql\n([^`]*)```/g),
].map(([, query = '']) => query);
const queries = [
  ...kedaQueries,
  ...analysisQueries,
  ...runbookQueries,
  ...adapterRules.map((rule) => rule.seriesQuery),
];
const external = (scaler: Autoscaler) => scaler.spec.metrics.flatMap((metric) => metric.external ?? []);

/** The queues that a deployment takes tasks from, by its name; empty for the API. */
function queuesTakenBy(name: string): string[] {
  const deployment = deployments.find(({ metadata }) => metadata.name === name);
  const env = deployment?.spec.template.spec.containers[0]?.env ?? [];
  return env.find((variable) => variable.name === 'WORKER_QUEUES')?.value.split(',') ?? [];
}

describe('queries and metrics of the Kubernetes files', () => {
  it('name metrics that docs/metrics.md has', () => {
    expect(queries).toHaveLength(5);
    const named = [
      ...queries.flatMap(listSeries),
      ...autoscalers.flatMap(external).map(({ metric }) => metric.name),
    ];
    expect(new Set(named)).toEqual(new Set(['queue_depth', 'http_requests_total']));
    expect(named.filter((name) => !documented.has(name))).toEqual([]);
  });

  it('name labels that docent or the scrape configuration sets', () => {
    const named = [
      ...queries.flatMap(listLabels),
      ...autoscalers.flatMap(external).flatMap(({ metric }) => Object.keys(metric.selector.matchLabels)),
    ];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((label) => !labels.has(label))).toEqual([]);
  });

  it('offer through the adapter the metrics that the autoscalers query', () => {
    const offered = adapterRules.map(({ name }) => name.as);
    for (const { metric } of autoscalers.flatMap(external)) expect(offered).toContain(metric.name);
    for (const { seriesQuery, name, metricsQuery } of adapterRules) {
      expect(listSeries(seriesQuery).filter((series) => !new RegExp(name.matches).test(series))).toEqual([]);
      expect(metricsQuery).toBe('max(<<.Series>>{<<.LabelMatchers>>})');
    }
  });
});

describe('both ways to scale', () => {
  const names = deployments.map(({ metadata }) => metadata.name).sort();

  it('cover every deployment', () => {
    expect(autoscalers.map(({ spec }) => spec.scaleTargetRef.name).sort()).toEqual(names);
    expect(scaledObjects.map(({ spec }) => spec.scaleTargetRef.name).sort()).toEqual(names);
  });

  it('scale a worker by exactly the queues that it takes from', () => {
    expect(names.flatMap(queuesTakenBy).sort()).toEqual([...queueNames].sort());
    for (const scaler of autoscalers)
      expect(external(scaler).map(({ metric }) => metric.selector.matchLabels['queue'])).toEqual(
        queuesTakenBy(scaler.metadata.name),
      );
    for (const { metadata, spec } of scaledObjects) {
      const asked = spec.triggers.flatMap((trigger) => trigger.metadata.query ?? []).join();
      const queues = [...asked.matchAll(/queue="(\w+)"/g)].map(([, queue]) => queue);
      expect(queues).toEqual(queuesTakenBy(metadata.name));
    }
  });
});

describe('the pod monitor', () => {
  it('asks each pod, with the token that the pod has', () => {
    for (const { metadata, spec } of deployments) {
      const container = spec.template.spec.containers[0];
      const secrets = container?.envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
      const asked = monitors
        .filter((monitor) =>
          Object.entries(monitor.spec.selector.matchLabels).every(
            ([name, value]) => spec.template.metadata.labels[name] === value,
          ),
        )
        .flatMap((monitor) => monitor.spec.podMetricsEndpoints)
        .filter(({ port }) => container?.ports.some(({ name }) => name === port));
      expect([metadata.name, asked.map(({ path }) => path)]).toEqual([metadata.name, ['/metrics']]);
      for (const { authorization } of asked) {
        expect(secrets).toContain(authorization.credentials.name);
        expect(Object.keys(settings)).toContain(authorization.credentials.key);
      }
    }
  });

  it('gives jobs the names that the alert for a dead process uses', () => {
    const known = /up\{job=~"([^"]+)"\}/.exec(readFileSync('docker/prometheus/rules.yml', 'utf8'))?.[1];
    for (const { relabelings } of monitors.flatMap(({ spec }) => spec.podMetricsEndpoints))
      for (const { spec } of deployments) {
        const [rule] = relabelings.filter(({ targetLabel }) => targetLabel === 'job');
        expect(rule?.sourceLabels).toEqual(['__meta_kubernetes_pod_label_app_kubernetes_io_component']);
        const component = spec.template.metadata.labels['app.kubernetes.io/component'] ?? '';
        expect(rule?.replacement.replace('$1', component)).toMatch(new RegExp(`^(?:${known ?? 'none'})$`));
      }
  });
});

const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
const hasPromtool = promtool('--version').status === 0;

/** Complaints of promtool about expected values of queries; undefined where there are none. */
function complaint(series: [string, string][], expected: [string, number[]][]): string | undefined {
  const work = mkdtempSync(join(tmpdir(), 'docent-promtool-'));
  const path = join(work, 'queries.test.yml');
  const test = {
    interval: '1m',
    input_series: series.map(([name, values]) => ({ series: name, values })),
    promql_expr_test: expected.map(([expr, values]) => ({
      expr,
      eval_time: '10m',
      exp_samples: values.map((value) => ({ labels: '{}', value })),
    })),
  };
  writeFileSync(path, stringify({ evaluation_interval: '1m', tests: [test] }));
  const { status, stdout, stderr } = promtool('test', 'rules', path);
  rmSync(work, { recursive: true });
  return status === 0 ? undefined : stdout + stderr;
}

(hasPromtool ? describe : describe.skip)('promtool', () => {
  it('adds up the queues of a worker, each of them once however many processes report it', () => {
    const depths = { ingestion: 30, embedding: 5, summary: 7, default: 2 };
    const series = ['a', 'b'].flatMap((pod) =>
      Object.entries(depths).map(([queue, depth]): [string, string] => [
        `queue_depth{namespace="docent",pod="${pod}",queue="${queue}"}`,
        `${depth}x10`,
      ]),
    );
    const elsewhere: [string, string] = ['queue_depth{namespace="other",pod="a",queue="summary"}', '900x10'];
    expect(kedaQueries).toHaveLength(2);
    const [ingestion = '', others = ''] = kedaQueries;
    const values: [string, number[]][] = [
      [ingestion, [35]],
      [others, [9]],
    ];
    expect(complaint([...series, elsewhere], values)).toBeUndefined();
    expect(complaint(series, [[ingestion, [70]]])).toContain('FAILED');
  });

  const requests = (pod: string, status: number, rise: number): [string, string] => [
    `http_requests_total{namespace="docent",pod="${pod}",endpoint="/agent/search",status="${status}"}`,
    `0+${rise}x10`,
  ];
  const analysed = (values: number[]): [string, number[]][] =>
    analysisQueries.map((query) => [`round(100 * (${query}))`, values]);

  it.each([
    ['a tenth', [requests('docent-api-new1-x', 200, 90), requests('docent-api-new1-x', 503, 10)], [10]],
    ['none', [requests('docent-api-new1-x', 200, 90), requests('docent-api-old1-x', 500, 90)], [0]],
    ['nothing, where nobody asked', [requests('docent-api-old1-x', 500, 90)], []],
  ])('finds of the requests to the new pods failed: %s', (_share, series, values) => {
    expect(analysisQueries).toHaveLength(1);
    expect(complaint(series, analysed(values))).toBeUndefined();
  });
});

describe('the alert rules for the Prometheus Operator', () => {
  it('are those of docker/prometheus', () => {
    const rules = parse(readFileSync('docker/prometheus/rules.yml', 'utf8')) as unknown;
    const [rule] = readDocuments<{ spec: unknown }>('monitoring/prometheus-rule.yaml');
    expect(rule?.spec).toEqual(rules);
  });
});
