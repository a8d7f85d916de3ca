-- Deletes documents with everything that belongs to them, and reports what was deleted.

create function docent_api.delete_document(p_tenant text, p_sets text[], p_id uuid)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_deleted jsonb;
begin
  select * into v_document from documents d
  where d.id = p_id and d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets)) for update;
  if not found then return null; end if;
  v_deleted := docent.erase(v_document);
  perform docent.forget_answers(p_tenant, array[p_id]);
  return v_deleted;
end
$$;

-- Deletes the documents with these ids that the caller may see, in one transaction. `deleted` has a receipt for each.
create function docent_api.delete_documents(p_tenant text, p_sets text[], p_ids uuid[])
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_one jsonb;
  v_deleted jsonb := '[]';
  v_cancelled jsonb := '[]';
  v_documents uuid[] := '{}';
begin
  -- in the order in which uploads lock them
  for v_document in
    select d.* from documents d
    where d.id = any(p_ids) and d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))
    order by d.document_set, d.filename for update
  loop
    v_one := docent.erase(v_document);
    v_documents := v_documents || v_document.id;
    v_cancelled := v_cancelled || (v_one -> 'cancelled');
    v_deleted := v_deleted || jsonb_build_object('id', v_document.id, 'filename', v_document.filename,
      'document_set', v_document.document_set, 'receipt', v_one -> 'receipt');
  end loop;
  perform docent.forget_answers(p_tenant, v_documents);
  return jsonb_build_object('deleted', v_deleted, 'cancelled', v_cancelled);
end
$$;

-- Deletes what was accepted up to p_accepted_before; null deletes everything. A later upload was acknowledged and stays.
create function docent_api.delete_documents_of_set(p_tenant text, p_document_set text, p_limit integer, p_accepted_before timestamptz)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_one jsonb;
  v_receipt jsonb := '{"documents": 0, "chunks": 0, "embeddings": 0, "blobs": 0, "summaries": 0}';
  v_cancelled jsonb := '[]';
  v_documents uuid[] := '{}';
begin
  -- in the order in which uploads lock them
  for v_document in
    select d.* from documents d
    where d.tenant = p_tenant and d.document_set = p_document_set and docent.accepted_by(d.id, p_accepted_before)
    order by d.filename limit p_limit for update
  loop
    -- a new version may have been accepted while this waited for the lock
    v_one := case when docent.newest_accepted_by(v_document.id, p_accepted_before) then docent.erase(v_document)
      else docent.erase_older(v_document, p_accepted_before) end;
    v_documents := v_documents || v_document.id;
    v_cancelled := v_cancelled || (v_one -> 'cancelled');
    select jsonb_object_agg(r.key, r.value::bigint + (v_one -> 'receipt' ->> r.key)::bigint) into v_receipt from jsonb_each_text(v_receipt) r;
  end loop;
  perform docent.forget_answers(p_tenant, v_documents);
  return jsonb_build_object('receipt', v_receipt, 'cancelled', v_cancelled, 'remaining', (
    select count(*) from documents d
    where d.tenant = p_tenant and d.document_set = p_document_set and docent.accepted_by(d.id, p_accepted_before)));
end
$$;

-- Checks that a document has a version that was accepted up to a time.
create function docent.accepted_by(p_document uuid, p_before timestamptz) returns boolean language sql stable as $$
  select p_before is null or exists (
    select from docent.document_versions v where v.document_id = p_document and v.created_at <= p_before and v.status <> 'superseded')
$$;

create function docent.newest_accepted_by(p_document uuid, p_before timestamptz) returns boolean language sql stable as $$
  select p_before is null or not exists (
    select from docent.document_versions v where v.document_id = p_document and v.created_at > p_before)
$$;

-- Deletes the versions that were accepted up to a time and keeps a document that was uploaded again later.
create function docent.erase_older(d docent.documents, p_before timestamptz) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_chunks integer := 0;
  v_embeddings integer := 0;
  v_blobs integer;
  v_summaries integer;
