-- Deleting documents with everything that hangs on them, and saying truly what went.

create function docent_api.delete_document(p_tenant text, p_sets text[], p_id uuid)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
begin
  select * into v_document from documents d
  where d.id = p_id and d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets)) for update;
  if not found then return null; end if;
  return docent.erase(v_document, null);
end
$$;

create function docent_api.delete_documents_of_set(p_tenant text, p_document_set text, p_limit integer, p_except_task uuid)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_one jsonb;
  v_receipt jsonb := '{"documents": 0, "chunks": 0, "embeddings": 0, "blobs": 0, "summaries": 0}';
  v_cancelled jsonb := '[]';
begin
  -- in the order in which uploads lock them
  for v_document in
    select * from documents d where d.tenant = p_tenant and d.document_set = p_document_set order by d.filename limit p_limit for update
  loop
    v_one := docent.erase(v_document, p_except_task);
    v_cancelled := v_cancelled || (v_one -> 'cancelled');
    select jsonb_object_agg(r.key, r.value::bigint + (v_one -> 'receipt' ->> r.key)::bigint) into v_receipt from jsonb_each_text(v_receipt) r;
  end loop;
  return jsonb_build_object('receipt', v_receipt, 'cancelled', v_cancelled,
    'remaining', (select count(*) from documents d where d.tenant = p_tenant and d.document_set = p_document_set));
end
$$;

-- Takes a locked document away. Its unfinished tasks are locked first and end here, so that no worker's late write finds a claim that holds.
create function docent.erase(d docent.documents, p_except_task uuid) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task uuid;
  v_cancelled jsonb := '[]';
  v_chunks integer;
  v_embeddings integer := 0;
  v_blobs integer;
  v_summaries integer;
  v_space integer;
  v_count integer;
begin
  perform from tasks t
  where t.document_id = d.id and t.status in ('queued', 'running') and t.id is distinct from p_except_task order by t.id for update;
  if d.ready_version is not null then perform docent.index_published(d.id, d.ready_version, -1); end if;
  for v_space in select id from embedding_spaces order by id loop
    execute format('delete from docent.emb_%s e using docent.chunks c where c.document_id = $1 and e.chunk_id = c.id', v_space) using d.id;
    get diagnostics v_count = row_count;
    v_embeddings := v_embeddings + v_count;
  end loop;
  delete from chunk_lex where document_id = d.id;
  delete from chunks where document_id = d.id;
  get diagnostics v_chunks = row_count;
  delete from summaries where document_id = d.id;
  get diagnostics v_summaries = row_count;
  v_blobs := docent.discard(array(
    select k from document_versions v, unnest(array[v.blob_key, v.parsed_key]) k where v.document_id = d.id and v.status <> 'superseded' and k is not null));
  for v_task in
    select t.id from tasks t
    where t.document_id = d.id and t.status in ('queued', 'running') and t.id is distinct from p_except_task order by t.id
  loop
    v_cancelled := v_cancelled || docent.end_task(v_task, 'cancelled', '{"code": "cancelled", "detail": "The document was deleted", "retryable": false}');
  end loop;
  delete from documents where id = d.id;
  return jsonb_build_object('cancelled', v_cancelled,
    'receipt', jsonb_build_object('documents', 1, 'chunks', v_chunks, 'embeddings', v_embeddings, 'blobs', v_blobs, 'summaries', v_summaries));
end
$$;
