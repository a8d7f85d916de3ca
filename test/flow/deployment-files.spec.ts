import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadEnv } from '../../src/config/env.js';
import { settings } from '../../src/config/settings.js';
import { composed, readCompose as read } from '../compose.js';

const files = ['docker-compose.yml', 'docker-compose.worker.yml', 'docker-compose.prod.yml'];
const ours = /^(api|worker)/;
const own = files.flatMap((file) =>
  Object.entries(read(file).services).map(([name, service]) => ({ file, name, service })),
);

describe('compose files', () => {
  it.each(
    own
      .filter(({ name }) => ours.test(name))
      .map(({ file, name, service }) => [file, name, service] as const),
  )('%s: %s sets only settings that exist', (_file, _name, service) => {
    const unknown = Object.keys(service.environment ?? {}).filter((setting) => !(setting in settings));
    expect(unknown).toEqual([]);
  });

  const given = { API_KEY: 'k'.repeat(44), POSTGRES_PASSWORD: 'p'.repeat(48) };
  it.each([1, 2, 3])('make a whole together, the first %i of them', (count) => {
    const { services, volumes = {} } = composed(files.slice(0, count), given);
    for (const { image, depends_on, healthcheck, volumes: mounted = [] } of Object.values(services)) {
      expect(image).toMatch(/:\d+\.\d+\.\d+/);
      expect(healthcheck).toBeDefined();
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on ?? {})));
      expect(Object.keys(volumes)).toEqual(
        expect.arrayContaining(mounted.map((mount) => mount.split(':')[0])),
      );
    }
    for (const [name, { environment, stop_grace_period }] of Object.entries(services).filter(([name]) =>
      ours.test(name),
    )) {
      const env = loadEnv(environment);
      expect([name, env.MODE]).toEqual([name, name !== 'api' ? 'worker' : count === 1 ? 'all' : 'api']);
      expect([env.DATABASE_DRIVER, env.QUEUE_DRIVER, name === 'api' ? env.AUTH : 'required']).toEqual([
        'pg',
        'bull',
        'required',
      ]);
      expect(Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(env.SHUTDOWN_GRACE_SECONDS);
      expect(env.ENVIRONMENT).toBe(count === 3 ? 'production' : 'development');
    }
    const taken = Object.values(services).flatMap(
      ({ environment }) => environment?.['WORKER_QUEUES']?.split(',') ?? [],
    );
    expect(taken.toSorted((a, b) => a.localeCompare(b))).toEqual(
      count === 1 ? [] : ['default', 'ingestion', 'summary'],
    );
  });

  it('start nothing without a key and a password', () => {
    expect(() => composed(files, { ...given, API_KEY: '' })).toThrow(
      'API_KEY: a key of 32 characters or more is required',
    );
    expect(() => composed(files, { ...given, POSTGRES_PASSWORD: '' })).toThrow(
      'POSTGRES_PASSWORD: a password is required',
    );
  });

  it('open ports on loopback alone', () => {
    for (const { service } of own)
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('hold no secret, and need a key and a password', () => {
    for (const file of files)
      expect(readFileSync(file, 'utf8')).not.toMatch(
        /(password|key|secret)\s*[:=]\s*["']?[A-Za-z0-9+/]{8,}/i,
      );
    expect(read('docker-compose.yml').services['api']?.environment?.['API_KEYS']).toMatch(/^\$\{API_KEY:\?/);
  });

  it('watch the health and bound the logs of everything that runs', () => {
    const base = own.filter(
      ({ file, name }) =>
        file !== 'docker-compose.prod.yml' && !(file === 'docker-compose.worker.yml' && name === 'api'),
    );
    for (const { service } of base) {
      expect(service.healthcheck).toMatchObject({ test: expect.arrayContaining([expect.any(String)]) });
      expect(service.logging?.options).toEqual({
        'max-size': expect.any(String),
        'max-file': expect.any(String),
      });
    }
  });

  it('run ours with a read-only root, and keep Redis from losing or evicting', () => {
    for (const { name, service, file } of own)
      if (ours.test(name) && service.image)
        expect([file, name, service.read_only]).toEqual([file, name, true]);
    expect(JSON.stringify(read('docker-compose.yml').services['redis'])).toMatch(
      /appendonly","yes.*noeviction/,
    );
  });

  it('limit and restart every service in production', () => {
    const running = new Set(own.map(({ name }) => name));
    const { services } = read('docker-compose.prod.yml');
    expect(Object.keys(services).sort()).toEqual([...running].sort());
    for (const service of Object.values(services)) {
      expect(service.restart).toBe('unless-stopped');
      expect(service.deploy?.resources).toMatchObject({
        limits: { memory: expect.any(String) },
        reservations: { memory: expect.any(String) },
      });
    }
  });
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
    const names = [...dockerfile.matchAll(/^(?:ENV|\s{4})\s*([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names.filter((name) => name !== 'NODE_ENV' && !(String(name) in settings))).toEqual([]);
    expect(names).toContain('DATA_DIR');
  });
});
