import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadEnv } from '../../src/config/env.js';
import { settings } from '../../src/config/settings.js';
import { queueNames } from '../../src/platform/queue/jobs.js';
import { composed } from '../compose.js';

const base = 'docker-compose.yml';
const production = 'docker-compose.prod.yml';
const worker = 'docker-compose.worker.yml';
const files = [base, worker, production];
const combinations = [[base], [base, production], [worker]];
const ours = /^(api|worker)/;

/** A checkout's root in which `make-secrets.sh` has run. */
const root = mkdtempSync(join(tmpdir(), 'docent-compose-'));
cpSync('docker/make-secrets.sh', join(root, 'docker/make-secrets.sh'));
const makeSecrets = () => spawnSync('sh', [join(root, 'docker/make-secrets.sh')], { encoding: 'utf8' });
const made = makeSecrets();
afterAll(() => rmSync(root, { recursive: true }));

/** The environment of a container of the service, with the created files as its secrets. */
function readEnvironment(
  environment: Record<string, string>,
  secrets: Record<string, { file: string }>,
  dotenv: Record<string, string> = {},
): Record<string, string> {
  const told = Object.entries(environment).map(([name, value]) => {
    const secret = /^\/run\/secrets\/(\w+)$/.exec(value)?.[1];
    return [name, secret ? join(root, secrets[secret]?.file ?? 'missing') : value];
  });
  return { ...dotenv, ...(Object.fromEntries(told) as Record<string, string>) };
}

