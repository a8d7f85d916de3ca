-- What the search index of a process is built and updated from.

-- The revision of each set of a scope that has chunks; null where there are more than p_limit.
-- In PL/pgSQL, which keeps its plan: each search asks for this, and before version 18 a function in SQL is planned at each call.
create function docent_api.set_revisions(p_tenant text, p_sets text[], p_document_set text, p_limit integer)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  return (
    with parts as (
      select document_set, chunks, revision from docent.corpora where tenant = p_tenant
      union all
      select document_set, chunks, 1 from docent.lexicon_deltas where tenant = p_tenant
    ), by_set as (
      select document_set, sum(revision) as revision from parts
      where (p_document_set is null or document_set = p_document_set) and (p_sets is null or document_set = any(p_sets))
      group by document_set having sum(chunks) > 0 limit p_limit + 1
    )
    select case when count(*) <= p_limit then coalesce(jsonb_object_agg(document_set, revision), '{}') end from by_set);
end
$$;

-- The documents of a set that changed in transactions from p_since on, or all documents where those changes are not kept any more (`whole`).
-- `chunks` is null for a document that left the set. The next call asks from `horizon` on: every transaction before it had
-- ended. Later ones may be reported twice, so `stamp` says which change of a document is the newest.
create function docent_api.set_changes(p_tenant text, p_document_set text, p_since text)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_since xid8 := p_since::xid8;
  v_whole boolean := v_since is null or v_since <= (select f.xid from forgotten_changes f)
    or v_since > pg_snapshot_xmin(pg_current_snapshot());
  v_documents jsonb;
begin
  if v_whole then
    select jsonb_agg(jsonb_build_object('id', d.id, 'stamp', 0, 'chunks', v.chunk_count)) into v_documents
    from documents d join document_versions v on v.document_id = d.id and v.version = d.ready_version
    where d.tenant = p_tenant and d.document_set = p_document_set;
  else
    select jsonb_agg(jsonb_build_object('id', c.document_id, 'stamp', c.stamp, 'chunks', v.chunk_count)) into v_documents
    from (
      select document_id, max(id) as stamp from (
        select l.document_id, l.id from lexicon_deltas l
        where l.tenant = p_tenant and l.document_set = p_document_set and l.xid >= v_since and l.document_id is not null
        union all
        select x.document_id, x.id from document_changes x where x.tenant = p_tenant and x.document_set = p_document_set and x.xid >= v_since
      ) told group by document_id
    ) c
    left join documents d on d.id = c.document_id and d.tenant = p_tenant and d.document_set = p_document_set
    left join document_versions v on v.document_id = d.id and v.version = d.ready_version;
  end if;
  return jsonb_build_object(
    'horizon', pg_snapshot_xmin(pg_current_snapshot())::text, 'whole', v_whole, 'documents', coalesce(v_documents, '[]'),
    'revision', (
      select coalesce(sum(revision), 0) from (
        select c.revision from corpora c where c.tenant = p_tenant and c.document_set = p_document_set
        union all
        select 1 from lexicon_deltas l where l.tenant = p_tenant and l.document_set = p_document_set) told));
end
$$;

-- Published chunks of these documents with their words and their vectors in a space (null: none), both as they go over the wire, in base64;
-- from p_from on at most p_limit of each document. A chunk is a list, which is shorter than an object.
create function docent_api.index_rows(p_tenant text, p_document_set text, p_documents uuid[], p_space integer, p_from integer, p_limit integer)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_space integer := (select s.id from embedding_spaces s where s.id = p_space);
  v_rows jsonb;
begin
  execute format(
    $sql$select coalesce(jsonb_agg(jsonb_build_object(
       'id', d.id, 'version', v.version, 'filename', d.filename, 'title', v.title, 'language', v.language, 'media_type', v.media_type,
       'metadata', d.metadata, 'created_at', docent.at(d.created_at), 'count', v.chunk_count, 'chunks', (
         select coalesce(jsonb_agg(jsonb_build_array(
           c.id, c.ordinal, c.heading, c.page, c.page_end, l.length, l.fingerprint::text, c.content,
           translate(encode(tsvectorsend(l.fts), 'base64'), E'\n', ''), %s) order by c.ordinal), '[]')
         from docent.chunks c join docent.chunk_lex l on l.chunk_id = c.id %s
         where c.document_id = d.id and c.version = d.ready_version and c.ordinal >= $4 and c.ordinal < $4 + $5)
       ) order by d.id), '[]')
     from docent.documents d join docent.document_versions v on v.document_id = d.id and v.version = d.ready_version
     where d.id = any($3) and d.tenant = $1 and d.document_set = $2$sql$,
    case when v_space is null then 'null::text' else $sql$translate(encode(vector_send(e.embedding::vector), 'base64'), E'\n', '')$sql$ end,
    case when v_space is null then '' else format('left join docent.emb_%s e on e.chunk_id = c.id', v_space) end)
  into v_rows using p_tenant, p_document_set, p_documents, p_from, p_limit;
  return v_rows;
end
$$;

-- Vectors that were stored after the words: they change a document for an index of the active space.
create function docent.touch_embedded(p_space integer, p_chunks uuid[])
returns void language sql volatile
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  insert into docent.lexicon_deltas (tenant, document_set, document_id, language, chunks, length, size, terms)
  select d.tenant, d.document_set, d.id, '', 0, 0, 0, '{}'
  from docent.documents d
  where exists (select from docent.embedding_spaces s where s.id = p_space and s.state = 'active')
    and d.id in (select c.document_id from docent.chunks c where c.id = any(p_chunks) and c.version = d.ready_version)
$$;

-- The documents that match a filter: their ids one after the other, in base64. The filter has no pages.
create function docent_api.filtered_ids(p_tenant text, p_sets text[], p_document_set text, p_filter jsonb)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select to_jsonb(translate(coalesce(encode((
    select string_agg(uuid_send(id), ''::bytea) from unnest((docent.filtered_documents(p_tenant, p_sets, p_document_set, p_filter)).documents) id), 'base64'), ''), E'\n', ''))
$$;
