-- Work of the sweep: expired leases and retention, doorbells that ring again, blobs without rows.

create function docent_api.sweep(
  p_max_losses integer, p_retention_seconds double precision, p_audit_seconds double precision, p_garbage_limit integer, p_ring_limit integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_ended jsonb;
  v_folded integer;
  v_purged jsonb;
begin
  -- held to the end of this transaction only: no session owns a lock
  if not pg_try_advisory_xact_lock(4027193118) then
    return jsonb_build_object('swept', false, 'rings', '[]'::jsonb, 'ended', '[]'::jsonb, 'garbage', '[]'::jsonb, 'folded', 0, 'unfolded_words', 0, 'unindexed', '[]'::jsonb,
      'purged', jsonb_build_object('tasks', 0, 'idempotency_keys', 0, 'intents', 0, 'audit_entries', 0));
  end if;
  v_ended := docent.take_back_leases(p_max_losses) || docent.end_broken_chains();
  v_folded := docent.fold_lexicon(2000);
  v_purged := docent.purge(p_retention_seconds) || docent.purge_audit(p_audit_seconds);
  return jsonb_build_object(
    'swept', true,
    'ended', v_ended,
    'folded', v_folded,
    'unfolded_words', (select coalesce(sum(size), 0) from docent.lexicon_deltas),
    'purged', v_purged,
    'unindexed', docent.unindexed_spaces(),
    'rings', (
      select coalesce(jsonb_agg(docent.task_ring(t)), '[]') from (
        select q.* from tasks q
        where q.status = 'queued' and q.type <> 'batch' and q.run_after <= clock_timestamp()
          and not exists (select from tasks w where w.id = q.waits_for and w.status <> 'succeeded')
        order by q.priority desc, q.run_after limit p_ring_limit) r cross join lateral (select r::docent.tasks) x(t)),
    'garbage', (
      select coalesce(jsonb_agg(g.blob_key), '[]') from (select blob_key from blob_garbage order by at, blob_key limit p_garbage_limit) g));
end
$$;

-- Tasks whose worker died or froze are queued again without counting the attempt; one that loses its worker again and again fails.
create function docent.take_back_leases(p_max_losses integer) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task tasks;
  v_ended jsonb := '[]';
begin
  for v_task in
    select * from tasks where status = 'running' and type <> 'batch' and lease_until < clock_timestamp() order by id limit 1000 for update skip locked
  loop
    update tasks set losses = losses + 1 where id = v_task.id;
    if v_task.cancel_requested then
      v_ended := v_ended || docent.end_task(v_task.id, 'cancelled', docent.cancelled_error());
    elsif v_task.losses >= p_max_losses then
      v_ended := v_ended || docent.end_task(v_task.id, 'failed', '{"code": "worker_lost", "detail": "The worker was lost too often", "retryable": true}');
    else
      perform docent.requeue(v_task.id, 1, 0, v_task.error, null);
    end if;
  end loop;
  return v_ended;
end
$$;

-- Fails tasks that were made to wait for a task that had just failed.
create function docent.end_broken_chains() returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_task uuid;
  v_ended jsonb := '[]';
begin
  for v_task in
    select t.id from tasks t join tasks w on w.id = t.waits_for
    where t.waits_for is not null and t.status = 'queued' and w.status in ('failed', 'cancelled') order by t.id limit 1000 for update of t skip locked
  loop
    v_ended := v_ended || docent.end_task(v_task, 'cancelled', docent.broken_chain());
  end loop;
  return v_ended;
end
$$;

-- Removes what has expired. Children of a batch go together, so that what its status is derived from does not change; failed tasks stay.
create function docent.purge(p_retention_seconds double precision) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_before timestamptz := clock_timestamp() - docent.seconds(p_retention_seconds);
  v_tasks integer;
  v_batches integer;
  v_keys integer;
  v_intents text[];
begin
  delete from tasks t
  where t.id in (
    select e.id from tasks e
    where e.status in ('succeeded', 'cancelled') and e.finished_at < v_before
      and not exists (select from tasks s where s.parent_id = e.parent_id and (s.status in ('queued', 'running') or s.finished_at >= v_before))
      and not exists (select from tasks w where w.waits_for = e.id and w.status in ('queued', 'running'))
    order by e.finished_at limit 5000 for update skip locked);
  get diagnostics v_tasks = row_count;
  delete from tasks b
  where b.type = 'batch' and b.created_at < v_before
    and not exists (select from tasks c where c.parent_id = b.id)
    and not exists (select from docent.children_of(b) c where c.status in ('queued', 'running'));
  get diagnostics v_batches = row_count;
  delete from idempotency_keys where expires_at < clock_timestamp();
  get diagnostics v_keys = row_count;
  v_intents := array(select blob_key from blob_intents where expires_at < clock_timestamp() order by blob_key limit 5000 for update skip locked);
  perform docent.discard(v_intents);
  delete from document_versions v where v.status = 'superseded' and not exists (select from tasks t where t.id = v.task_id);
  return jsonb_build_object('tasks', v_tasks + v_batches, 'idempotency_keys', v_keys, 'intents', cardinality(v_intents));
end
$$;

-- Deletes entries of the audit log by age, which is the only way. Null keeps all of them.
create function docent.purge_audit(p_audit_seconds double precision) returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_entries integer := 0;
begin
  if p_audit_seconds is not null then
    perform set_config('docent.audit_retention', 'on', true);
    delete from audit_log where id in (
      select id from audit_log where at < clock_timestamp() - docent.seconds(p_audit_seconds) order by at limit 5000);
    get diagnostics v_entries = row_count;
    perform set_config('docent.audit_retention', 'off', true);
  end if;
  return jsonb_build_object('audit_entries', v_entries);
end
$$;

-- Confirms that blobs were deleted from the store.
create function docent_api.blobs_removed(p_keys text[])
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with removed as (delete from blob_garbage where blob_key = any(p_keys) returning 1)
  select jsonb_build_object('removed', count(*)) from removed
$$;

-- The given blobs that no row refers to and nobody has announced.
create function docent_api.unclaimed_blobs(p_keys text[])
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(k order by k), '[]') from unnest(p_keys) k
  where not exists (select from document_versions v where v.blob_key = k and v.status <> 'superseded')
    and not exists (select from document_versions v where v.parsed_key = k and v.status <> 'superseded')
    and not exists (select from blob_intents i where i.blob_key = k)
$$;
