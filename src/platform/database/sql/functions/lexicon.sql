-- Statistics of the keyword search. Publish and delete append one delta each; the sweep folds them. Readers add the deltas that are not folded yet.

-- The same for texts that differ in case only; under "C", since the locales of two servers lower letters differently.
create function docent.fingerprint(p_content text) returns bigint language sql immutable as $$
  select hashtextextended(lower(p_content collate "C") collate "C", 0)
$$;

-- The keyword rows of freshly staged chunks; a chunk that was not stored (staged before) is left alone.
create function docent.index_chunks(p_tenant text, p_document_set text, p_document uuid, p_version integer, p_chunks jsonb)
returns integer language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_indexed integer;
begin
  insert into chunk_lex (chunk_id, tenant, document_set, document_id, version, ordinal, length, fingerprint, analyzer, fts, lex)
  select c.id, p_tenant, p_document_set, p_document, p_version, c.ordinal, (given ->> 'length')::integer, docent.fingerprint(c.content),
    coalesce((given ->> 'analyzer')::smallint, 1), (given ->> 'fts')::tsvector, (given ->> 'lex')::sparsevec
  from jsonb_array_elements(p_chunks) given
  join chunks c on c.id = (given ->> 'id')::uuid
  on conflict (chunk_id) do nothing;
  get diagnostics v_indexed = row_count;
  return v_indexed;
end
$$;

-- Adds a version to the statistics (p_sign 1) or removes it (-1). Called in the transaction that publishes or deletes, before the rows are deleted.
create function docent.index_published(p_document uuid, p_version integer, p_sign integer)
returns void language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  with entries as (
    select l.length, l.fts from docent.chunk_lex l where l.document_id = p_document and l.version = p_version
  ), counted as (
    select lexeme, count(*)::integer as df from entries, unnest(tsvector_to_array(fts)) lexeme group by lexeme
  )
  insert into docent.lexicon_deltas (tenant, document_set, document_id, language, chunks, length, size, terms)
  select d.tenant, d.document_set, d.id, coalesce(v.language, ''),
    p_sign * (select count(*) from entries), p_sign * (select coalesce(sum(length), 0) from entries),
    (select count(*) from counted), (select coalesce(jsonb_object_agg(lexeme, p_sign * df), '{}') from counted)
  from docent.documents d left join docent.document_versions v on v.document_id = d.id and v.version = p_version
  where d.id = p_document;
end
$$;

-- Raises the revision of a set without new words, for changes that a search or a filter can see, such as metadata.
create function docent.touch_corpus(p_tenant text, p_document_set text, p_document uuid)
returns void language sql volatile
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  insert into docent.lexicon_deltas (tenant, document_set, document_id, language, chunks, length, size, terms)
  values (p_tenant, p_document_set, p_document, '', 0, 0, 0, '{}')
$$;

-- Folds the oldest deltas, at most p_limit of them and not much over 100,000 words, and returns how many. Rows are written in the
-- order of their keys: two concurrent folds then wait for each other instead of deadlocking.
create function docent.fold_lexicon(p_limit integer)
returns integer language plpgsql volatile
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_taken bigint[];
begin
  select array_agg(id) into v_taken from (
    select id, sum(size) over (order by id) - size as before
    from (select id, size from docent.lexicon_deltas order by id limit p_limit for update skip locked) oldest
  ) running where before < 100000;
  if v_taken is null then return 0; end if;

  insert into docent.lexicon as l (tenant, document_set, term, df)
  select d.tenant, d.document_set, t.key, sum(t.value::integer)
  from docent.lexicon_deltas d, jsonb_each_text(d.terms) t
  where d.id = any(v_taken)
  group by d.tenant, d.document_set, t.key having sum(t.value::integer) <> 0
  order by d.tenant, t.key, d.document_set
  on conflict (tenant, term, document_set) do update set df = l.df + excluded.df;

  delete from docent.lexicon l
  using (select distinct d.tenant, d.document_set, t.key as term
         from docent.lexicon_deltas d, jsonb_each_text(d.terms) t where d.id = any(v_taken) and d.chunks <= 0) gone
  where l.tenant = gone.tenant and l.term = gone.term and l.document_set = gone.document_set and l.df <= 0;

  insert into docent.corpora as c (tenant, document_set, language, chunks, length, revision)
  select tenant, document_set, language, sum(chunks), sum(length), count(*)
  from docent.lexicon_deltas where id = any(v_taken)
  group by tenant, document_set, language order by tenant, document_set, language
  on conflict (tenant, document_set, language) do update
    set chunks = c.chunks + excluded.chunks, length = c.length + excluded.length, revision = c.revision + excluded.revision;

  insert into docent.document_changes (id, tenant, document_set, document_id, xid)
  select id, tenant, document_set, document_id, xid from docent.lexicon_deltas where id = any(v_taken) and document_id is not null;
  delete from docent.lexicon_deltas where id = any(v_taken);
  perform docent.forget_changes(100000);
  return cardinality(v_taken);
end
$$;

-- Keeps the newest changes only: an index that is further behind is built again.
create function docent.forget_changes(p_kept bigint)
returns void language sql volatile
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with old as (
    delete from docent.document_changes where id <= (select max(id) - p_kept from docent.document_changes) returning xid
  )
  update docent.forgotten_changes set xid = greatest(forgotten_changes.xid, newest.xid)
  from (select xid from old order by xid desc limit 1) newest
$$;
