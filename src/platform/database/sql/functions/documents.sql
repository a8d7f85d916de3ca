-- Documents and their versions. Locks are taken in the order document, task, version, chunks: everywhere.

create function docent_api.declare_blobs(p_tenant text, p_keys text[], p_ttl_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_declared integer;
begin
  insert into blob_intents (blob_key, tenant, expires_at)
  select distinct k, p_tenant, clock_timestamp() + docent.seconds(p_ttl_seconds) from unnest(p_keys) k order by 1
  on conflict (blob_key) do update set expires_at = excluded.expires_at;
  get diagnostics v_declared = row_count;
  return jsonb_build_object('declared', v_declared);
end
$$;

-- Releases blobs that were announced and that no document uses.
create function docent_api.discard_blobs(p_tenant text, p_keys text[])
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select jsonb_build_object('discarded', docent.discard(array(
    select blob_key from blob_intents where tenant = p_tenant and blob_key = any(p_keys) order by blob_key for update)))
$$;

-- One transaction for a whole upload. p_task is the template of its ingest tasks, from the catalogue of jobs. Every blob must still be announced: one whose intent ran out may be gone already.
create function docent_api.create_documents(p_tenant text, p_subject text, p_request_id text, p_trace_context text, p_batch_id uuid, p_documents jsonb, p_task jsonb,
  p_quota jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  n record;
  v_one jsonb;
  v_made jsonb;
  v_superseded jsonb := '[]';
  v_claimed integer;
begin
  with claimed as (
    delete from blob_intents where tenant = p_tenant and blob_key in (select d ->> 'blob_key' from jsonb_array_elements(p_documents) d) returning 1
  )
  select count(*) into v_claimed from claimed;
  if v_claimed < (select count(distinct d ->> 'blob_key') from jsonb_array_elements(p_documents) d) then
    perform docent.refuse('request_timeout', 'The upload took longer than its blobs are kept');
  end if;

  v_made := docent.put_new_documents(p_tenant, p_subject, p_request_id, p_trace_context, p_batch_id, p_task, p_documents);
  for n in
    select r.*, w.ordinality as place
    from jsonb_array_elements(p_documents) with ordinality w(document, ordinality),
      jsonb_to_record(w.document) r(
        id uuid, task_id uuid, filename text, document_set text, blob_key text, content_hash text, bytes bigint, format text, media_type text,
        metadata jsonb, pipeline text, include_hidden boolean)
    where not v_made ? w.ordinality::text
    order by r.document_set, r.filename, w.ordinality
  loop
    v_one := docent.put_document(p_tenant, p_subject, p_request_id, p_trace_context, p_batch_id, p_task,
      n.id, n.task_id, n.filename, n.document_set, n.blob_key, n.content_hash, n.bytes, n.format, n.media_type, n.metadata, n.pipeline, coalesce(n.include_hidden, false));
    v_superseded := v_superseded || (v_one -> 'superseded');
    v_made := v_made || jsonb_build_object(n.place::text, v_one - 'superseded');
  end loop;
  perform docent.enforce_quota(p_tenant, p_quota);

  insert into tasks (id, tenant, subject, type, queue, payload, status, document_set, document_sets, request_id, trace_context)
  select p_batch_id, p_tenant, p_subject, 'batch', 'default',
    jsonb_build_object('tasks', jsonb_agg(m.task_id order by m.place)), 'running',
    case when count(distinct m.document_set) = 1 then min(m.document_set) end, array_agg(distinct m.document_set), p_request_id, p_trace_context
  from (
    select distinct on (value ->> 'task_id') value ->> 'task_id' as task_id, value ->> 'document_set' as document_set, key::integer as place
    from jsonb_each(v_made) order by value ->> 'task_id', key::integer
  ) m;

  return jsonb_build_object(
    'batch_id', p_batch_id,
    'documents', (select coalesce(jsonb_agg(value order by key::integer), '[]') from jsonb_each(v_made)),
    'rings', (select coalesce(jsonb_agg(docent.task_ring(t) order by t.id), '[]') from tasks t where t.parent_id = p_batch_id and t.status = 'queued'),
    'superseded', v_superseded);
end
$$;

-- The files of an upload whose names are new: their answers by place, as put_document gives them. They are made in the order of their names before any
-- other document is touched: two calls with the same names wait for each other instead of deadlocking.
create function docent.put_new_documents(
  p_tenant text, p_subject text, p_request_id text, p_trace_context text, p_batch uuid, p_template jsonb, p_documents jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
-- the plan is kept, and may be made while the tables are small
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_made jsonb;
begin
  with given as materialized (
    select r.*, w.ordinality as place, jsonb_build_object('document_id', r.id, 'version', 1) as payload
    from jsonb_array_elements(p_documents) with ordinality w(document, ordinality),
      jsonb_to_record(w.document) r(
        id uuid, task_id uuid, filename text, document_set text, blob_key text, content_hash text, bytes bigint, format text, media_type text,
        metadata jsonb, pipeline text, include_hidden boolean)
    order by r.document_set, r.filename, w.ordinality
  ), fresh as (
    insert into documents (id, tenant, document_set, filename, version, metadata)
    select g.id, p_tenant, g.document_set, g.filename, 1, coalesce(g.metadata, '{}') from given g
    on conflict (tenant, document_set, filename) do nothing
    returning id
  ), made as materialized (
    select g.* from given g where g.id in (select id from fresh)
  ), versions as (
    insert into document_versions (document_id, version, tenant, status, task_id, blob_key, content_hash, bytes, format, media_type, pipeline,
      include_hidden)
    select m.id, 1, p_tenant, 'queued', m.task_id, m.blob_key, m.content_hash, m.bytes, m.format, m.media_type, m.pipeline,
      coalesce(m.include_hidden, false)
    from made m
  ), queued as (
    insert into tasks (id, tenant, subject, type, queue, payload, dedupe_key, priority, max_attempts, parent_id, document_id, filename, document_set,
      request_id, trace_context)
    select m.task_id, p_tenant, p_subject, p_template ->> 'type', p_template ->> 'queue', m.payload,
      docent.dedupe_key(m.payload, p_template -> 'dedupe'), (p_template ->> 'priority')::integer, (p_template ->> 'max_attempts')::integer, p_batch,
      m.id, m.filename, m.document_set, p_request_id, p_trace_context
    from made m
  )
  select coalesce(jsonb_object_agg(m.place, jsonb_build_object('id', m.id, 'filename', m.filename, 'document_set', m.document_set, 'version', 1,
    'status', 'queued', 'duplicate', false, 'task_id', m.task_id)), '{}')
  into v_made from made m;
  return v_made;
end
$$;

-- One file of an upload: a duplicate of the newest version, or a version of its own.
create function docent.put_document(
  p_tenant text, p_subject text, p_request_id text, p_trace_context text, p_batch uuid, p_template jsonb,
  p_id uuid, p_task uuid, p_filename text, p_document_set text, p_blob_key text, p_content_hash text, p_bytes bigint, p_format text, p_media_type text,
  p_metadata jsonb, p_pipeline text, p_include_hidden boolean)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_newest document_versions;
  v_superseded jsonb;
begin
  loop
    select * into v_document from documents where tenant = p_tenant and document_set = p_document_set and filename = p_filename for update;
    exit when found;
    insert into documents (id, tenant, document_set, filename, version, metadata)
    values (p_id, p_tenant, p_document_set, p_filename, 1, coalesce(p_metadata, '{}'))
    on conflict (tenant, document_set, filename) do nothing
    returning * into v_document;
    if found then return docent.queue_version(v_document, p_subject, p_request_id, p_trace_context, p_batch, p_template, p_task, p_blob_key,
      p_content_hash, p_bytes, p_format, p_media_type, p_pipeline, p_include_hidden, '[]'); end if;
  end loop;

  select * into v_newest from document_versions where document_id = v_document.id and version = v_document.version;
  if v_newest.content_hash = p_content_hash and v_newest.pipeline = p_pipeline
    and v_newest.include_hidden = p_include_hidden and v_newest.status in ('ready', 'queued', 'processing')
    -- a document that a requested deletion of its set will remove is no duplicate: this upload came later
    and not exists (
      select from tasks t
      where t.tenant = p_tenant and t.type = 'delete_set' and t.document_set = p_document_set and t.status <> 'succeeded'
        and t.created_at >= v_newest.created_at) then
    perform docent.discard(array[p_blob_key]);
    -- the watched folder deletes what is its own, so it must not take over documents from elsewhere
    if not (coalesce(p_metadata ? 'watched_path', false) and not v_document.metadata ? 'watched_path') then
      perform docent.keep_metadata(v_document.id, p_metadata);
    end if;
    insert into tasks (id, tenant, subject, type, queue, payload, status, progress, document_id, filename, document_set, request_id, finished_at)
    select v_newest.task_id, p_tenant, p_subject, p_template ->> 'type', p_template ->> 'queue', jsonb_build_object('document_id', v_document.id, 'version', v_newest.version),
      'succeeded', 1, v_document.id, p_filename, p_document_set, p_request_id, clock_timestamp()
    where v_newest.status = 'ready'
    on conflict (id) do nothing;
    return jsonb_build_object('id', v_document.id, 'filename', p_filename, 'document_set', p_document_set, 'version', v_newest.version,
      'status', v_newest.status, 'duplicate', true, 'task_id', v_newest.task_id, 'superseded', '[]'::jsonb);
  end if;

  v_superseded := docent.supersede(v_document.id, v_document.ready_version);
  update documents set version = version + 1, updated_at = clock_timestamp() where id = v_document.id returning * into v_document;
  perform docent.keep_metadata(v_document.id, p_metadata);
  -- a version without metadata of its own did not come from the watched folder, which would delete it with its file
  update documents set metadata = metadata - array['watched_path', 'modified_at']
  where id = v_document.id and p_metadata is null and metadata ? 'watched_path';
  return docent.queue_version(v_document, p_subject, p_request_id, p_trace_context, p_batch, p_template, p_task, p_blob_key,
    p_content_hash, p_bytes, p_format, p_media_type, p_pipeline, p_include_hidden, v_superseded);
end
$$;

-- The newest version of a locked document, and the task that reads it.
create function docent.queue_version(
  d docent.documents, p_subject text, p_request_id text, p_trace_context text, p_batch uuid, p_template jsonb, p_task uuid, p_blob_key text,
  p_content_hash text, p_bytes bigint, p_format text, p_media_type text, p_pipeline text, p_include_hidden boolean, p_superseded jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_payload jsonb := jsonb_build_object('document_id', d.id, 'version', d.version);
begin
  insert into document_versions (document_id, version, tenant, status, task_id, blob_key, content_hash, bytes, format, media_type, pipeline,
    include_hidden)
  values (d.id, d.version, d.tenant, 'queued', p_task, p_blob_key, p_content_hash, p_bytes, p_format, p_media_type, p_pipeline,
    p_include_hidden);
  insert into tasks (id, tenant, subject, type, queue, payload, dedupe_key, priority, max_attempts, parent_id, document_id, filename, document_set, request_id, trace_context)
  values (p_task, d.tenant, p_subject, p_template ->> 'type', p_template ->> 'queue', v_payload, docent.dedupe_key(v_payload, p_template -> 'dedupe'),
    (p_template ->> 'priority')::integer, (p_template ->> 'max_attempts')::integer, p_batch, d.id, d.filename, d.document_set, p_request_id, p_trace_context);
  return jsonb_build_object('id', d.id, 'filename', d.filename, 'document_set', d.document_set, 'version', d.version,
    'status', 'queued', 'duplicate', false, 'task_id', p_task, 'superseded', p_superseded);
end
$$;

-- The values of the payload's fields that p_fields lists, joined by colons; null when it lists none.
create function docent.dedupe_key(p_payload jsonb, p_fields jsonb) returns text language sql immutable as $$
  select string_agg(p_payload ->> f.field, ':' order by f.ordinality) from jsonb_array_elements_text(p_fields) with ordinality f(field, ordinality)
$$;

create function docent.keep_metadata(p_document uuid, p_metadata jsonb) returns void language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
begin
  update documents set metadata = p_metadata, updated_at = clock_timestamp()
  where id = p_document and p_metadata is not null and metadata <> p_metadata
  returning * into v_document;
  if found then perform docent.touch_corpus(v_document.tenant, v_document.document_set, v_document.id); end if;
end
$$;

-- Drops every version of a document but the published one, before a newer one is made. Returns the notices of the tasks that ended.
create function docent.supersede(p_document uuid, p_ready integer) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task uuid;
  v_notices jsonb := '[]';
begin
  for v_task in
    select t.id from tasks t where t.document_id = p_document and t.type = 'ingest' and t.status in ('queued', 'running') order by t.id for update
  loop
    v_notices := v_notices || docent.end_task(v_task, 'cancelled', '{"code": "superseded", "detail": "A newer version took the place of this one", "retryable": false}');
  end loop;
  update document_versions set status = 'superseded', updated_at = clock_timestamp()
  where document_id = p_document and version is distinct from p_ready and status <> 'superseded';
  delete from chunks where document_id = p_document and version is distinct from p_ready;
  perform docent.discard(array(
    select k from document_versions v, unnest(array[v.blob_key, v.parsed_key]) k
    where v.document_id = p_document and v.version is distinct from p_ready and k is not null
      and not exists (select from document_versions r where r.document_id = p_document and r.version = p_ready and r.blob_key = k)));
  return v_notices;
end
$$;

-- How many chunks of the published version have a vector in the active space; null without a space or a published version.
create function docent.embedding_of(d docent.documents) returns jsonb language plpgsql stable as $$
declare
  v_space integer;
  v_embedding jsonb;
begin
  if d.ready_version is null then return null; end if;
  select id into v_space from docent.embedding_spaces where state = 'active';
  if not found then return null; end if;
  execute format(
    'select jsonb_build_object(''embedded'', count(e.chunk_id), ''chunks'', count(*))
     from docent.chunks c left join docent.emb_%s e on e.chunk_id = c.id where c.document_id = $1 and c.version = $2', v_space)
  into v_embedding using d.id, d.ready_version;
  return v_embedding;
end
$$;

create function docent.document_row(d docent.documents, v docent.document_versions) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', d.id, 'filename', d.filename, 'document_set', d.document_set, 'status', v.status, 'version', d.version, 'ready_version', d.ready_version,
    'chunk_count', v.chunk_count, 'embedding', docent.embedding_of(d), 'pages', v.pages, 'bytes', v.bytes, 'media_type', v.media_type, 'language', v.language, 'title', v.title,
    'metadata', d.metadata, 'warnings', v.warnings, 'error', v.error, 'task_id', v.task_id,
    'created_at', docent.at(d.created_at), 'updated_at', docent.at(greatest(d.updated_at, v.updated_at)))
$$;

-- p_sort: newest (the default), oldest, name or name_desc; p_before_at, p_before_name and p_before_id are those of the last row seen.
create function docent_api.list_documents(
  p_tenant text, p_sets text[], p_document_set text, p_status text, p_q text, p_media_types text[], p_created_from timestamptz,
  p_created_to timestamptz, p_sort text, p_before_at timestamptz, p_before_name text, p_before_id uuid, p_limit integer)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_order text := case p_sort
    when 'oldest' then 'd.created_at, d.id'
    when 'name' then 'lower(d.filename), d.id'
    when 'name_desc' then 'lower(d.filename) desc, d.id desc'
    else 'd.created_at desc, d.id desc' end;
  v_after text := case
    when p_before_id is null then 'true'
    when p_sort = 'oldest' then '(d.created_at, d.id) > ($9, $11)'
    when p_sort = 'name' then '(lower(d.filename), d.id) > (lower($10), $11)'
    when p_sort = 'name_desc' then '(lower(d.filename), d.id) < (lower($10), $11)'
    else '(d.created_at, d.id) < ($9, $11)' end;
  v_page jsonb;
begin
  -- built of constants only; planned for each call, since the plan depends on the filters that are given
  execute format(
    'select coalesce(jsonb_agg(page.line), ''[]'') from (
       select docent.document_row(d, v) as line
       from documents d join document_versions v on v.document_id = d.id and v.version = d.version
       where d.tenant = $1
         and ($2 is null or d.document_set = any($2))
         and ($3 is null or d.document_set = $3)
         and ($4 is null or (v.status = $4 and v.tenant = $1))
         and ($5 is null or d.filename ilike ''%%'' || regexp_replace($5, ''([\\%%_])'', ''\\\1'', ''g'') || ''%%'')
         and ($6 is null or v.media_type = any($6))
         and ($7 is null or d.created_at >= $7)
         and ($8 is null or d.created_at < $8)
         and %s
       order by %s limit $12) page', v_after, v_order)
  into v_page
  using p_tenant, p_sets, p_document_set, p_status, p_q, p_media_types, p_created_from, p_created_to, p_before_at, p_before_name, p_before_id, p_limit;
  return v_page;
end
$$;

-- Changes the metadata or the set of a document, whatever is given; null when there is no such document.
create function docent_api.update_document(p_tenant text, p_sets text[], p_id uuid, p_metadata jsonb, p_document_set text)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
begin
  select * into v_document from documents d
  where d.id = p_id and d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets)) for update;
  if not found then return null; end if;
  if p_document_set is not null and p_document_set <> v_document.document_set then perform docent.move_document(v_document, p_document_set); end if;
  perform docent.keep_metadata(v_document.id, p_metadata);
  return docent_api.get_document(p_tenant, null, p_id);
end
$$;

-- Moves a locked document to another set. Its words leave the sums of the one set and enter those of the other.
create function docent.move_document(d docent.documents, p_document_set text) returns void language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  if exists (select from document_versions v where v.document_id = d.id and v.status in ('queued', 'processing')) then
    perform docent.refuse('conflict', 'The document is still being read. Move it when its task has ended.');
  end if;
  if d.ready_version is not null then perform docent.index_published(d.id, d.ready_version, -1); end if;
  begin
    update documents set document_set = p_document_set, updated_at = clock_timestamp() where id = d.id;
  exception when unique_violation then
    perform docent.refuse('conflict', 'The other set has a document of this name. Delete one of them first.');
  end;
  update chunks set document_set = p_document_set where document_id = d.id;
  update chunk_lex set document_set = p_document_set where document_id = d.id;
  update summaries set document_set = p_document_set where document_id = d.id;
  update tasks set document_set = p_document_set where document_id = d.id;
  if d.ready_version is not null then perform docent.index_published(d.id, d.ready_version, 1); end if;
end
$$;

create function docent_api.get_document(p_tenant text, p_sets text[], p_id uuid)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.document_row(d, v) from documents d join document_versions v on v.document_id = d.id and v.version = d.version
  where d.tenant = p_tenant and d.id = p_id and (p_sets is null or d.document_set = any(p_sets))
$$;

create function docent_api.find_documents(p_tenant text, p_sets text[], p_filename text, p_document_set text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(docent.document_row(d, v) order by d.document_set), '[]')
  from documents d join document_versions v on v.document_id = d.id and v.version = d.version
  where d.tenant = p_tenant and d.filename = p_filename
    and (p_sets is null or d.document_set = any(p_sets)) and (p_document_set is null or d.document_set = p_document_set)
$$;

create function docent.version_row(d docent.documents, v docent.document_versions) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'document_id', d.id, 'version', v.version, 'filename', d.filename, 'document_set', d.document_set, 'blob_key', v.blob_key, 'parsed_key', v.parsed_key,
    'content_hash', v.content_hash, 'bytes', v.bytes, 'format', v.format, 'media_type', v.media_type, 'pipeline', v.pipeline,
    'include_hidden', v.include_hidden, 'title', v.title,
    'language', v.language, 'created_at', docent.at(v.created_at))
$$;

create function docent_api.list_versions(p_tenant text, p_sets text[], p_document_id uuid)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'version', v.version, 'status', v.status, 'answers', v.version is not distinct from d.ready_version, 'bytes', v.bytes, 'media_type', v.media_type,
    'pipeline', v.pipeline, 'pages', v.pages, 'chunk_count', v.chunk_count, 'error', v.error, 'task_id', v.task_id, 'parser_version', v.parser_version,
    'created_at', docent.at(v.created_at), 'updated_at', docent.at(v.updated_at)) order by v.version desc), '[]')
  from documents d join document_versions v on v.document_id = d.id
  where d.tenant = p_tenant and d.id = p_document_id and v.status <> 'superseded' and (p_sets is null or d.document_set = any(p_sets))
