-- Quotas, audit, figures for the console, versions.

create function docent_api.tenant_usage(p_tenant text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select jsonb_build_object(
    'documents', (select count(*) from documents where tenant = p_tenant),
    'bytes', (select coalesce(sum(v.bytes), 0) from document_versions v where v.tenant = p_tenant and v.status <> 'superseded'),
    'tasks', (select count(*) from tasks where tenant = p_tenant and status in ('queued', 'running') and type <> 'batch'),
    'tokens_today', (select coalesce(sum(tokens), 0) from token_usage where tenant = p_tenant and day = (clock_timestamp() at time zone 'UTC')::date))
$$;

-- Refuses what has just been written when it exceeds a quota: {documents, bytes, tasks}; an absent one has no limit. One writer of
-- a tenant counts at a time and sees what the previous one has committed.
create function docent.enforce_quota(p_tenant text, p_quota jsonb) returns void language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_usage jsonb;
  v_over text;
begin
  if p_quota is null then return; end if;
  perform pg_advisory_xact_lock(hashtextextended('docent.quota ' || p_tenant, 0));
  v_usage := docent_api.tenant_usage(p_tenant);
  select key into v_over from jsonb_each_text(p_quota) where (v_usage ->> key)::bigint > value::bigint order by key limit 1;
  if v_over is not null then perform docent.refuse('quota_exceeded', v_over); end if;
end
$$;

create function docent_api.add_tokens(p_tenant text, p_tokens bigint)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_tokens bigint;
begin
  insert into token_usage as u (tenant, day, tokens) values (p_tenant, (clock_timestamp() at time zone 'UTC')::date, p_tokens)
  on conflict (tenant, day) do update set tokens = u.tokens + excluded.tokens
  returning tokens into v_tokens;
  perform docent.count_tokens(p_tenant, p_tokens);
  return jsonb_build_object('tokens_today', v_tokens);
end
$$;

create function docent_api.append_audit(p_tenant text, p_subject text, p_action text, p_target text, p_detail jsonb, p_request_id text)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with written as (
    insert into audit_log (id, tenant, subject, action, target, detail, request_id)
    values (docent.uuid_v7(), p_tenant, p_subject, p_action, p_target, coalesce(p_detail, '{}'), p_request_id)
    returning id
  )
  select jsonb_build_object('id', id) from written
$$;

-- Entries about one document hold its id in their detail.
create function docent_api.list_audit(p_tenant text, p_document_id uuid, p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(page.line order by page.at desc, page.id desc), '[]') from (
    select a.at, a.id, jsonb_build_object('id', a.id, 'subject', a.subject, 'action', a.action, 'target', a.target, 'detail', a.detail,
      'request_id', a.request_id, 'at', docent.at(a.at)) as line
    from audit_log a
    where a.tenant = p_tenant and (p_before_at is null or (a.at, a.id) < (p_before_at, p_before_id))
      and (p_document_id is null
        or a.detail @> jsonb_build_object('documents', jsonb_build_array(jsonb_build_object('id', p_document_id)))
        or a.detail @> jsonb_build_object('document_id', p_document_id))
    order by a.at desc, a.id desc limit p_limit) page
$$;

create function docent_api.stats(p_tenant text, p_sets text[])
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with ended as (
    select t.type, t.status, extract(epoch from t.finished_at - t.started_at) * 1000 as ran, extract(epoch from t.finished_at - t.created_at) * 1000 as took
    from tasks t
    where t.tenant = p_tenant and docent.may_see(t, p_sets) and t.type <> 'batch' and t.status in ('succeeded', 'failed') and t.finished_at > clock_timestamp() - interval '1 hour'
  )
  select jsonb_build_object(
    'documents', (
      select jsonb_build_object('total', count(*), 'queued', count(*) filter (where v.status = 'queued'), 'processing', count(*) filter (where v.status = 'processing'),
        'ready', count(*) filter (where v.status = 'ready'), 'failed', count(*) filter (where v.status = 'failed'), 'bytes', coalesce(sum(v.bytes), 0))
      from documents d join document_versions v on v.document_id = d.id and v.version = d.version
      where d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))),
    'chunks', (
      select coalesce(sum(v.chunk_count), 0) from documents d join document_versions v on v.document_id = d.id and v.version = d.ready_version
      where d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))),
    'document_sets', (select count(distinct d.document_set) from documents d where d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))),
    'queues', docent_api.queue_stats(p_tenant, p_sets),
    'last_hour', (
      select coalesce(jsonb_object_agg(h.type, to_jsonb(h) - 'type'), '{}') from (
        select e.type, count(*) filter (where e.status = 'succeeded') as succeeded, count(*) filter (where e.status = 'failed') as failed,
          round((percentile_cont(0.5) within group (order by e.ran))::numeric) as run_ms_p50,
          round((percentile_cont(0.95) within group (order by e.ran))::numeric) as run_ms_p95,
          round((percentile_cont(0.5) within group (order by e.took))::numeric) as total_ms_p50,
          round((percentile_cont(0.95) within group (order by e.took))::numeric) as total_ms_p95
        from ended e group by e.type) h))
$$;

-- Workers that hold tasks of a tenant; a worker without tasks has no row here. The next sweep takes expired leases back.
create function docent_api.list_workers(p_tenant text, p_sets text[])
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(w) order by w.owner), '[]') from (
    select t.owner, docent.at(min(t.lease_until)) as lease_until,
      round(extract(epoch from min(t.lease_until) - clock_timestamp())::numeric, 3) as lease_seconds,
      jsonb_agg(jsonb_build_object('task_id', t.id, 'type', t.type, 'queue', t.queue, 'stage', t.stage, 'progress', t.progress, 'attempts', t.attempts,
        'losses', t.losses, 'document_id', t.document_id, 'filename', t.filename, 'started_at', docent.at(t.started_at)) order by t.started_at, t.id) as tasks
    from tasks t
    where t.tenant = p_tenant and t.status = 'running' and t.owner is not null and docent.may_see(t, p_sets)
    group by t.owner) w
$$;

create function docent_api.versions()
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select jsonb_build_object(
    'postgres', current_setting('server_version'),
    'pgvector', (select extversion from pg_extension where extname = 'vector'),
    'migrations', (select count(*) from docent.migrations),
    'functions', (select hash from docent.function_library))
$$;
