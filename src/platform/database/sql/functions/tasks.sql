-- The life of a task. Locks are taken in the order document, task, version, chunks: everywhere.

create function docent_api.create_tasks(p_tenant text, p_subject text, p_request_id text, p_trace_context text, p_tasks jsonb, p_quota jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  n record;
  v_task tasks;
  v_answers jsonb := '{}';
  v_rings jsonb := '[]';
  v_awaited text;
begin
  -- in the order of the keys: two calls with the same work wait for each other instead of deadlocking
  for n in
    select r.*, w.ordinality as place
    from jsonb_array_elements(p_tasks) with ordinality w(task, ordinality),
      jsonb_to_record(w.task) r(
        id uuid, type text, queue text, payload jsonb, dedupe_key text, priority integer, max_attempts integer, parent_id uuid, waits_for uuid,
        document_id uuid, filename text, document_set text, document_sets text[])
    order by r.type, r.dedupe_key nulls first, w.ordinality
  loop
    loop
      insert into tasks (id, tenant, subject, type, queue, payload, dedupe_key, priority, max_attempts, parent_id, waits_for, document_id, filename,
        document_set, document_sets, request_id, trace_context)
      values (n.id, p_tenant, p_subject, n.type, n.queue, coalesce(n.payload, '{}'), n.dedupe_key, coalesce(n.priority, 0), coalesce(n.max_attempts, 3),
        n.parent_id, n.waits_for, n.document_id, n.filename, n.document_set, n.document_sets, p_request_id, p_trace_context)
      on conflict do nothing
      returning * into v_task;
      if found then
        v_answers := v_answers || jsonb_build_object(n.place::text, jsonb_build_object('id', n.id, 'created', true));
        exit;
      end if;
      select * into v_task from tasks t
      where (t.id = n.id and t.tenant = p_tenant)
        or (t.tenant = p_tenant and t.type = n.type and t.dedupe_key = n.dedupe_key and t.status in ('queued', 'running'))
      order by t.id = n.id desc limit 1;
      if found then
        v_answers := v_answers || jsonb_build_object(n.place::text, jsonb_build_object('id', v_task.id, 'created', false));
        exit;
      end if;
    end loop;
  end loop;

  for v_task in
    select t.* from tasks t join jsonb_each(v_answers) a on t.id = (a.value ->> 'id')::uuid and (a.value ->> 'created')::boolean order by t.created_at, t.id
  loop
    select w.status into v_awaited from tasks w where w.id = v_task.waits_for;
    if v_awaited in ('failed', 'cancelled') then
      perform docent.end_task(v_task.id, 'cancelled', docent.broken_chain());
    elsif v_awaited is null or v_awaited = 'succeeded' then
      v_rings := v_rings || docent.task_ring(v_task);
    end if;
  end loop;
  perform docent.enforce_quota(p_tenant, p_quota);
  return jsonb_build_object(
    'tasks', (select coalesce(jsonb_agg(a.value order by a.key::integer), '[]') from jsonb_each(v_answers) a),
    'rings', v_rings);
end
$$;

create function docent_api.claim_task(p_task uuid, p_owner text, p_lease_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
begin
  update tasks t
  set status = 'running', token = nextval('docent.fencing_token'), attempts = t.attempts + 1, owner = p_owner, waiting_on = null,
    lease_until = clock_timestamp() + docent.seconds(p_lease_seconds), started_at = clock_timestamp()
  where t.id = p_task and t.type <> 'batch' and t.status = 'queued' and t.run_after <= clock_timestamp()
    and not exists (select from tasks w where w.id = t.waits_for and w.status <> 'succeeded')
  returning * into v_task;
  if not found then return null; end if;
  update document_versions set status = 'processing', updated_at = clock_timestamp() where task_id = p_task and document_id = v_task.document_id and status = 'queued';
  return docent.task_row(v_task);
end
$$;

-- Claims those of these tasks that are due, several at once. One that ingests comes with its version, opened as open_version does; its place in
-- p_parsed_keys is announced for the parse result. A row that somebody else holds is left out, so that two calls never wait for each other in turns:
-- `busy` lists the tasks to be claimed alone, which waits.
create function docent_api.claim_tasks(
  p_tasks uuid[], p_owner text, p_lease_seconds double precision, p_parsed_keys text[], p_blob_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
-- the plan is kept, and may be made while the tables are small
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_claimed jsonb;
begin
  if cardinality(p_tasks) = 1 then perform from tasks where id = p_tasks[1] and status = 'queued' for update; end if;
  with due as (
    select t.id from tasks t
    where t.id = any(p_tasks) and t.type <> 'batch' and t.status = 'queued' and t.run_after <= clock_timestamp()
      and not exists (select from tasks w where w.id = t.waits_for and w.status <> 'succeeded')
    for update skip locked
  ), claimed as (
    update tasks t
    set status = 'running', token = nextval('docent.fencing_token'), attempts = t.attempts + 1, owner = p_owner, waiting_on = null,
      lease_until = clock_timestamp() + docent.seconds(p_lease_seconds), started_at = clock_timestamp()
    from due where t.id = due.id
    returning t.*
  ), opened as (
    update document_versions v set status = 'processing', updated_at = clock_timestamp()
    from claimed c
    where c.type = 'ingest' and v.document_id = c.document_id and v.version = (c.payload ->> 'version')::integer and v.task_id = c.id
      and v.status in ('queued', 'processing')
    returning v.*
  ), announced as (
    insert into blob_intents (blob_key, tenant, expires_at)
    select k.key, v.tenant, clock_timestamp() + docent.seconds(p_blob_seconds)
    from unnest(p_tasks, p_parsed_keys) k(task, key) join opened v on v.task_id = k.task
    where v.parsed_key is null
  )
  select coalesce(jsonb_agg(docent.claimed_row(c::docent.tasks) || jsonb_build_object('opened', (
    select docent.version_row(d, v::docent.document_versions) || jsonb_build_object(
      'staged', (select count(*) from chunks s where s.document_id = v.document_id and s.version = v.version))
    from opened v join documents d on d.id = v.document_id where v.task_id = c.id))), '[]')
  into v_claimed from claimed c;
  return jsonb_build_object('claimed', v_claimed, 'busy', case when jsonb_array_length(v_claimed) = cardinality(p_tasks) or cardinality(p_tasks) = 1 then '[]' else (
    select coalesce(jsonb_agg(t.id), '[]') from tasks t
    where t.id = any(p_tasks) and t.type <> 'batch' and t.status = 'queued' and t.run_after <= clock_timestamp()
      and not exists (select from tasks w where w.id = t.waits_for and w.status <> 'succeeded')) end);
end
$$;

create function docent_api.heartbeat(p_owner text, p_lease_seconds double precision, p_beats jsonb)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with beats as (
    select * from jsonb_to_recordset(p_beats) b(task uuid, token bigint, stage text, progress real, waiting_on text)
  ), alive as (
    select t.id from tasks t join beats b on b.task = t.id and b.token = t.token
    where t.status = 'running' and t.owner = p_owner
    order by t.id for update of t
  ), beaten as (
    update tasks t
    set lease_until = clock_timestamp() + docent.seconds(p_lease_seconds), stage = coalesce(b.stage, t.stage),
      progress = coalesce(b.progress, t.progress), waiting_on = b.waiting_on
    from beats b, alive a
    where a.id = t.id and b.task = t.id
    returning t.id, t.cancel_requested
  )
  select jsonb_build_object(
    'lost', (select coalesce(jsonb_agg(distinct b.task), '[]') from beats b where not exists (select from beaten x where x.id = b.task)),
    'cancelled', (select coalesce(jsonb_agg(x.id), '[]') from beaten x where x.cancel_requested))
$$;

create function docent_api.complete_task(p_task uuid, p_token bigint, p_result jsonb, p_stages jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
begin
  v_task := docent.succeed(p_task, p_token, p_result, p_stages);
  if v_task.id is null then return null; end if;
  return jsonb_build_object('notice', docent.task_notice(v_task), 'rings', docent.freed_by(p_task));
end
$$;

-- Completes a task if the claim is still valid; a repeated call of the same claim gets the same answer.
create function docent.succeed(p_task uuid, p_token bigint, p_result jsonb, p_stages jsonb)
returns docent.tasks language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
begin
  update tasks
  set status = 'succeeded', progress = 1, stage = null, result = p_result, stages = coalesce(p_stages, stages), error = null, waiting_on = null, lease_until = null,
    finished_at = clock_timestamp()
  where id = p_task and token = p_token and status = 'running'
  returning * into v_task;
  if not found then
    select * into v_task from tasks where id = p_task and token = p_token and status = 'succeeded';
  end if;
  return v_task;
end
$$;

-- Doorbells of the tasks that waited for one that has succeeded.
create function docent.freed_by(p_task uuid) returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  return (select coalesce(jsonb_agg(docent.task_ring(t) order by t.id), '[]') from tasks t where t.waits_for = p_task and t.status = 'queued');
end
$$;

create function docent_api.fail_task(p_task uuid, p_token bigint, p_failure jsonb, p_delay_seconds double precision, p_stages jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_ended jsonb;
begin
  select * into v_task from tasks where id = p_task and token = p_token and status = 'running' for update;
  if not found then return null; end if;
  update tasks set stages = coalesce(p_stages, stages) where id = p_task;
  if not v_task.cancel_requested and p_failure ->> 'code' <> 'cancelled' and p_delay_seconds is not null
    and coalesce((p_failure ->> 'retryable')::boolean, false) and v_task.attempts < v_task.max_attempts then
    v_task := docent.requeue(p_task, 0, p_delay_seconds, p_failure, null);
    return jsonb_build_object('notice', docent.task_notice(v_task), 'retry_at', docent.at(v_task.run_after), 'cancelled', '[]'::jsonb);
  end if;
  if v_task.cancel_requested or p_failure ->> 'code' = 'cancelled' then
    v_ended := docent.end_task(p_task, 'cancelled', docent.cancelled_error());
  else
    v_ended := docent.end_task(p_task, 'failed', p_failure);
  end if;
  return jsonb_build_object('notice', v_ended -> 0, 'retry_at', null, 'cancelled', v_ended - 0);
end
$$;

create function docent_api.release_task(p_task uuid, p_token bigint, p_waiting_on text, p_delay_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
begin
  select * into v_task from tasks where id = p_task and token = p_token and status = 'running' for update;
  if not found then return jsonb_build_object('released', false); end if;
  if v_task.cancel_requested then
    perform docent.end_task(p_task, 'cancelled', docent.cancelled_error());
  else
    perform docent.requeue(p_task, 1, p_delay_seconds, v_task.error, p_waiting_on);
  end if;
  return jsonb_build_object('released', true);
end
$$;

-- Ends every lease at once. Only for a database that one process has to itself: every former holder is dead.
create function docent_api.end_leases()
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with ended as (update tasks set lease_until = clock_timestamp() where status = 'running' and type <> 'batch' returning 1)
  select jsonb_build_object('ended', count(*)) from ended
$$;

-- Puts a running task back in its queue; p_uncounted attempts are forgotten.
create function docent.requeue(p_task uuid, p_uncounted integer, p_delay_seconds double precision, p_error jsonb, p_waiting_on text)
returns docent.tasks language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
begin
  update tasks
  set status = 'queued', attempts = greatest(attempts - p_uncounted, 0), run_after = clock_timestamp() + docent.seconds(greatest(p_delay_seconds, 0)),
    lease_until = null, owner = null, error = p_error, waiting_on = p_waiting_on
  where id = p_task
  returning * into v_task;
  update document_versions set status = 'queued', updated_at = clock_timestamp()
  where document_id = v_task.document_id and task_id = p_task and status = 'processing';
  return v_task;
end
$$;

create function docent.cancelled_error() returns jsonb language sql immutable as $$
  select '{"code": "cancelled", "detail": "The task was cancelled", "retryable": true}'::jsonb
$$;

create function docent.broken_chain() returns jsonb language sql immutable as $$
  select '{"code": "cancelled", "detail": "The task that this one waited for did not succeed", "retryable": true}'::jsonb
$$;

-- Fails a task with its document version and every task that waited for it. Returns the notices, its own first.
create function docent.end_task(p_task uuid, p_status text, p_error jsonb)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_notices jsonb;
  v_next uuid;
begin
  update tasks
  set status = p_status, error = p_error, finished_at = clock_timestamp(), lease_until = null, waiting_on = null
  where id = p_task and status in ('queued', 'running')
  returning * into v_task;
  if not found then return '[]'; end if;
  v_notices := jsonb_build_array(docent.task_notice(v_task));
  if v_task.type = 'ingest' then
    update document_versions set status = 'failed', error = p_error, updated_at = clock_timestamp()
    where document_id = v_task.document_id and task_id = p_task and status in ('queued', 'processing');
    if found then
      delete from chunks where document_id = v_task.document_id and version = (v_task.payload ->> 'version')::integer;
    end if;
  end if;
  for v_next in select id from tasks where waits_for = p_task and status = 'queued' order by id loop
    v_notices := v_notices || docent.end_task(v_next, 'cancelled', docent.broken_chain());
  end loop;
  return v_notices;
end
$$;
