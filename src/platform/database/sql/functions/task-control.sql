-- Tasks as clients see and change them.

-- The state of a batch is derived from the tasks it lists. Any other task is returned as it is.
create function docent.derived_batch_state(t docent.tasks) returns docent.tasks language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  c record;
begin
  if t.type <> 'batch' then return t; end if;
  select count(*) as all_of_them,
    count(*) filter (where x.status in ('queued', 'running')) as unfinished,
    count(*) filter (where x.status = 'failed') as failed,
    count(*) filter (where x.status = 'cancelled') as cancelled,
    count(*) filter (where x.status <> 'queued' or x.attempts > 0) as started,
    avg(case when x.status in ('queued', 'running') then x.progress else 1 end) as progress,
    min(x.started_at) as started_at, max(x.finished_at) as finished_at,
    (array_agg(x.error order by x.finished_at) filter (where x.status = 'failed'))[1] as error
  into c from docent.children_of(t) x;
  t.progress := coalesce(c.progress, 1);
  t.started_at := c.started_at;
  t.status := case
    when c.unfinished > 0 then case when c.started > 0 then 'running' else 'queued' end
    when c.failed > 0 then 'failed'
    when c.cancelled > 0 then 'cancelled'
    else 'succeeded' end;
  if c.unfinished = 0 then
    t.finished_at := coalesce(c.finished_at, t.created_at);
    t.error := c.error;
  end if;
  return t;
end
$$;

create function docent.children_of(t docent.tasks) returns setof docent.tasks language sql stable as $$
  select c.* from jsonb_array_elements_text(t.payload -> 'tasks') with ordinality l(id, place) join docent.tasks c on c.id = l.id::uuid order by l.place
$$;

create function docent_api.cancel_task(p_tenant text, p_sets text[], p_task uuid)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_child uuid;
  v_changed boolean := false;
  v_notices jsonb := '[]';
  v_one jsonb;
begin
  select * into v_task from tasks t where t.id = p_task and t.tenant = p_tenant and docent.may_see(t, p_sets);
  if not found then return jsonb_build_object('found', false, 'changed', false, 'notices', v_notices); end if;
  for v_child in
    select p_task where v_task.type <> 'batch'
    union all select id from (select c.id from docent.children_of(v_task) c where v_task.type = 'batch' order by c.id) listed
  loop
    v_one := docent.cancel_one(v_child);
    v_changed := v_changed or v_one is not null;
    v_notices := v_notices || coalesce(v_one, '[]');
  end loop;
  return jsonb_build_object('found', true, 'changed', v_changed, 'notices', v_notices);
end
$$;

-- A waiting task ends at once; a running one learns of it by its next heartbeat. Null when there was nothing to cancel.
create function docent.cancel_one(p_task uuid) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_status text;
begin
  select status into v_status from tasks where id = p_task for update;
  if v_status = 'queued' then return docent.end_task(p_task, 'cancelled', docent.cancelled_error()); end if;
  update tasks set cancel_requested = true where id = p_task and status = 'running' and not cancel_requested;
  return case when found then '[]'::jsonb end;
end
$$;

-- Queues an ended task again. Null when it is not ended, its document has a newer version, or the same work is queued already.
create function docent.retry_one(p_task uuid) returns docent.tasks language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_version integer;
  v_next uuid;
begin
  select * into v_task from tasks where id = p_task;
  perform from documents where id = v_task.document_id for share;
  select * into v_task from tasks where id = p_task and status in ('failed', 'cancelled') for update;
  if not found then return null; end if;
  if v_task.type = 'ingest' then
    v_version := (v_task.payload ->> 'version')::integer;
    update document_versions v set status = 'queued', error = null, updated_at = clock_timestamp()
    from documents d
    where d.id = v.document_id and v.document_id = v_task.document_id and v.version = v_version and d.version = v_version
      and v.task_id = p_task and v.status = 'failed';
    if not found then return null; end if;
  end if;
  begin
    update tasks
    set status = 'queued', attempts = 0, losses = 0, run_after = clock_timestamp(), cancel_requested = false, error = null, result = null, stage = null,
      progress = 0, started_at = null, finished_at = null, owner = null
    where id = p_task
    returning * into v_task;
  exception when unique_violation then
    return null;
  end;
  for v_next in select id from tasks where waits_for = p_task and status = 'cancelled' and error = docent.broken_chain() order by id loop
    perform docent.retry_one(v_next);
  end loop;
  return v_task;
end
$$;

