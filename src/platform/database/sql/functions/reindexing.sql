-- Keyword rows of an older analysis are made again, document by document, while searches go on.

-- Published documents with such rows, at most p_limit.
create function docent_api.outdated_documents(p_analyzer integer, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant', d.tenant, 'document_id', d.id, 'version', v.version, 'filename', d.filename, 'title', v.title, 'language', v.language) order by d.id), '[]')
  from (
    select distinct l.document_id, l.version from docent.chunk_lex l
    join docent.documents r on r.id = l.document_id and r.ready_version = l.version
    where l.analyzer < p_analyzer limit p_limit
  ) o
  join docent.documents d on d.id = o.document_id
  join docent.document_versions v on v.document_id = o.document_id and v.version = o.version
$$;

-- Replaces the rows of these chunks and appends the difference to the statistics, in one transaction. Returns how many rows it replaced:
-- 0 when another version has been published meanwhile or the document was deleted.
create function docent_api.reindex_chunks(p_document_id uuid, p_version integer, p_analyzer integer, p_chunks jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_count integer;
begin
  perform from documents d where d.id = p_document_id and d.ready_version = p_version for no key update;
  if not found then return jsonb_build_object('reindexed', 0); end if;
  with given as materialized (
    select (c ->> 'id')::uuid as id, (c ->> 'length')::integer as length, (c ->> 'fts')::tsvector as fts, (c ->> 'lex')::sparsevec as lex
    from jsonb_array_elements(p_chunks) c
  ), pairs as materialized (
    select g.*, c.ordinal, c.content, l.length as old_length, l.fts as old_fts
    from given g
    join chunk_lex l on l.chunk_id = g.id and l.document_id = p_document_id and l.version = p_version and l.analyzer < p_analyzer
    join chunks c on c.id = g.id
  ), counted as (
    select lexeme, sum(sign)::integer as df from (
      select unnest(tsvector_to_array(old_fts)) as lexeme, -1 as sign from pairs
      union all select unnest(tsvector_to_array(fts)), 1 from pairs
    ) both_sides group by lexeme having sum(sign) <> 0
  ), replaced as (
    update chunk_lex l set ordinal = p.ordinal, length = p.length, fingerprint = docent.fingerprint(p.content), analyzer = p_analyzer, fts = p.fts, lex = p.lex
    from pairs p where l.chunk_id = p.id
  ), booked as (
    insert into lexicon_deltas (tenant, document_set, document_id, language, chunks, length, size, terms)
    select d.tenant, d.document_set, d.id, coalesce(v.language, ''), 0, (select sum(length - old_length) from pairs),
      (select count(*) from counted), (select coalesce(jsonb_object_agg(lexeme, df), '{}') from counted)
    from documents d left join document_versions v on v.document_id = d.id and v.version = p_version
    where d.id = p_document_id and exists (select from pairs)
  )
  select count(*) into v_count from pairs;
  return jsonb_build_object('reindexed', v_count);
end
$$;
