// Uploads a file, waits until it is ready, and asks a question about it:
//   DOCENT_URL=http://127.0.0.1:8000 node ask.mjs FILE QUESTION
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Docent, DocentError } from '@docent/client';

const [path, ...words] = process.argv.slice(2);
if (path === undefined || words.length === 0) {
  console.error('Usage: node ask.mjs FILE QUESTION');
  process.exit(2);
}
const docent = new Docent({
  url: process.env.DOCENT_URL ?? 'http://127.0.0.1:8000',
  token: process.env.DOCENT_TOKEN,
});

try {
  const { task_id } = await docent.upload([{ name: basename(path), content: await openAsBlob(path) }]);
  const task = await docent.wait(task_id);
  if (task.status !== 'SUCCESS') throw new Error(task.error?.detail ?? `The file ended as ${task.status}.`);
  for await (const event of docent.ask(words.join(' '))) {
    if (event.type === 'token') process.stdout.write(event.token);
    if (event.type !== 'done') continue;
    const { answered, citations, results } = event.response;
    process.stdout.write('\n');
    for (const { marker, result, quote, page, verified } of citations) {
      const place = `${results[result].metadata.filename}${page === null ? '' : `, page ${page}`}`;
      console.log(`${marker} ${place}: “${quote}”${verified ? '' : ' (not verified)'}`);
    }
    process.exitCode = answered ? 0 : 1;
  }
} catch (error) {
  const code = error instanceof DocentError ? `${error.code}: ` : '';
  console.error(`${code}${error instanceof DocentError ? error.detail : error.message}`);
  process.exitCode = 1;
}
