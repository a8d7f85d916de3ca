import type pg from 'pg';

/** Conditions by which a write of an overtaken worker is refused, as they stand in the functions. */
const fences: [RegExp, string][] = [
  [/ and token = p_token and status = 'running'/g, ''],
  [/ and token = p_token/g, ''],
  [/ and t\.token = g\.token and t\.status = 'running'/g, ''],
  [
    /into v_tenant, v_set\s+from documents d join document_versions v on v\.document_id = d\.id\s+where d\.id = p_document_id and v\.version = p_version and v\.status = 'processing';/g,
    'into v_tenant, v_set from documents d where d.id = p_document_id;',
  ],
  [/ and b\.token = t\.token/g, ''],
  [/t\.status = 'running' and t\.owner = p_owner/g, 'true'],
  [/if v_task\.status = 'succeeded' and v_document\.ready_version >= p_version then/g, 'if false then'],
  [
    /if v_task\.status is distinct from 'running' or v_document\.version <> p_version or v_document\.ready_version >= p_version then/g,
    'if v_document.id is null then',
  ],
];
const fenced = [
  'hold',
  'succeed',
  'publish_document',
  'stage_chunks',
  'finish_documents',
  'open_version',
  'keep_parsed',
  'heartbeat',
];

/**
 * Takes the fencing out of the test's own database: the control
 * run, which must fail. @throws when there was nothing to take out
 */
export async function removeFencing(sql: pg.Pool): Promise<void> {
  const { rows } = await sql.query<{ name: string; body: string }>(
    `select p.proname as name, pg_get_functiondef(p.oid) as body from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname in ('docent', 'docent_api') and p.proname = any($1)`,
    [fenced],
  );
  let removed = 0;
  for (const { body } of rows) {
    const open = fences.reduce((text, [fence, instead]) => text.replace(fence, instead), body);
    if (open === body) continue;
    await sql.query(open);
    removed += 1;
  }
  if (removed < 5) throw new Error(`the fences have changed: only ${removed} functions had any`);
}
