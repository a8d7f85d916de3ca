import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { loadEnv } from '../../src/config/env.js';
import { settings } from '../../src/config/settings.js';
import { queueNames } from '../../src/platform/queue/jobs.js';

const directory = 'docker/k8s';
const kustomizations = [
  'base',
  'migrate',
  'monitoring',
  'route',
  'overlays/canary',
  'overlays/canary-route',
  'overlays/hpa',
  'overlays/keda',
  'overlays/rollout',
];

interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds?: number;
  failureThreshold: number;
}
interface Container {
  image: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: unknown;
  volumeMounts: { name: string; mountPath: string }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
}
interface PodSpec {
  containers: Container[];
  securityContext: unknown;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  volumes: {
    name: string;
    emptyDir?: { sizeLimit: string };
    persistentVolumeClaim?: { claimName: string };
  }[];
}
interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    replicas?: number;
    selector?: { matchLabels: object };
    template: { metadata: { labels: object }; spec: PodSpec };
    scaleTargetRef?: { name: string };
  };
}
interface Kustomization {
  resources: string[];
  configurations?: string[];
  configMapGenerator?: { name: string; literals: string[] }[];
}

const kustomization = (name: string) =>
  parse(readFileSync(join(directory, name, 'kustomization.yaml'), 'utf8')) as Kustomization;
const resources: Resource[] = kustomizations.flatMap((name) =>
  kustomization(name)
    .resources.filter((path) => path.endsWith('.yaml'))
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(directory, name, file), 'utf8')).map(
        (document) => document.toJS() as Resource,
      ),
    ),
);
const ofKind = (...kinds: string[]) => resources.filter(({ kind }) => kinds.includes(kind));
const deployments = ofKind('Deployment');
const pods = ofKind('Deployment', 'Job').map(
  ({ metadata, spec }) => [metadata.name, spec.template.spec] as const,
);
const findContainer = ({ containers }: PodSpec): Container => {
  if (!containers[0]) throw new Error('no container');
  return containers[0];
};
const megabytes = (quantity = '') => parseInt(quantity, 10) * (quantity.endsWith('Gi') ? 1024 : 1);

describe('the kustomizations', () => {
  it.each(kustomizations)('%s names exactly the files that exist', (name) => {
    const { resources: own, configurations = [] } = kustomization(name);
    const named = [...own, ...configurations];
    for (const path of named) expect([path, existsSync(join(directory, name, path))]).toEqual([path, true]);
    const files = readdirSync(join(directory, name)).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    );
    expect(files.filter((file) => !named.includes(file))).toEqual([]);
  });

  it('set only settings that exist, and no secret', () => {
    const literals = kustomization('base').configMapGenerator?.flatMap((map) => map.literals) ?? [];
    const names = [
      ...literals.map((literal) => literal.split('=')[0] ?? ''),
      ...pods.flatMap(([, pod]) => (findContainer(pod).env ?? []).map(({ name }) => name)),
    ];
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !(name in settings))).toEqual([]);
    const secret = Object.entries(settings).flatMap(([name, type]) =>
      type.meta()?.['secret'] ? [name] : [],
    );
    const given = [
      ...literals.map((literal) => literal.split('=')[0] ?? ''),
      ...pods.flatMap(([, pod]) =>
        (findContainer(pod).env ?? []).filter(({ value }) => value !== undefined).map(({ name }) => name),
      ),
    ];
    expect(given.filter((name) => secret.includes(name))).toEqual([]);
    expect(ofKind('Secret')).toEqual([]);
  });

  it('trust one proxy, and explain the setting for two', () => {
    expect(kustomization('base').configMapGenerator?.flatMap(({ literals }) => literals)).toContain(
      'TRUST_PROXY=1',
    );
    const read = (path: string) => readFileSync(path, 'utf8').replace(/\n *#? */g, ' ');
    expect(read(join(directory, 'base/kustomization.yaml'))).toMatch(
      /load balancer that speaks HTTP it is 2/,
    );
    expect(read('docs/operations/deploy.md')).toMatch(/load balancer that speaks HTTP[^.]* `TRUST_PROXY=2`/);
  });

  it('give values that the service accepts', () => {
    const shared =
      kustomization('base').configMapGenerator?.flatMap(({ literals }) =>
        literals.map((literal) => literal.split('=') as [string, string]),
      ) ?? [];
    const secrets = { DATABASE_URL: 'postgres://a@b/c', REDIS_URL: 'redis://b', API_KEYS: 'k'.repeat(40) };
    for (const { metadata, spec } of deployments) {
      const own = (findContainer(spec.template.spec).env ?? []).map(
        ({ name, value }) => [name, value] as const,
      );
      const env = loadEnv({
        ...secrets,
        ...Object.fromEntries([...shared, ...own]),
        PARSER_MEMORY_MB: '768',
      });
      expect([metadata.name, env.ENVIRONMENT, env.AUTH]).toEqual([metadata.name, 'production', 'required']);
    }
  });
});

