-- One summary for each document version and model; publishing a newer version deletes those of older ones.

create function docent.summary_row(s docent.summaries) returns jsonb language sql stable as $$
  select jsonb_build_object('id', s.id, 'filename', s.filename, 'document_set', s.document_set, 'document_id', s.document_id, 'version', s.version,
    'summary_text', s.summary_text, 'model', s.model, 'created_at', docent.at(s.created_at))
$$;

-- Null when the claim was overtaken or the version no longer answers.
create function docent_api.save_summary(p_task uuid, p_token bigint, p_document_id uuid, p_version integer, p_text text, p_model text)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_document documents;
  v_summary summaries;
begin
  select * into v_document from documents where id = p_document_id and ready_version = p_version for share;
  if not found then return null; end if;
  perform from tasks where id = p_task and token = p_token and status = 'running' and tenant = v_document.tenant for update;
  if not found then return null; end if;
  insert into summaries (id, tenant, document_id, version, document_set, filename, summary_text, model)
  values (docent.uuid_v7(), v_document.tenant, p_document_id, p_version, v_document.document_set, v_document.filename, p_text, p_model)
  on conflict (document_id, version, model) do update set summary_text = excluded.summary_text, created_at = clock_timestamp()
  returning * into v_summary;
  return docent.summary_row(v_summary);
end
$$;

create function docent_api.list_summaries(p_tenant text, p_sets text[], p_document_set text, p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(page.line order by page.created_at desc, page.id desc), '[]') from (
    select s.created_at, s.id, docent.summary_row(s) as line from summaries s
    where s.tenant = p_tenant
      and (p_sets is null or s.document_set = any(p_sets)) and (p_document_set is null or s.document_set = p_document_set)
      and (p_before_at is null or (s.created_at, s.id) < (p_before_at, p_before_id))
    order by s.created_at desc, s.id desc limit p_limit) page
$$;

create function docent_api.find_summary(p_tenant text, p_sets text[], p_filename text, p_document_set text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.summary_row(s) from summaries s
  where s.tenant = p_tenant and s.filename = p_filename
    and (p_sets is null or s.document_set = any(p_sets)) and (p_document_set is null or s.document_set = p_document_set)
  order by s.created_at desc, s.id desc limit 1
$$;
