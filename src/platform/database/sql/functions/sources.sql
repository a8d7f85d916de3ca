-- Sources, their schedule, and the items taken from them.

create function docent.source_row(s docent.sources) returns jsonb language sql stable as $$
  select jsonb_build_object('id', s.id, 'tenant', s.tenant, 'subject', s.subject, 'driver', s.driver, 'settings', s.settings,
    'document_set', s.document_set, 'every_seconds', s.every_seconds, 'checkpoint', s.checkpoint, 'pass', s.pass, 'counts', s.counts,
    'last_error', s.last_error, 'last_run_at', docent.at(s.last_run_at), 'next_run_at', docent.at(s.next_run_at),
    'documents', (select count(*) from docent.source_items i where i.source_id = s.id),
    'running', exists (
      select from docent.tasks t where t.tenant = s.tenant and t.type = 'run_source' and t.dedupe_key = s.id::text and t.status in ('queued', 'running')),
    'created_at', docent.at(s.created_at))
$$;

-- Null when the tenant has the most sources allowed. A source with a schedule is due at once.
create function docent_api.create_source(
  p_id uuid, p_tenant text, p_subject text, p_driver text, p_settings jsonb, p_document_set text, p_every_seconds integer, p_most integer)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with made as (
    insert into sources (id, tenant, subject, driver, settings, document_set, every_seconds, next_run_at)
    select p_id, p_tenant, p_subject, p_driver, p_settings, p_document_set, p_every_seconds,
      case when p_every_seconds is not null then clock_timestamp() end
    where (select count(*) from sources s where s.tenant = p_tenant) < p_most
    returning *
  )
  select docent.source_row(m::docent.sources) from made m
$$;

create function docent_api.list_sources(p_tenant text, p_sets text[], p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(page.line order by page.created_at desc, page.id desc), '[]') from (
    select s.created_at, s.id, docent.source_row(s) as line from sources s
    where s.tenant = p_tenant and (p_sets is null or s.document_set = any(p_sets))
      and (p_before_at is null or (s.created_at, s.id) < (p_before_at, p_before_id))
    order by s.created_at desc, s.id desc limit p_limit) page
$$;

create function docent_api.get_source(p_tenant text, p_sets text[], p_id uuid)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.source_row(s) from sources s where s.tenant = p_tenant and s.id = p_id and (p_sets is null or s.document_set = any(p_sets))
$$;

create function docent_api.delete_source(p_tenant text, p_sets text[], p_id uuid)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with gone as (
    delete from sources where tenant = p_tenant and id = p_id and (p_sets is null or document_set = any(p_sets)) returning 1)
  select jsonb_build_object('deleted', exists (select from gone))
$$;

-- Sources that are due, each once: the same statement sets the next run.
create function docent_api.take_due_sources(p_limit integer)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with due as (
    select s.id from sources s where s.next_run_at <= clock_timestamp() order by s.next_run_at limit p_limit for update skip locked
  ), taken as (
    update sources s set next_run_at = clock_timestamp() + docent.seconds(s.every_seconds) from due where s.id = due.id returning s.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'tenant', t.tenant, 'subject', t.subject, 'document_set', t.document_set)), '[]') from taken t
$$;

-- Items whose document was deleted meanwhile are new again.
create function docent_api.list_source_items(p_source uuid)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'key', i.key, 'version', i.version, 'document_id', i.document_id, 'pass', i.pass, 'memo', i.memo) order by i.key), '[]')
  from source_items i join documents d on d.id = i.document_id where i.source_id = p_source
$$;

create function docent_api.put_source_item(p_source uuid, p_key text, p_version text, p_document_id uuid, p_memo jsonb)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with put as (
    insert into source_items (source_id, key, version, document_id, memo, pass)
    select s.id, p_key, p_version, p_document_id, p_memo, s.pass from sources s where s.id = p_source
    on conflict (source_id, key) do update
      set version = excluded.version, document_id = excluded.document_id, memo = excluded.memo, pass = excluded.pass
    returning 1)
  select jsonb_build_object('put', exists (select from put))
$$;

create function docent_api.drop_source_item(p_source uuid, p_key text)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with gone as (delete from source_items where source_id = p_source and key = p_key returning 1)
  select jsonb_build_object('dropped', exists (select from gone))
$$;

-- The checkpoint of a run that ends early, and the items that it has listed so far.
create function docent_api.save_source_progress(p_source uuid, p_checkpoint text, p_keys text[])
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with at as (
    update sources set checkpoint = p_checkpoint where id = p_source returning pass
  ), listed as (
    update source_items i set pass = at.pass from at where i.source_id = p_source and i.key = any(p_keys)
  )
  select jsonb_build_object('saved', exists (select from at))
$$;

-- p_counts ends the pass; without it the run has ended early and its checkpoint stays. A second call leaves out the
-- number of a pass, which changes nothing.
create function docent_api.finish_source_run(p_source uuid, p_counts jsonb, p_error jsonb, p_checkpoint text)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with told as (
    update sources set counts = coalesce(p_counts, counts), last_error = p_error, last_run_at = clock_timestamp(),
      checkpoint = case when p_counts is null then checkpoint else p_checkpoint end,
      pass = pass + (p_counts is not null)::int
    where id = p_source returning 1)
  select jsonb_build_object('finished', exists (select from told))
$$;