describe('the pods', () => {
  it.each(pods)('%s runs without privileges and within limits', (_name, pod) => {
    const container = findContainer(pod);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources.requests).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    expect(megabytes(container.resources.limits['memory'])).toBeGreaterThanOrEqual(
      megabytes(container.resources.requests['memory']),
    );
    for (const { name } of container.volumeMounts)
      expect(pod.volumes.map((volume) => volume.name)).toContain(name);
    expect(pod.volumes.find(({ name }) => name === 'tmp')?.emptyDir?.sizeLimit).toMatch(/^\d+[GM]i$/);
  });

  it.each(deployments.map(({ metadata, spec }) => [metadata.name, spec] as const))(
    '%s is probed at its health routes, and has time to end',
    (_name, spec) => {
      const pod = spec.template.spec;
      const container = findContainer(pod);
      const ports = container.ports?.map(({ name }) => name) ?? [];
      for (const probe of [container.startupProbe, container.livenessProbe])
        expect(probe.httpGet.path).toBe('/health/live');
      expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
      for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
        expect(ports).toContain(probe.httpGet.port);
      const env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
      expect(String(container.ports?.[0]?.containerPort)).toBe(
        env['MODE'] === 'worker' ? env['WORKER_HEALTH_PORT'] : env['PORT'],
      );
      // a readiness check gives each part 1.5 s, both at once
      expect(container.readinessProbe.timeoutSeconds).toBeGreaterThanOrEqual(2);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30 + 5);
      expect(spec.template.metadata.labels).toMatchObject(spec.selector?.matchLabels ?? { none: true });
    },
  );

  it('leave room for the parser children of an ingesting worker', () => {
    const container = findContainer(
      deployments.find(({ metadata }) => metadata.name === 'docent-worker-ingestion')?.spec.template.spec ??
        ({ containers: [] } as never),
    );
    const env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, Number(value)]));
    expect(megabytes(container.resources.limits['memory'])).toBeGreaterThan(
      (env['PARSER_PROCESSES'] ?? 0) * (env['PARSER_MEMORY_MB'] ?? 0) + 512,
    );
  });

  it('take from every queue', () => {
    const taken = deployments
      .flatMap(({ spec }) => findContainer(spec.template.spec).env ?? [])
      .filter(({ name }) => name === 'WORKER_QUEUES');
    expect(new Set(taken.flatMap(({ value }) => value?.split(',')))).toEqual(new Set<string>(queueNames));
  });
});

describe('the objects around the pods', () => {
  it('selects pods that exist', () => {
    const labels = deployments.map(({ spec }) => spec.template.metadata.labels);
    for (const { metadata, spec } of ofKind('PodDisruptionBudget'))
      expect([
        metadata.name,
        labels.some((own) =>
          Object.entries(spec.selector?.matchLabels ?? {}).every(
            ([name, value]) => Reflect.get(own, name) === value,
          ),
        ),
      ]).toEqual([metadata.name, true]);
  });

  it('scales only deployments that exist, without fixed replicas', () => {
    const names = deployments.map(({ metadata }) => metadata.name);
    const scaled = ofKind('HorizontalPodAutoscaler', 'ScaledObject');
    expect(scaled).toHaveLength(6);
    for (const { spec } of scaled) expect(names).toContain(spec.scaleTargetRef?.name);
  });
});

const kubectl = (...args: string[]) => spawnSync('kubectl', args, { encoding: 'utf8' });
const hasKubectl = kubectl('kustomize', join(directory, 'base')).status === 0;

(hasKubectl ? describe : describe.skip)('kubectl kustomize', () => {
  it.each(kustomizations)('builds %s', (name) => {
    const { status, stdout, stderr } = kubectl('kustomize', join(directory, name));
    expect([status, stderr]).toEqual([0, '']);
    const built = parseAllDocuments(stdout).map((document) => document.toJS() as Resource);
    const ids = built.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(ids).size).toBe(ids.length);
    const scaled = built.flatMap(({ spec }) => spec?.scaleTargetRef?.name ?? []);
    for (const { kind, metadata, spec } of built)
      if (kind === 'Deployment')
        expect([metadata.name, spec.replicas === undefined]).toEqual([
          metadata.name,
          scaled.includes(metadata.name),
        ]);
    for (const { kind, spec } of built)
      if (kind === 'Deployment' || kind === 'Rollout' || kind === 'Job')
        expect(findContainer(spec.template.spec).image).toMatch(/^docent:\d+\.\d+\.\d+$/);
  });
});
