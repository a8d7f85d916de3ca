import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { AnalysisTemplate } from '@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/AnalysisTemplate';
import { Rollout } from '@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/Rollout';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';

interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}
const models = [
  AnalysisTemplate,
  ConfigMap,
  Deployment,
  HTTPRoute,
  HorizontalPodAutoscaler,
  Job,
  Namespace,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PodMonitor,
  PrometheusRule,
  Rollout,
  ScaledObject,
  Service,
  ServiceAccount,
];
/** The packages of the kinds that do not come with Kubernetes, by their group. */
const packages: Record<string, string> = {
  'argoproj.io': '@kubernetes-models/argo-rollouts',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};
/** Where a model's class and the interface of its document stand. */
const nameModule = ({ apiVersion, kind }: Resource): string =>
  `${packages[apiVersion.split('/')[0] ?? ''] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;

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
const readDocuments = (text: string) =>
  parseAllDocuments(text).map((document) => document.toJS() as Resource);
const files = kustomizations.flatMap((name) => {
  const { resources } = parse(readFileSync(join(directory, name, 'kustomization.yaml'), 'utf8')) as {
    resources: string[];
  };
  return resources
    .filter((path) => path.endsWith('.yaml'))
    .map(
      (file) =>
        [`${name}/${file}`, readDocuments(readFileSync(join(directory, name, file), 'utf8'))] as const,
    );
});
const rendered = kustomizations.flatMap((name) => {
  const { status, stdout } = spawnSync('kubectl', ['kustomize', join(directory, name)], { encoding: 'utf8' });
  return status === 0 ? [[`kubectl kustomize ${name}`, readDocuments(stdout)] as const] : [];
});

/** Errors of a document by the JSON schema of its kind and version; unknown fields pass. */
function violations(resource: Resource): string[] {
  const model = models.find(
    ({ apiVersion, kind }) => apiVersion === resource.apiVersion && kind === resource.kind,
  );
  if (!model) return [`${resource.apiVersion} ${resource.kind} is no kind that is known here`];
  try {
    new model(resource as never).validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/**
 * Errors of the compiler for the documents as literals of the types
 * that were made from the same schemas: above all fields that do not exist.
 */
function unknownFields(resources: Resource[]): string[] {
  const path = resolve('test/flow/kubernetes-documents.ts');
  const source = resources
    .map(
      (resource, index) =>
        `import type { I${resource.kind} as T${index} } from '${nameModule(resource)}';\nexport const d${index}: T${index} = ${JSON.stringify(resource)};`,
    )
    .join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, source, rest[0]) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('every document of the kustomizations', () => {
  it.each([...files, ...rendered])('fits its schema: %s', (_name, documents) => {
    expect(documents.length).toBeGreaterThan(0);
    expect(documents.flatMap(violations)).toEqual([]);
  });

  it('has no field that its schema does not know', () => {
    const all = [...files, ...rendered].flatMap(([, documents]) => documents);
    expect(unknownFields(all)).toEqual([]);
  });
});

describe('the check', () => {
  const pod = (container: object, spec: object = {}) =>
    ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { selector: {}, template: { spec: { containers: [{ name: 'a', ...container }] } }, ...spec },
    }) as Resource;

  it('refuses a value of another type, a missing one, and a kind of another version', () => {
    expect(violations(pod({}))).toEqual([]);
    expect(violations(pod({}, { replicas: 'two' })).join()).toContain('replicas');
    expect(violations(pod({ name: undefined })).join()).toContain('name');
    expect(violations({ ...pod({}), apiVersion: 'apps/v1beta1' })).toHaveLength(1);
  });

  it('refuses a field that does not exist, however deep, also of KEDA', () => {
    const scaled = (field: object) =>
      ({
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name: 'a' },
        spec: { scaleTargetRef: { name: 'a' }, triggers: [], ...field },
      }) as Resource;
    expect(unknownFields([pod({}), scaled({})])).toEqual([]);
    const complaints = unknownFields([
      pod({ startupProb: {} }),
      pod({}, { replica: 2 }),
      scaled({ pollingIntervall: 5 }),
    ]).join('\n');
    for (const field of ['startupProb', 'replica', 'pollingIntervall'])
      expect(complaints).toContain(`"${field}"' does not exist`);
  });
});
