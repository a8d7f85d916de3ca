import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { settings } from '../../src/config/settings.js';

interface ComposeService {
  image?: string;
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: unknown;
  logging?: { options?: Record<string, string> };
  read_only?: boolean;
  deploy?: { resources?: { limits?: Record<string, string>; reservations?: Record<string, string> } };
  restart?: string;
}
type Compose = { services: Record<string, ComposeService> };
const read = (path: string): Compose => parse(readFileSync(path, 'utf8'), { merge: true }) as Compose;

const files = ['docker-compose.yml', 'docker-compose.worker.yml', 'docker-compose.prod.yml'];
const ours = /^(api|worker)/;
const own = files.flatMap((file) => Object.entries(read(file).services).map(([name, service]) => ({ file, name, service })));

describe('compose files', () => {
  it.each(own.filter(({ name }) => ours.test(name)).map(({ file, name, service }) => [file, name, service] as const))(
    '%s: %s sets only settings that exist',
    (_file, _name, service) => {
      const unknown = Object.keys(service.environment ?? {}).filter((setting) => !(setting in settings));
      expect(unknown).toEqual([]);
    },
  );

  it('open ports on loopback alone', () => {
    for (const { service } of own) for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('hold no secret, and need a key and a password', () => {
    for (const file of files) expect(readFileSync(file, 'utf8')).not.toMatch(/(password|key|secret)\s*[:=]\s*["']?[A-Za-z0-9+/]{8,}/i);
    expect(read('docker-compose.yml').services['api']?.environment?.['API_KEYS']).toMatch(/^\$\{API_KEY:\?/);
  });

  it('watch the health and bound the logs of everything that runs', () => {
    const base = own.filter(
      ({ file, name }) => file !== 'docker-compose.prod.yml' && !(file === 'docker-compose.worker.yml' && name === 'api'),
    );
    for (const { service } of base) {
      expect(service.healthcheck).toMatchObject({ test: expect.arrayContaining([expect.any(String)]) });
      expect(service.logging?.options).toEqual({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
    }
  });

  it('run ours with a read-only root, and keep Redis from losing or evicting', () => {
    for (const { name, service, file } of own)
      if (ours.test(name) && service.image) expect([file, name, service.read_only]).toEqual([file, name, true]);
    expect(JSON.stringify(read('docker-compose.yml').services['redis'])).toMatch(/appendonly","yes.*noeviction/);
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
