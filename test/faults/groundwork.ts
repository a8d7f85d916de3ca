import type { Expectation } from './checker.js';
import { unfinished } from './checker.js';
import { fingerprint, sampleContent, samples } from './contents.js';
import type { World } from './world.js';

/** Ingests the samples undisturbed. @returns what their chunks say, by name */
export async function referencePrints({ client, sql }: World): Promise<Map<string, string>> {
  const prints = new Map<string, string>();
  const accepted = new Map<string, string>();
  for (const name of samples) {
    const outcome = await client.upload(`reference-${name}`, sampleContent(name));
    if (outcome.kind !== 'certain') throw new Error(`${name} was not accepted before the first fault`);
    accepted.set(name, outcome.value.id);
  }
  const left = await unfinished(sql, undefined, 120_000);
  if (left.length > 0) throw new Error(`not ready before the first fault: ${left.join('; ')}`);
  for (const [name, id] of accepted) {
    const { rows } = await sql.query<{ content: string }>(
      'select content from docent.chunks where document_id = $1 order by ordinal',
      [id],
    );
    if (rows.length === 0) throw new Error(`${name} has no chunks`);
    prints.set(name, fingerprint(rows.map((row) => row.content)));
  }
  return prints;
}

/** Uploads documents that must fail: one that is no PDF inside, and one that crashes the parser each time. */
export async function markedFailures({ client }: World, { failing }: Expectation): Promise<void> {
  const broken = Buffer.from(`%PDF-1.7\n${'nothing of a PDF follows\n'.repeat(50)}`);
  await client.upload('broken.pdf', { bytes: broken, hash: '' });
  failing.set('broken.pdf', {});
  const poison = Buffer.from(`[${'{"a":[1,2,3]},'.repeat(6_000_000)}1]`);
  await client.upload('poison.json', { bytes: poison, hash: '' });
  failing.set('poison.json', { code: 'parser_crashed', attempts: 3 });
}
