import type pg from 'pg';

/**
 * The hybrid search of Supabase's guide (https://supabase.com/docs/guides/ai/hybrid-search) with other dimensions and
 * filled from the passages and vectors that the service has stored in the same database.
 */
export async function makeRecipe(pool: pg.Pool): Promise<void> {
  await pool.query(`
    create table public.documents (
      id bigint primary key generated always as identity,
      name text,
      content text,
      fts tsvector generated always as (to_tsvector('english', content)) stored,
      embedding vector(384)
    );
    insert into public.documents (name, content, embedding)
    select regexp_replace(d.filename, '\\.md$', ''), coalesce(c.heading || E'\\n', '') || c.content, e.embedding::vector
    from docent.chunks c join docent.documents d on d.id = c.document_id and d.ready_version = c.version
    join docent.emb_1 e on e.chunk_id = c.id;
    create index on public.documents using gin(fts);
    create index on public.documents using hnsw (embedding vector_ip_ops);
    create function public.hybrid_search(
      query_text text,
      query_embedding vector(384),
      match_count int,
      full_text_weight float = 1,
      semantic_weight float = 1,
      rrf_k int = 50
    )
    returns setof public.documents
    language sql
    as $$
    with full_text as (
      select id, row_number() over(order by ts_rank_cd(fts, websearch_to_tsquery(query_text)) desc) as rank_ix
      from public.documents
      where fts @@ websearch_to_tsquery(query_text)
      order by rank_ix
      limit least(match_count, 30) * 2
    ),
    semantic as (
      select id, row_number() over (order by embedding <#> query_embedding) as rank_ix
      from public.documents
      order by rank_ix
      limit least(match_count, 30) * 2
    )
    select documents.*
    from full_text
      full outer join semantic on full_text.id = semantic.id
      join public.documents on coalesce(full_text.id, semantic.id) = documents.id
    order by
      coalesce(1.0 / (rrf_k + full_text.rank_ix), 0.0) * full_text_weight +
      coalesce(1.0 / (rrf_k + semantic.rank_ix), 0.0) * semantic_weight desc
    limit least(match_count, 30)
    $$;
    analyze public.documents;
  `);
}

/** Names of the documents of the best passages. */
export async function searchByRecipe(
  pool: pg.Pool,
  question: string,
  vector: number[],
  limit: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'select name from public.hybrid_search($1, $2::vector, $3)',
    [question, `[${vector.join()}]`, limit],
  );
  return rows.map(({ name }) => name);
}