begin
  select count(*) into v_summaries from summaries s where s.document_id = d.id and s.version <> d.version;
  delete from summaries s where s.document_id = d.id and s.version <> d.version;
  if exists (select from document_versions v where v.document_id = d.id and v.version = d.ready_version and v.created_at <= p_before) then
    perform docent.index_published(d.id, d.ready_version, -1);
    v_embeddings := docent.erase_embeddings(d.id, d.ready_version);
    delete from chunk_lex where document_id = d.id and version = d.ready_version;
    delete from chunks where document_id = d.id and version = d.ready_version;
    get diagnostics v_chunks = row_count;
    update documents set ready_version = null, updated_at = clock_timestamp() where id = d.id;
  end if;
  v_blobs := docent.discard(array(
    select k from document_versions v, unnest(array[v.blob_key, v.parsed_key]) k
    where v.document_id = d.id and v.created_at <= p_before and v.status <> 'superseded' and k is not null));
  update document_versions set status = 'superseded', updated_at = clock_timestamp()
  where document_id = d.id and created_at <= p_before and status <> 'superseded';
  return jsonb_build_object('cancelled', '[]'::jsonb,
    'receipt', jsonb_build_object('documents', 0, 'chunks', v_chunks, 'embeddings', v_embeddings, 'blobs', v_blobs, 'summaries', v_summaries));
end
$$;

-- Deletes the vectors of a document, or of one version, in every embedding space; returns how many.
create function docent.erase_embeddings(p_document uuid, p_version integer) returns integer language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_space integer;
  v_count integer;
  v_embeddings integer := 0;
begin
  for v_space in select id from embedding_spaces order by id loop
    execute format('delete from docent.emb_%s e using docent.chunks c where c.document_id = $1 and ($2 is null or c.version = $2) and e.chunk_id = c.id', v_space)
    using p_document, p_version;
    get diagnostics v_count = row_count;
    v_embeddings := v_embeddings + v_count;
  end loop;
  return v_embeddings;
end
$$;

-- Deleted text must not be readable in what was derived from it: task results and stored idempotent answers.
create function docent.forget_answers(p_tenant text, p_documents uuid[]) returns void language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  update tasks t set result = null
  where t.document_id = any(p_documents) and t.type = 'summarize' and t.result is not null;
  update tasks t set result = null
  where t.tenant = p_tenant and t.type in ('check_knowledge_base', 'answer_question') and t.result is not null
    and exists (select from jsonb_array_elements(t.result -> 'sources') s where (s ->> 'document_id')::uuid = any(p_documents));
  delete from checkpoints c using tasks t where t.id = c.task_id and t.document_id = any(p_documents) and t.status not in ('queued', 'running');
  -- requests that only read answer 200 and can run again; answers about created work (201, 202) hold no text
  delete from idempotency_keys k where k.tenant = p_tenant and k.state = 'done' and k.status = 200;
end
$$;

-- Deletes a locked document. Its unfinished tasks are locked first and end here, so that a late write of a worker finds no valid claim.
create function docent.erase(d docent.documents) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task uuid;
  v_cancelled jsonb := '[]';
  v_chunks integer;
  v_embeddings integer;
  v_blobs integer;
  v_summaries integer;
begin
  perform from tasks t
  where t.document_id = d.id and t.status in ('queued', 'running') order by t.id for update;
  if d.ready_version is not null then perform docent.index_published(d.id, d.ready_version, -1); end if;
  v_embeddings := docent.erase_embeddings(d.id, null);
  delete from chunk_lex where document_id = d.id;
  delete from chunks where document_id = d.id;
  get diagnostics v_chunks = row_count;
  delete from summaries where document_id = d.id;
  get diagnostics v_summaries = row_count;
  v_blobs := docent.discard(array(
    select k from document_versions v, unnest(array[v.blob_key, v.parsed_key]) k where v.document_id = d.id and v.status <> 'superseded' and k is not null));
  for v_task in
    select t.id from tasks t
    where t.document_id = d.id and t.status in ('queued', 'running') order by t.id
  loop
    v_cancelled := v_cancelled || docent.end_task(v_task, 'cancelled', '{"code": "cancelled", "detail": "The document was deleted", "retryable": false}');
  end loop;
  delete from documents where id = d.id;
  return jsonb_build_object('cancelled', v_cancelled,
    'receipt', jsonb_build_object('documents', 1, 'chunks', v_chunks, 'embeddings', v_embeddings, 'blobs', v_blobs, 'summaries', v_summaries));
end
$$;
