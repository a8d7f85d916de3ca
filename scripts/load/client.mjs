import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

export const testSet = 'load_test';
const topics = [
  'leave',
  'travel',
  'invoices',
  'safety',
  'warranty',
  'hiring',
  'storage',
  'networks',
  'laboratory',
  'training',
];
const sentence = (topic, number) =>
  `Rule ${number} on ${topic}: whoever deals with ${topic} asks department ${number % 17} first and keeps the receipt ${number * 7} for ${1 + (number % 9)} years.`;

/** A unique text of about `sentences` × 100 bytes. */
export const documentText = (number, sentences = 12) =>
  [
    `# Handbook ${number} ${randomUUID()}`,
    ...Array.from({ length: sentences }, (_, index) =>
      sentence(topics[(number + index) % topics.length], number + index),
    ),
  ].join('\n\n');
export const question = (number) =>
  `who asks about ${topics[number % topics.length]} and keeps receipt ${(number % 50) * 7}`;

/** Speaks to one docent over connections that stay open. */
export class Client {
  constructor({ url, token, 'metrics-token': metricsToken }, connections = 64) {
    this.url = url.replace(/\/$/, '');
    this.token = token;
    this.metricsHeaders = metricsToken ? { authorization: `Bearer ${metricsToken}` } : {};
    this.agent = new Agent({
      connections,
      pipelining: 1,
      keepAliveTimeout: 4000,
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
    });
  }

  get headers() {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }

  /**
   * Works with a key of its own that RATE_LIMIT_MAX_REQUESTS does not bind, where the given key may make one:
   * an administrator's of the tenant `default`. It is revoked at the end, and expires after a day and `hours`.
   */
  async liftLimits(hours = 0) {
    if (!this.token) return;
    await this.ready();
    const expires = new Date(Date.now() + (24 + hours) * 3_600_000).toISOString();
    const { status, text } = await this.send(
      'POST',
      '/agent/keys',
      JSON.stringify({
        name: 'load test',
        scopes: ['read', 'write'],
        rate_limit: 10_000_000,
        expires_at: expires,
      }),
    );
    if (status !== 201) return;
    const { id, key } = JSON.parse(text);
    this.given = { token: this.token, id };
    this.token = key;
  }

  /** @returns status, the seconds of Retry-After and the body as text */
  async send(method, path, body, headers = {}) {
    const answer = await request(this.url + path, {
      method,
      dispatcher: this.agent,
      headers: {
        ...this.headers,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    return {
      status: answer.statusCode,
      retryAfter: Number(answer.headers['retry-after'] ?? 1),
      text: await answer.body.text(),
    };
  }

  /** Sends again what was refused as too frequent, at the time that the service names. */
  async sendPatiently(act) {
    for (;;) {
      const answer = await act();
      if (answer.status !== 429) return answer;
      await new Promise((done) => setTimeout(done, Math.min(answer.retryAfter, 600) * 1000));
    }
  }

  /** @throws where the answer is no 2xx */
  async json(method, path, body) {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const { status, text } = await this.sendPatiently(() => this.send(method, path, sent));
    if (status < 200 || status > 299)
      throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }

  health = () => this.send('GET', '/health/live');
  listing = () => this.send('GET', `/agent/documents?document_set=${testSet}&limit=20`);
  search = (number) =>
    this.send(
      'POST',
      '/agent/search',
      JSON.stringify({ prompt: question(number), limit: 5, answer: false, document_set: testSet }),
    );
  upload(number) {
    const boundary = `docent-${randomUUID()}`;
    const part = (head, text) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
    const body = `${part('name="document_set"', testSet)}${part(`name="files"; filename="load-${number}-${randomUUID()}.md"`, documentText(number))}--${boundary}--\r\n`;
    return this.send('POST', '/agent/upload', Buffer.from(body), {
      'content-type': `multipart/form-data; boundary=${boundary}`,
    });
  }

  /** A service that has only just been started opens its database first. */
  async ready(seconds = 60) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const { status, text } = await this.send('GET', '/health/ready');
      if (status === 200) return;
      if (Date.now() > deadline) throw new Error(`not ready within ${seconds} s: ${text.slice(0, 300)}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** Documents of the test set, ready to be found. */
  async seed(count) {
    await this.ready();
    const files = Array.from({ length: count }, (_, number) => ({
      filename: `seed-${number}.md`,
      content: documentText(number),
      document_set: testSet,
    }));
    const { task_id: task } = await this.json('POST', '/agent/ingest', { files });
    return this.ended(task);
  }

  async ended(task, seconds = 300) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = await this.json('GET', `/agent/status/${task}?wait=10`);
      if (['SUCCESS', 'FAILURE', 'REVOKED'].includes(found.status)) return found.status;
      if (Date.now() > deadline) throw new Error(`task ${task} is still ${found.status} after ${seconds} s`);
    }
  }

  async tidy() {
    const { status, text } = await this.send('DELETE', `/agent/documentsets/${testSet}`);
    if (status === 202) await this.ended(JSON.parse(text).task_id).catch(() => undefined);
    if (!this.given) return;
    const { token, id } = this.given;
    this.token = token;
    await this.sendPatiently(() => this.send('DELETE', `/agent/keys/${id}`));
  }

  /** Sums of the metrics of the process (or the cluster); null where `/metrics` is not open to this client. */
  async memory() {
    const { status, text } = await this.send('GET', '/metrics', undefined, this.metricsHeaders);
    if (status !== 200) return null;
    const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    return {
      rssMb: value('process_resident_memory_bytes') / 1e6,
      heapMb: value('nodejs_heap_size_used_bytes') / 1e6,
    };
  }

  close() {
    return this.agent.destroy();
  }
}