$$;

-- Without p_version: the published version, or the newest where none is published yet.
create function docent_api.get_version(p_tenant text, p_sets text[], p_document_id uuid, p_version integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.version_row(d, v) from documents d join document_versions v on v.document_id = d.id and v.version = coalesce(p_version, d.ready_version, d.version)
  where d.tenant = p_tenant and d.id = p_document_id and v.status <> 'superseded' and (p_sets is null or d.document_set = any(p_sets))
$$;

create function docent_api.list_chunks(p_tenant text, p_sets text[], p_document_id uuid, p_after_ordinal integer, p_limit integer)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  return (select coalesce(jsonb_agg(to_jsonb(listed) order by listed.ordinal), '[]') from (
    select c.id, c.ordinal, c.content, c.page, c.page_end, c.heading, c.place
    from documents d join chunks c on c.document_id = d.id and c.version = d.ready_version
    where d.tenant = p_tenant and d.id = p_document_id and (p_sets is null or d.document_set = any(p_sets)) and c.ordinal > p_after_ordinal
    order by c.ordinal limit p_limit) listed);
end
$$;

-- Chunks of published versions with their places in the file.
create function docent_api.chunk_places(p_tenant text, p_sets text[], p_chunks jsonb)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', c.id, 'document_id', c.document_id, 'version', c.version, 'ordinal', c.ordinal, 'content', c.content, 'page', c.page, 'place', c.place)
    order by c.document_id, c.ordinal), '[]')
  from jsonb_to_recordset(p_chunks) asked(document_id uuid, version integer, ordinal integer)
  join chunks c on c.document_id = asked.document_id and c.version = asked.version and c.ordinal = asked.ordinal
  join documents d on d.id = c.document_id and d.ready_version = c.version
  where d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))
$$;

create function docent_api.list_document_sets(p_tenant text, p_sets text[])
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(s) order by s.name), '[]') from (
    select d.document_set as name, count(*) as documents, coalesce(sum(r.chunk_count), 0) as chunks, coalesce(sum(v.bytes), 0) as bytes
    from documents d
    join document_versions v on v.document_id = d.id and v.version = d.version
    left join document_versions r on r.document_id = d.id and r.version = d.ready_version
    where d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))
    group by d.document_set) s
$$;