describe.each(combinations.map((paths) => [paths.join(' + '), paths] as const))('%s', (_name, paths) => {
  const { services, volumes = {}, secrets = {} } = composed([...paths]);
  const own = Object.entries(services).filter(([name]) => ours.test(name));

  it('is complete: every volume, secret and service that it names is defined', () => {
    for (const service of Object.values(services)) {
      expect(service.image).toMatch(/:v?\d+\.\d+\.\d+/);
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
      expect(Object.keys(secrets)).toEqual(expect.arrayContaining(service.secrets ?? []));
      for (const [source = ''] of (service.volumes ?? []).map((mount) => mount.split(':')))
        expect([source, source.startsWith('./') ? existsSync(source) : source in volumes]).toEqual([
          source,
          true,
        ]);
    }
  });

  it('gives every service limits, a restart policy, a health check and bounded logs', () => {
    for (const [name, service] of Object.entries(services)) {
      expect([name, service.restart]).toEqual([name, 'unless-stopped']);
      expect(service.pids_limit).toBeGreaterThan(0);
      expect(service.deploy?.resources).toEqual({
        limits: { cpus: expect.any(String), memory: expect.any(String) },
        reservations: { cpus: expect.any(String), memory: expect.any(String) },
      });
      expect(service.healthcheck).toMatchObject({ test: expect.arrayContaining([expect.any(String)]) });
      expect(service.logging?.options).toEqual({
        'max-size': expect.any(String),
        'max-file': expect.any(String),
      });
    }
  });

  it('opens ports on loopback alone, and runs ours with a read-only root', () => {
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(own.filter(([, { read_only }]) => !read_only)).toEqual([]);
  });

  it('passes settings that boot, with every secret from a file', () => {
    for (const [name, { environment = {}, stop_grace_period, env_file, secrets: given = [] }] of own) {
      const named = Object.entries(environment).map(([setting]) => setting.replace(/_FILE$/, ''));
      expect(named.filter((setting) => !(setting in settings))).toEqual([]);
      expect(env_file).toEqual([{ path: '.env', required: false }]);
      for (const [setting, value] of Object.entries(environment)) {
        expect([setting, settings[setting as keyof typeof settings]?.meta()?.['secret']]).toEqual([
          setting,
          undefined,
        ]);
        if (setting.endsWith('_FILE')) expect(given).toContain(value.replace('/run/secrets/', ''));
      }
      const env = loadEnv(readEnvironment(environment, secrets));
      const alone = paths.length === 1;
      expect([name, env.MODE]).toEqual([name, name !== 'api' ? 'worker' : alone ? 'all' : 'api']);
      expect([env.DATABASE_DRIVER, env.QUEUE_DRIVER, env.AUTH]).toEqual(['pg', 'bull', 'required']);
      expect(Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(env.SHUTDOWN_GRACE_SECONDS);
    }
  });

  it('takes from every queue', () => {
    const taken = own.flatMap(([, { environment = {} }]) => {
      const env = loadEnv(readEnvironment(environment, secrets));
      return env.MODE === 'api' ? [] : env.WORKER_QUEUES;
    });
    expect(taken).toHaveLength(queueNames.length);
    expect(new Set(taken)).toEqual(new Set(queueNames));
  });
});

describe('numbers of the compose files', () => {
  const given = { API_PROCESSES: '8', WORKER_CONCURRENCY: '30', INGESTION_WORKERS: '5', API_MEMORY: '9g' };
  const { services, secrets = {} } = composed([base, production], given);
  const readEnv = (name: string, dotenv?: Record<string, string>) =>
    loadEnv(readEnvironment(services[name]?.environment ?? {}, secrets, dotenv));

  it('come from the shell where it sets them', () => {
    expect(readEnv('api').API_PROCESSES).toBe(8);
    expect(readEnv('worker-ingestion').WORKER_CONCURRENCY).toBe(30);
    expect(services['worker-ingestion']?.deploy?.replicas).toBe(5);
    expect(services['api']?.deploy?.resources.limits.memory).toBe('9g');
  });

  it('come from .env, which cannot change the port or the folder in the container', () => {
    const dotenv = { OPENAI_EMBEDDING_DIMENSIONS: '768', PORT: '9000', DATA_DIR: '/elsewhere' };
    expect(readEnv('api', dotenv)).toMatchObject({
      OPENAI_EMBEDDING_DIMENSIONS: 768,
      PORT: 8000,
      DATA_DIR: '/data',
      ENVIRONMENT: 'production',
    });
    expect(composed([base], dotenv).services['api']?.ports).toEqual(['127.0.0.1:9000:8000']);
  });
});

describe('secrets', () => {
  it('are made once, long enough, and kept from other users of the machine', () => {
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(statSync(join(root, 'secrets')).mode & 0o777).toBe(0o700);
    const read = () =>
      readdirSync(join(root, 'secrets')).map((name) => [
        name,
        readFileSync(join(root, 'secrets', name), 'utf8'),
      ]);
    const before = read();
    for (const [name, text] of before)
      if (/keys|token|password/.test(name ?? '')) expect(text?.trim()).toMatch(/^[\w-]{44}$/);
    expect(makeSecrets().stdout).toBe('');
    expect(read()).toEqual(before);
  });

  it('are in no file of the checkout, and git and the image ignore their folder', () => {
    for (const file of files)
      expect(readFileSync(file, 'utf8')).not.toMatch(/(password|key|secret)\s*[:=]\s*["']?[A-Za-z0-9+]{8,}/i);
    for (const file of ['.gitignore', '.dockerignore'])
      expect(readFileSync(file, 'utf8').split('\n')).toContain(
        file === '.gitignore' ? 'secrets/' : 'secrets',
      );
  });

  it('are all created that the compose files name', () => {
    const named = files.flatMap((file) => Object.values(composed([file]).secrets ?? {}));
    for (const { file } of named) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
  });
});

describe('monitoring', () => {
  const { services } = composed([base]);
  it('runs only with its profile', () => {
    const optional = Object.entries(services).filter(([, { profiles }]) => profiles?.includes('monitoring'));
    expect(optional.map(([name]) => name)).toEqual(['prometheus', 'alertmanager', 'grafana']);
  });

  it('is connected: alerts reach Alertmanager, and Grafana queries Prometheus', () => {
    const prometheus = readFileSync('docker/prometheus/prometheus.yml', 'utf8');
    expect(prometheus).toContain('alertmanager:9093');
    expect(prometheus).toContain(`/run/secrets/${services['prometheus']?.secrets?.[0] ?? 'missing'}`);
    expect(readFileSync('docker/alertmanager/alertmanager.yml', 'utf8')).toContain(
      `/run/secrets/${services['alertmanager']?.secrets?.[0] ?? 'missing'}`,
    );
    expect(readFileSync('docker/grafana/provisioning/datasources/prometheus.yml', 'utf8')).toContain(
      'http://prometheus:9090',
    );
  });
});

describe('.env.example', () => {
  const lines = [...readFileSync('.env.example', 'utf8').matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm)];
  it('has every setting once', () => {
    const names = lines.map(([, name]) => name);
    expect(names).toHaveLength(new Set(names).size);
    expect(new Set(names)).toEqual(new Set(Object.keys(settings)));
  });

  it('changes nothing when every line is used unchanged', () => {
    const { ANONYMOUS_RATE_LIMIT: _limit, ...env } = loadEnv(
      Object.fromEntries(lines.map(([, name, value]) => [name, value])),
    );
    expect(loadEnv({})).toMatchObject(env);
  });
});

it('keep Redis from losing or evicting', () => {
  expect(JSON.stringify(composed([base]).services['redis']?.command)).toMatch(/appendonly","yes.*noeviction/);
});

describe('the image', () => {
  const dockerfile = readFileSync('docker/Dockerfile', 'utf8');
  it('has an exact base, an unprivileged user, a health check without curl and a first process that reaps', () => {
    expect(dockerfile).toMatch(/ARG NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim/);
    expect(dockerfile).toMatch(/USER 10001:10001/);
    expect(dockerfile).toMatch(/HEALTHCHECK .*"node", "dist\/app\/healthcheck\.js"/);
    expect(dockerfile).toMatch(/ENTRYPOINT \["tini", "--"\]/);
    expect(dockerfile).not.toMatch(/curl|ENV [^\n]*(KEY|PASSWORD|SECRET)/);
  });

  it('sets only settings that exist', () => {
    const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    const names = [...final.matchAll(/^(?:ENV|\s{4})\s*([A-Z_]+)=/gm)].map(([, name]) => name);
    // read by Node and by glibc
    const others = ['NODE_ENV', 'MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_'];
    expect(names.map(String).filter((name) => !others.includes(name) && !(name in settings))).toEqual([]);
    expect(names).toContain('DATA_DIR');
  });
});
