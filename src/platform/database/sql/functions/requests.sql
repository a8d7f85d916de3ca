-- Idempotency keys of POST and PUT.

create function docent_api.begin_idempotent(p_tenant text, p_subject text, p_key text, p_request_hash text, p_ttl_seconds double precision)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  k idempotency_keys;
begin
  insert into idempotency_keys as i (tenant, subject, key, request_hash, state, expires_at)
  values (p_tenant, p_subject, p_key, p_request_hash, 'running', clock_timestamp() + docent.seconds(p_ttl_seconds))
  on conflict (tenant, subject, key) do update
    set request_hash = excluded.request_hash, state = 'running', status = null, body = null, answer = null, expires_at = excluded.expires_at
    where i.expires_at <= clock_timestamp()
  returning * into k;
  if found then
    return jsonb_build_object('state', 'new', 'request_hash', p_request_hash, 'status', null, 'body', null, 'answer', null);
  end if;
  select * into k from idempotency_keys where tenant = p_tenant and subject = p_subject and key = p_key;
  return jsonb_build_object('state', case when k.state = 'done' then 'replay' else 'running' end, 'request_hash', k.request_hash, 'status', k.status, 'body', k.body, 'answer', k.answer);
end
$$;

-- `answer` is the text that was sent, with its fields in their order, which jsonb does not keep. Processes of
-- releases before it give and read `body`.
create function docent_api.finish_idempotent(p_tenant text, p_subject text, p_key text, p_request_hash text, p_status integer, p_body jsonb, p_ttl_seconds double precision, p_answer text default null)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with finished as (
    insert into idempotency_keys as i (tenant, subject, key, request_hash, state, status, body, answer, expires_at)
    values (p_tenant, p_subject, p_key, p_request_hash, 'done', p_status, p_body, p_answer, clock_timestamp() + docent.seconds(p_ttl_seconds))
    on conflict (tenant, subject, key) do update
      set request_hash = excluded.request_hash, state = 'done', status = excluded.status, body = excluded.body, answer = excluded.answer, expires_at = excluded.expires_at
      where i.state = 'running'
    returning 1
  )
  select jsonb_build_object('finished', exists (select from finished))
$$;

-- Keeps the key of a request that still runs. Without it the key is free soon after its process is gone.
create function docent_api.renew_idempotent(p_tenant text, p_subject text, p_key text, p_ttl_seconds double precision)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with renewed as (
    update idempotency_keys set expires_at = clock_timestamp() + docent.seconds(p_ttl_seconds)
    where tenant = p_tenant and subject = p_subject and key = p_key and state = 'running'
    returning 1
  )
  select jsonb_build_object('renewed', exists (select from renewed))
$$;

create function docent_api.drop_idempotent(p_tenant text, p_subject text, p_key text)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with dropped as (
    delete from idempotency_keys where tenant = p_tenant and subject = p_subject and key = p_key and state = 'running' returning 1
  )
  select jsonb_build_object('dropped', exists (select from dropped))
$$;
