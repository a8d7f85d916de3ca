-- Figures over time, for the charts of the console.

-- Adds what was counted since the last call to the current minute. p_latency counts questions by bucket.
create function docent_api.record_activity(p_tenant text, p_questions integer, p_answered integer, p_cached integer, p_latency jsonb)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with given as (
    select array(select value::integer from jsonb_array_elements_text(p_latency)) as latency
  ), added as (
    insert into activity as a (tenant, minute, questions, answered, cached, latency)
    select p_tenant, date_trunc('minute', clock_timestamp()), p_questions, p_answered, p_cached, latency from given
    on conflict (tenant, minute) do update
      set questions = a.questions + excluded.questions, answered = a.answered + excluded.answered, cached = a.cached + excluded.cached,
        latency = docent.add_counts(a.latency, excluded.latency)
    returning 1
  )
  select jsonb_build_object('recorded', count(*)) from added
$$;

create function docent.add_counts(p_left integer[], p_right integer[]) returns integer[] language sql immutable as $$
  select array(
    select coalesce(p_left[place], 0) + coalesce(p_right[place], 0)
    from generate_series(1, greatest(cardinality(p_left), cardinality(p_right))) place order by place)
$$;

create function docent.count_tokens(p_tenant text, p_tokens bigint) returns void language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  insert into activity as a (tenant, minute, tokens) select p_tenant, date_trunc('minute', clock_timestamp()), p_tokens where p_tokens > 0
  on conflict (tenant, minute) do update set tokens = a.tokens + excluded.tokens
$$;

-- Records documents and queue length of each tenant, once a minute whichever process calls, and deletes what is too old.
create function docent_api.sample_activity(p_keep_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_minute timestamptz := date_trunc('minute', clock_timestamp());
  v_sampled integer := 0;
  v_dropped integer;
begin
  if not exists (select from activity where minute = v_minute and documents is not null) then
    insert into activity as a (tenant, minute, documents, waiting, oldest_seconds)
    select tenant, v_minute, coalesce(d.documents, 0), coalesce(q.waiting, 0), coalesce(q.oldest_seconds, 0)
    from (select tenant, count(*) as documents from documents group by tenant) d
    full join (
      select t.tenant, count(*) as waiting,
        greatest(0, coalesce(extract(epoch from clock_timestamp() - min(t.run_after)), 0)) as oldest_seconds
      from tasks t where t.status = 'queued' and t.type <> 'batch' group by t.tenant) q using (tenant)
    on conflict (tenant, minute) do update
      set documents = excluded.documents, waiting = excluded.waiting, oldest_seconds = excluded.oldest_seconds;
    get diagnostics v_sampled = row_count;
  end if;
  delete from activity where minute < clock_timestamp() - docent.seconds(p_keep_seconds);
  get diagnostics v_dropped = row_count;
  return jsonb_build_object('sampled', v_sampled, 'dropped', v_dropped);
end
$$;

-- The last p_points steps of p_step_seconds each, the current one last: sums of counters, the last or highest of samples.
create function docent_api.activity_series(p_tenant text, p_step_seconds integer, p_points integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with bounds as (
    select make_interval(secs => p_step_seconds) as step,
      date_bin(make_interval(secs => p_step_seconds), clock_timestamp(), 'epoch') as last
  ), steps as (
    select last - place * step as start from bounds, generate_series(p_points - 1, 0, -1) place
  ), rows as (
    select date_bin(b.step, a.minute, 'epoch') as start, a.* from activity a, bounds b
    where a.tenant = p_tenant and a.minute >= (select min(start) from steps)
  ), summed as (
    select r.start, sum(r.questions) as questions, sum(r.answered) as answered, sum(r.cached) as cached, sum(r.tokens) as tokens,
      (array_agg(r.documents order by r.minute desc) filter (where r.documents is not null))[1] as documents,
      max(r.waiting) as waiting, max(r.oldest_seconds) as oldest_seconds
    from rows r group by r.start
  ), latencies as (
    select l.start, jsonb_agg(l.questions order by l.bucket) as latency from (
      select r.start, u.bucket, sum(u.questions) as questions
      from rows r, unnest(r.latency) with ordinality u(questions, bucket) group by r.start, u.bucket) l
    group by l.start
  )
  select jsonb_agg(jsonb_build_object('at', docent.at(s.start), 'questions', coalesce(m.questions, 0), 'answered', coalesce(m.answered, 0),
    'cached', coalesce(m.cached, 0), 'tokens', coalesce(m.tokens, 0), 'documents', m.documents, 'waiting', m.waiting,
    'oldest_seconds', m.oldest_seconds, 'latency', coalesce(l.latency, '[]')) order by s.start)
  from steps s left join summed m using (start) left join latencies l using (start)
$$;
