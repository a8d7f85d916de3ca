-- Functions that the other files share. Functions live here and never in a migration: all of them are dropped and created again when one changes.

-- UUIDv7: 48 bits of milliseconds, then random
create function docent.uuid_v7() returns uuid language sql volatile parallel safe as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

-- RFC 3339 in UTC; microseconds, because cursors are made of it
create function docent.at(p_at timestamptz) returns text language sql stable parallel safe as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

create function docent.seconds(p_seconds double precision) returns interval language sql immutable parallel safe as $$
  select make_interval(secs => p_seconds)
$$;

-- Raises an error of the catalogue: the drivers turn its SQLSTATE into a Problem.
create function docent.refuse(p_code text, p_detail text) returns void language plpgsql as $$
begin
  raise exception using errcode = 'DC001', message = p_code, detail = p_detail;
end
$$;

create function docent.task_row(t docent.tasks) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', t.id, 'tenant', t.tenant, 'subject', t.subject, 'type', t.type, 'queue', t.queue, 'payload', t.payload, 'status', t.status,
    'stage', t.stage, 'progress', t.progress, 'priority', t.priority, 'attempts', t.attempts, 'max_attempts', t.max_attempts,
    'losses', t.losses, 'token', t.token, 'owner', t.owner, 'lease_until', docent.at(t.lease_until), 'run_after', docent.at(t.run_after),
    'cancel_requested', t.cancel_requested, 'waiting_on', t.waiting_on, 'stages', t.stages, 'result', t.result, 'error', t.error,
    'parent_id', t.parent_id, 'waits_for', t.waits_for, 'document_id', t.document_id, 'filename', t.filename,
    'document_set', t.document_set, 'document_sets', t.document_sets, 'request_id', t.request_id, 'trace_context', t.trace_context,
    'created_at', docent.at(t.created_at), 'started_at', docent.at(t.started_at), 'finished_at', docent.at(t.finished_at))
$$;

-- What a worker needs of a task that it claimed.
create function docent.claimed_row(t docent.tasks) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', t.id, 'tenant', t.tenant, 'subject', t.subject, 'type', t.type, 'queue', t.queue, 'payload', t.payload, 'status', t.status,
    'stage', t.stage, 'progress', t.progress, 'priority', t.priority, 'attempts', t.attempts, 'max_attempts', t.max_attempts, 'token', t.token,
    'stages', t.stages, 'document_id', t.document_id, 'filename', t.filename, 'document_set', t.document_set, 'document_sets', t.document_sets,
    'request_id', t.request_id, 'trace_context', t.trace_context, 'waits_for', t.waits_for, 'created_at', docent.at(t.created_at))
$$;

create function docent.task_notice(t docent.tasks) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'task_id', t.id, 'tenant', t.tenant, 'type', t.type, 'status', t.status, 'stage', t.stage, 'progress', t.progress,
    'document_id', t.document_id, 'filename', t.filename, 'document_set', t.document_set, 'result', t.result, 'error', t.error,
    'request_id', t.request_id)
$$;

create function docent.task_ring(t docent.tasks) returns jsonb language sql immutable as $$
  select jsonb_build_object('task', t.id, 'token', t.token, 'queue', t.queue, 'priority', t.priority)
$$;

-- Whether a principal that is held to these document sets (null: all) may see a task. A task over several sets needs every one of them.
create function docent.may_see(t docent.tasks, p_sets text[]) returns boolean language sql immutable as $$
  select p_sets is null
    or coalesce(t.document_set = any(p_sets), false)
    or (t.document_set is null and coalesce(t.document_sets <@ p_sets, false))
$$;

-- Leaves blobs to the sweep, which removes them from the store; returns how many. In PL/pgSQL, as all that runs for each document:
-- Postgres before 18, and so the embedded engine, plans a function in SQL again at each call.
create function docent.discard(p_keys text[]) returns integer language plpgsql as $$
declare
  v_kept integer;
begin
  if coalesce(cardinality(p_keys), 0) = 0 then return 0; end if;
  delete from docent.blob_intents where blob_key = any(p_keys);
  insert into docent.blob_garbage (blob_key)
  select distinct k from unnest(p_keys) k where k is not null
  on conflict (blob_key) do nothing;
  get diagnostics v_kept = row_count;
  return v_kept;
end
$$;