create function docent_api.retry_task(p_tenant text, p_sets text[], p_task uuid, p_quota jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_answer jsonb;
begin
  select * into v_task from tasks t where t.id = p_task and t.tenant = p_tenant and docent.may_see(t, p_sets);
  if not found then return jsonb_build_object('found', false, 'rings', '[]'::jsonb, 'notices', '[]'::jsonb); end if;
  v_answer := docent.retry_these(array(
    select p_task where v_task.type <> 'batch'
    union all select c.id from docent.children_of(v_task) c where v_task.type = 'batch'));
  perform docent.enforce_quota(p_tenant, p_quota);
  return jsonb_build_object('found', true) || v_answer;
end
$$;

create function docent.retry_these(p_tasks uuid[]) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_id uuid;
  v_task tasks;
  v_rings jsonb := '[]';
  v_notices jsonb := '[]';
begin
  for v_id in select id from unnest(p_tasks) id order by id loop
    v_task := docent.retry_one(v_id);
    if v_task.id is not null then
      v_rings := v_rings || docent.task_ring(v_task);
      v_notices := v_notices || docent.task_notice(v_task);
    end if;
  end loop;
  return jsonb_build_object('rings', v_rings, 'notices', v_notices);
end
$$;

create function docent_api.retry_tasks(p_tenant text, p_sets text[], p_type text, p_code text, p_except_types text[], p_limit integer, p_quota jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_answer jsonb;
  v_room integer;
begin
  -- as many as the quota has room for: of 10,000 failed tasks the rest can follow later
  if p_quota ->> 'tasks' is not null then
    perform pg_advisory_xact_lock(hashtextextended('docent.quota ' || p_tenant, 0));
    v_room := (p_quota ->> 'tasks')::integer - (docent_api.tenant_usage(p_tenant) ->> 'tasks')::integer;
    if v_room <= 0 then perform docent.refuse('quota_exceeded', 'tasks'); end if;
    p_limit := least(p_limit, v_room);
  end if;
  v_answer := docent.retry_these(array(
    select t.id from tasks t
    where t.tenant = p_tenant and t.status = 'failed' and t.type <> 'batch' and docent.may_see(t, p_sets)
      and (p_type is null or t.type = p_type) and (p_code is null or t.error ->> 'code' = p_code)
      and (p_except_types is null or t.type <> all(p_except_types))
    order by t.finished_at, t.id limit p_limit));
  perform docent.enforce_quota(p_tenant, p_quota);
  return jsonb_build_object('retried', jsonb_array_length(v_answer -> 'rings')) || v_answer;
end
$$;

create function docent_api.get_task(p_tenant text, p_sets text[], p_task uuid)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_ahead integer;
  v_children jsonb;
begin
  select * into v_task from tasks t where t.id = p_task and t.tenant = p_tenant and docent.may_see(t, p_sets);
  if not found then return null; end if;
  v_task := docent.derived_batch_state(v_task);
  if v_task.type = 'batch' then
    select coalesce(jsonb_agg(docent.task_row(c)), '[]') into v_children from docent.children_of(v_task) c where docent.may_see(c, p_sets);
  elsif v_task.status = 'queued' then
    -- counted up to 1,000: beyond that the exact place does not matter
    select count(*) into v_ahead from (
      select from tasks a
      where a.queue = v_task.queue and a.status = 'queued'
        and (a.priority > v_task.priority or (a.priority = v_task.priority and (a.run_after, a.id) < (v_task.run_after, v_task.id)))
      limit 1000) ahead;
  end if;
  return docent.task_row(v_task) || jsonb_build_object('position', v_ahead + 1, 'children', v_children);
end
$$;

-- The results that tasks still have, by task: deletion takes away those that hold text of the deleted.
create function docent_api.task_results(p_tenant text, p_tasks uuid[])
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_object_agg(t.id, t.result), '{}') from tasks t
  where t.id = any(p_tasks) and t.tenant = p_tenant and t.result is not null
$$;

-- A waiting task has its place in its queue, as get_task counts it. p_statuses holds task statuses, `waiting` (queued, never tried) and `retrying` (queued again after a failure).
create function docent_api.list_tasks(p_tenant text, p_sets text[], p_statuses text[], p_types text[], p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with wanted as (
    select array_agg(case when u in ('waiting', 'retrying') then 'queued' else u end) as statuses from unnest(p_statuses) u
  ), page as (
    select s.* from tasks t cross join wanted w cross join lateral docent.derived_batch_state(t) s
    where t.tenant = p_tenant and docent.may_see(t, p_sets) and (p_types is null or t.type = any(p_types))
      and (p_before_at is null or (t.created_at, t.id) < (p_before_at, p_before_id))
      and (w.statuses is null or t.type = 'batch' or t.status = any(w.statuses))
      and (p_statuses is null or s.status = any(p_statuses)
        or (s.status = 'queued' and case when s.attempts = 0 then 'waiting' else 'retrying' end = any(p_statuses)))
    order by t.created_at desc, t.id desc limit p_limit
  ), places as (
    select a.id, row_number() over (partition by a.queue order by a.priority desc, a.run_after, a.id) as place
    from (select distinct queue from page where status = 'queued' and type <> 'batch') q
    cross join lateral (
      select t.id, t.queue, t.priority, t.run_after from tasks t
      where t.queue = q.queue and t.status = 'queued' order by t.priority desc, t.run_after, t.id limit 1000) a
  )
  select coalesce(jsonb_agg(docent.task_row(p::docent.tasks) || jsonb_build_object('position', a.place)
    order by p.created_at desc, p.id desc), '[]')
  from page p left join places a on a.id = p.id
$$;

create function docent_api.save_checkpoint(p_task uuid, p_token bigint, p_key text, p_value jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  perform from tasks where id = p_task and token = p_token and status = 'running' for update;
  if not found then return jsonb_build_object('saved', false); end if;
  insert into checkpoints (task_id, key, value) values (p_task, p_key, p_value)
  on conflict (task_id, key) do update set value = excluded.value;
  return jsonb_build_object('saved', true);
end
$$;

create function docent_api.list_checkpoints(p_tenant text, p_task uuid)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object('key', c.key, 'value', c.value) order by c.key), '[]')
  from checkpoints c join tasks t on t.id = c.task_id
  where t.tenant = p_tenant and c.task_id = p_task
$$;

create function docent_api.queue_stats(p_tenant text, p_sets text[])
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(q) order by q.queue), '[]') from (
    select t.queue,
      count(*) filter (where t.status = 'queued') as waiting,
      count(*) filter (where t.status = 'running') as running,
      round(coalesce(extract(epoch from clock_timestamp() - min(t.run_after) filter (where t.status = 'queued' and t.run_after <= clock_timestamp())), 0)::numeric, 3) as oldest_seconds,
      count(*) filter (where t.status = 'failed') as failed
    from tasks t
    where t.type <> 'batch' and t.status in ('queued', 'running', 'failed') and (p_tenant is null or t.tenant = p_tenant) and docent.may_see(t, p_sets)
    group by t.queue) q
$$;
