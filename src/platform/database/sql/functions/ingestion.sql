-- Writes of a worker to the version that it claimed. Each call is fenced: the write of an overtaken worker finds no running task
-- with its token. Locks are taken in the order document, task, version, chunks: everywhere.

-- Locks the document against deletion and the task against other claims; false when the claim is no longer valid.
create function docent.hold(p_task uuid, p_token bigint, p_document_id uuid) returns boolean language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  perform from documents where id = p_document_id for key share;
  if not found then return false; end if;
  perform from tasks where id = p_task and token = p_token and status = 'running' and document_id = p_document_id for update;
  return found;
end
$$;

-- p_parsed_key is announced for the parse result, as declare_blobs does, where the version has none yet.
create function docent_api.open_version(
  p_task uuid, p_token bigint, p_document_id uuid, p_version integer, p_parsed_key text, p_ttl_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_row jsonb;
begin
  if not docent.hold(p_task, p_token, p_document_id) then return null; end if;
  update document_versions set status = 'processing', updated_at = clock_timestamp()
  where document_id = p_document_id and version = p_version and status = 'queued';
  select docent.version_row(d, v) into v_row
  from documents d join document_versions v on v.document_id = d.id
  where d.id = p_document_id and v.version = p_version and v.status = 'processing';
  if not found then return null; end if;
  if p_parsed_key is not null and v_row -> 'parsed_key' = 'null' then
    perform docent_api.declare_blobs((select tenant from documents where id = p_document_id), array[p_parsed_key], p_ttl_seconds);
  end if;
  return v_row || jsonb_build_object('staged', (select count(*) from chunks where document_id = p_document_id and version = p_version));
end
$$;

create function docent_api.keep_parsed(
  p_task uuid, p_token bigint, p_document_id uuid, p_version integer, p_parsed_key text, p_pages integer, p_language text, p_title text, p_warnings jsonb, p_parser_version integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_before text;
begin
  if not docent.hold(p_task, p_token, p_document_id) then return jsonb_build_object('kept', false); end if;
  select parsed_key into v_before from document_versions where document_id = p_document_id and version = p_version and status = 'processing' for update;
  if not found then return jsonb_build_object('kept', false); end if;
  delete from blob_intents where blob_key = p_parsed_key;
  if exists (select from blob_garbage where blob_key = p_parsed_key) then
    perform docent.refuse('storage_unavailable', 'The parse result took longer to store than its blob is kept');
  end if;
  if v_before <> p_parsed_key then perform docent.discard(array[v_before]); end if;
  update document_versions
  set parsed_key = p_parsed_key, pages = p_pages, language = p_language, title = p_title, warnings = coalesce(p_warnings, '[]'),
    parser_version = coalesce(p_parser_version, 0), updated_at = clock_timestamp()
  where document_id = p_document_id and version = p_version;
  return jsonb_build_object('kept', true);
end
$$;

-- One batch of chunks with their embeddings and keyword rows: a checkpoint. A chunk that is there already is left as it is.
create function docent_api.stage_chunks(p_task uuid, p_token bigint, p_document_id uuid, p_version integer, p_chunks jsonb, p_progress double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_tenant text;
  v_set text;
  v_space text;
begin
  if not docent.hold(p_task, p_token, p_document_id) then return null; end if;
  select d.tenant, d.document_set into v_tenant, v_set
  from documents d join document_versions v on v.document_id = d.id
  where d.id = p_document_id and v.version = p_version and v.status = 'processing';
  if not found then return null; end if;
  update tasks set progress = p_progress where id = p_task and p_progress is not null;

  insert into chunks (id, tenant, document_set, document_id, version, ordinal, content, heading, page, page_end, start_offset, end_offset, input_hash, place)
  select r.id, v_tenant, v_set, p_document_id, p_version, r.ordinal, r.content, r.heading, r.page, r.page_end, r.start, r."end", r.input_hash, nullif(r.place, 'null')
  from jsonb_to_recordset(p_chunks) r(
    id uuid, ordinal integer, content text, heading text, page integer, page_end integer, start integer, "end" integer, input_hash text, place jsonb)
  on conflict (document_id, version, ordinal) do nothing;
  for v_space in select distinct k from jsonb_array_elements(p_chunks) c, jsonb_object_keys(coalesce(nullif(c -> 'embeddings', 'null'), '{}')) k loop
    execute format(
      'insert into docent.emb_%s (chunk_id, tenant, input_hash, embedding)
       select s.id, $1, s.input_hash, l2_normalize((c -> ''embeddings'' ->> $2)::vector)
       from jsonb_array_elements($3) c join docent.chunks s on s.id = (c ->> ''id'')::uuid
       where c -> ''embeddings'' ? $2
       on conflict (chunk_id) do nothing', v_space::integer) using v_tenant, v_space, p_chunks;
  end loop;
  perform docent.index_chunks(v_tenant, v_set, p_document_id, p_version, p_chunks);
  return jsonb_build_object('staged', (select count(*) from chunks where document_id = p_document_id and version = p_version));
end
$$;

create function docent_api.staged_ordinals(p_tenant text, p_document_id uuid, p_version integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(ordinal order by ordinal), '[]') from chunks
  where tenant = p_tenant and document_id = p_document_id and version = p_version
$$;

-- Never across tenants: the time of a call must not tell that another tenant has the same text.
create function docent_api.reusable_embeddings(p_tenant text, p_space integer, p_hashes text[])
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_found jsonb;
begin
  if not exists (select from embedding_spaces where id = p_space) then return '[]'; end if;
  execute format(
    'select coalesce(jsonb_agg(jsonb_build_object(''hash'', f.input_hash, ''embedding'', f.embedding::text)), ''[]'')
     from (select distinct on (e.input_hash) e.input_hash, e.embedding from docent.emb_%s e where e.tenant = $1 and e.input_hash = any($2)) f', p_space)
  into v_found using p_tenant, p_hashes;
  return v_found;
end
$$;

-- Publishes a completely staged version, drops every other, and ends its task, in one transaction.
create function docent_api.publish_document(
  p_task uuid, p_token bigint, p_document_id uuid, p_version integer, p_chunk_count integer, p_result jsonb, p_stages jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_task tasks;
  v_staged record;
begin
  select * into v_document from documents where id = p_document_id for update;
  select * into v_task from tasks where id = p_task and token = p_token and document_id = p_document_id for update;
  if v_task.status = 'succeeded' and v_document.ready_version >= p_version then
    return docent.publication(v_task, v_document.ready_version > p_version);
  end if;
  if v_task.status is distinct from 'running' or v_document.version <> p_version or v_document.ready_version >= p_version then
    return jsonb_build_object('published', false, 'superseded', coalesce(v_document.version <> p_version, true), 'notice', null, 'rings', '[]'::jsonb);
  end if;
  select count(*) as chunks, coalesce(max(ordinal) + 1, 0) as past into v_staged from chunks where document_id = p_document_id and version = p_version;
  if v_staged.chunks <> p_chunk_count or v_staged.past <> p_chunk_count then
    raise exception 'version % of document % has % staged chunks up to ordinal %, not %', p_version, p_document_id, v_staged.chunks, v_staged.past - 1, p_chunk_count;
  end if;

  if v_document.ready_version is not null then perform docent.index_published(p_document_id, v_document.ready_version, -1); end if;
  perform docent.index_published(p_document_id, p_version, 1);
  delete from chunks where document_id = p_document_id and version <> p_version;
  delete from summaries where document_id = p_document_id and version <> p_version;
  perform docent.discard(array(
    select k from document_versions v, unnest(array[v.blob_key, v.parsed_key]) k
    where v.document_id = p_document_id and v.version < p_version and v.status <> 'superseded' and k is not null
      -- a document that was read again has the same file in both versions
      and k not in (select n.blob_key from document_versions n where n.document_id = p_document_id and n.version = p_version)));
  delete from document_versions where document_id = p_document_id and version < p_version;
  update document_versions set status = 'ready', chunk_count = p_chunk_count, error = null, updated_at = clock_timestamp()
  where document_id = p_document_id and version = p_version;
  update documents set ready_version = p_version, updated_at = clock_timestamp() where id = p_document_id;
  v_task := docent.succeed(p_task, p_token, p_result, p_stages);
  return docent.publication(v_task, false);
end
$$;

-- keep_parsed, stage_chunks and publish_document at once, for a document of one batch: all or nothing.
create function docent_api.finish_document(
  p_task uuid, p_token bigint, p_document_id uuid, p_version integer, p_parsed jsonb, p_chunks jsonb, p_result jsonb, p_stages jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_count integer := jsonb_array_length(p_chunks);
begin
  -- the document before the task, as publish_document locks them
  perform from documents where id = p_document_id for update;
  if docent.hold(p_task, p_token, p_document_id) then
    perform docent_api.keep_parsed(p_task, p_token, p_document_id, p_version, p_parsed ->> 'key', (p_parsed ->> 'pages')::integer,
      p_parsed ->> 'language', p_parsed ->> 'title', p_parsed -> 'warnings', (p_parsed ->> 'parser_version')::integer);
    -- chunks of an overtaken version are not staged; it is refused below
    perform docent_api.stage_chunks(p_task, p_token, p_document_id, p_version, p_chunks, null);
  end if;
  return docent_api.publish_document(p_task, p_token, p_document_id, p_version, v_count, p_result, p_stages);
end
$$;

-- finish_document for several documents at once, in one transaction. Only first versions that nobody else holds and of which nothing is stored yet
-- are taken: `published` lists their tasks. Each of the others is for finish_document, which says what became of it. Nothing waits for a lock.
create function docent_api.finish_documents(p_documents jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
-- the plan is kept, and may be made while the tables are small
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_done uuid[];
begin
  with given as materialized (
    select * from jsonb_to_recordset(p_documents) g(
      task uuid, token bigint, document_id uuid, version integer, parsed jsonb, chunks jsonb, result jsonb, stages jsonb)
  ), held as materialized (
    select g.*, d.tenant, d.document_set
    from given g
    join documents d on d.id = g.document_id
    join document_versions v on v.document_id = g.document_id and v.version = g.version
    join tasks t on t.id = g.task
    where g.version = 1 and d.version = 1 and d.ready_version is null and v.status = 'processing' and v.parsed_key is null
      and t.token = g.token and t.status = 'running' and t.document_id = g.document_id
      and not exists (select from chunks c where c.document_id = g.document_id)
    for update of d, t, v skip locked
  ), kept as (
    -- one that is not announced any more may be garbage
    delete from blob_intents i using held h where i.blob_key = h.parsed ->> 'key' returning i.blob_key
  ), ready as materialized (
    select h.* from held h
    where h.parsed ->> 'key' in (select blob_key from kept)
      and jsonb_array_length(h.chunks) = (select max((c ->> 'ordinal')::integer) + 1 from jsonb_array_elements(h.chunks) c)
  ), rows as materialized (
    select h.tenant, h.document_set, h.document_id, r.*
    from ready h, jsonb_to_recordset(h.chunks) r(
      id uuid, ordinal integer, content text, heading text, page integer, page_end integer, start integer, "end" integer, input_hash text, place jsonb,
      length integer, analyzer smallint, fts tsvector, lex sparsevec)
  ), stored as (
    insert into chunks (id, tenant, document_set, document_id, version, ordinal, content, heading, page, page_end, start_offset, end_offset, input_hash, place)
    select r.id, r.tenant, r.document_set, r.document_id, 1, r.ordinal, r.content, r.heading, r.page, r.page_end, r.start, r."end", r.input_hash, nullif(r.place, 'null')
    from rows r
  ), indexed as (
    insert into chunk_lex (chunk_id, tenant, document_set, document_id, version, ordinal, length, fingerprint, analyzer, fts, lex)
    select r.id, r.tenant, r.document_set, r.document_id, 1, r.ordinal, r.length, docent.fingerprint(r.content), coalesce(r.analyzer, 1), r.fts, r.lex
    from rows r
  ), told as (
    insert into lexicon_deltas (tenant, document_set, document_id, language, chunks, length, size, terms)
    select h.tenant, h.document_set, h.document_id, coalesce(h.parsed ->> 'language', ''), n.chunks, n.length, w.size, w.terms
    from ready h,
      lateral (select count(*) as chunks, coalesce(sum(r.length), 0) as length from rows r where r.document_id = h.document_id) n,
      lateral (
        select count(*) as size, coalesce(jsonb_object_agg(c.lexeme, c.df), '{}') as terms from (
          select lexeme, count(*)::integer as df from rows r, unnest(tsvector_to_array(r.fts)) lexeme
          where r.document_id = h.document_id group by lexeme) c) w
  ), made as (
    update document_versions v
    set parsed_key = h.parsed ->> 'key', pages = (h.parsed ->> 'pages')::integer, language = h.parsed ->> 'language', title = h.parsed ->> 'title',
      warnings = coalesce(h.parsed -> 'warnings', '[]'), parser_version = coalesce((h.parsed ->> 'parser_version')::integer, 0),
      status = 'ready', chunk_count = jsonb_array_length(h.chunks), error = null, updated_at = clock_timestamp()
    from ready h where v.document_id = h.document_id and v.version = h.version
  ), published as (
    update documents d set ready_version = h.version, updated_at = clock_timestamp() from ready h where d.id = h.document_id
  ), ended as (
    update tasks t
    set status = 'succeeded', progress = 1, stage = null, result = h.result, stages = coalesce(h.stages, t.stages), error = null, waiting_on = null,
      lease_until = null, finished_at = clock_timestamp()
    from ready h where t.id = h.task
    returning t.id
  )
  select coalesce(array_agg(id), '{}') into v_done from ended;
  return jsonb_build_object('published', to_jsonb(v_done), 'rings', (
    select coalesce(jsonb_agg(docent.task_ring(t) order by t.id), '[]') from tasks t where t.waits_for = any(v_done) and t.status = 'queued'));
end
$$;

create function docent.publication(t docent.tasks, p_superseded boolean) returns jsonb language sql stable as $$
  select jsonb_build_object('published', true, 'superseded', p_superseded, 'notice', docent.task_notice(t), 'rings', docent.freed_by(t.id))
$$;
