-- Reads documents again whose text older parsers made.

-- Ids of the documents whose published version older parsers made, and whose newer version is neither in work nor failed.
-- A document whose reading was cancelled is among them.
create function docent.read_by_older(p_tenant text, p_sets text[], p_document_set text, p_older_than integer) returns setof uuid language sql stable as $$
  select d.id
  from docent.documents d
  join docent.document_versions r on r.document_id = d.id and r.version = d.ready_version
  join docent.document_versions n on n.document_id = d.id and n.version = d.version
  where d.tenant = p_tenant and r.parser_version < p_older_than
    and (p_sets is null or d.document_set = any(p_sets)) and (p_document_set is null or d.document_set = p_document_set)
    and (n.status = 'ready' or n.status = 'failed' and n.error ->> 'code' = 'cancelled' and n.content_hash = r.content_hash)
$$;

-- Makes a new version of each from the same file, and one batch of their tasks. The former version stays published until the new one is ready.
-- A second request finds nothing more to do.
create function docent_api.reparse_documents(
  p_tenant text, p_sets text[], p_subject text, p_request_id text, p_trace_context text, p_batch_id uuid, p_document_set text,
  p_older_than integer, p_task jsonb, p_limit integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  d documents;
  v document_versions;
  v_task uuid;
  v_payload jsonb;
  v_tasks jsonb := '[]';
  v_sets text[] := '{}';
begin
  for d in
    select o.* from docent.read_by_older(p_tenant, p_sets, p_document_set, p_older_than) r join documents o on o.id = r
    order by o.id limit p_limit for update of o skip locked
  loop
    select * into v from document_versions where document_id = d.id and version = d.ready_version;
    perform docent.supersede(d.id, d.ready_version);
    v_task := gen_random_uuid();
    update documents set version = version + 1, updated_at = clock_timestamp() where id = d.id;
    insert into document_versions (document_id, version, tenant, status, task_id, blob_key, content_hash, bytes, format, media_type, pipeline, include_hidden)
    values (d.id, d.version + 1, p_tenant, 'queued', v_task, v.blob_key, v.content_hash, v.bytes, v.format, v.media_type, v.pipeline, v.include_hidden);
    v_payload := jsonb_build_object('document_id', d.id, 'version', d.version + 1);
    insert into tasks (id, tenant, subject, type, queue, payload, dedupe_key, priority, max_attempts, parent_id, document_id, filename, document_set, request_id, trace_context)
    values (v_task, p_tenant, p_subject, p_task ->> 'type', p_task ->> 'queue', v_payload, docent.dedupe_key(v_payload, p_task -> 'dedupe'),
      (p_task ->> 'priority')::integer, (p_task ->> 'max_attempts')::integer, p_batch_id, d.id, d.filename, d.document_set, p_request_id, p_trace_context);
    v_tasks := v_tasks || to_jsonb(v_task);
    if not d.document_set = any(v_sets) then v_sets := v_sets || d.document_set; end if;
  end loop;
  if jsonb_array_length(v_tasks) > 0 then
    insert into tasks (id, tenant, subject, type, queue, payload, status, document_set, document_sets, request_id, trace_context)
    values (p_batch_id, p_tenant, p_subject, 'batch', 'default', jsonb_build_object('tasks', v_tasks), 'running',
      case when array_length(v_sets, 1) = 1 then v_sets[1] end, v_sets, p_request_id, p_trace_context);
  end if;
  return jsonb_build_object(
    'documents', jsonb_array_length(v_tasks),
    'remaining', (select count(*) from docent.read_by_older(p_tenant, p_sets, p_document_set, p_older_than)),
    'rings', (select coalesce(jsonb_agg(docent.task_ring(t) order by t.id), '[]') from tasks t where t.parent_id = p_batch_id and t.status = 'queued'));
end
$$;
