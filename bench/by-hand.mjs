// The least that somebody would write by hand: a row for the
// document, its text and a full-text index, one transaction each.
//   node bench/by-hand.mjs FOLDER COUNT ROUND
import { PGlite } from '@electric-sql/pglite';
import { smallFiles } from './text.mjs';

const [folder, count, round] = process.argv.slice(2);
const database = await PGlite.create(folder);
await database.exec(
  `create table if not exists documents (id serial primary key, name text, at timestamptz default now());
   create table if not exists chunks (document int, content text,
     words tsvector generated always as (to_tsvector('english', content)) stored);
   create index if not exists chunks_words on chunks using gin (words)`,
);
const files = smallFiles(Number(count), Number(round));
const before = process.cpuUsage();
const begun = performance.now();
for (const { filename, content } of files)
  await database.transaction(async (transaction) => {
    const { rows } = await transaction.query('insert into documents (name) values ($1) returning id', [
      filename,
    ]);
    for (const part of content.split('\n\n'))
      await transaction.query('insert into chunks (document, content) values ($1, $2)', [rows[0].id, part]);
  });
const seconds = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(before);
await database.close();
process.stdout.write(
  JSON.stringify({ rate: files.length / seconds, cpu: (user + system) / 1000 / files.length }),
);
