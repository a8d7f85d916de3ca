-- Webhooks and their deliveries.

create function docent.webhook_row(w docent.webhooks) returns jsonb language sql stable as $$
  select jsonb_build_object('id', w.id, 'url', w.url, 'events', w.events, 'document_sets', w.document_sets, 'description', w.description,
    'disabled', w.disabled, 'created_at', docent.at(w.created_at))
$$;

create function docent.webhook_delivery_row(d docent.webhook_deliveries) returns jsonb language sql stable as $$
  select jsonb_build_object('id', d.id, 'event', d.event, 'status', d.status, 'attempts', d.attempts, 'response_status', d.response_status,
    'error', d.error, 'body', d.body, 'created_at', docent.at(d.created_at),
    'next_attempt_at', case d.status when 'pending' then docent.at(d.due_at) end, 'delivered_at', docent.at(d.delivered_at))
$$;

-- Null when the tenant has the most webhooks allowed.
create function docent_api.create_webhook(
  p_id uuid, p_tenant text, p_url text, p_secret text, p_events text[], p_document_sets text[], p_description text, p_most integer)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with made as (
    insert into webhooks (id, tenant, url, secret, events, document_sets, description)
    select p_id, p_tenant, p_url, p_secret, p_events, p_document_sets, p_description
    where (select count(*) from webhooks w where w.tenant = p_tenant) < p_most
    returning *
  )
  select docent.webhook_row(w::docent.webhooks) from made w
$$;

create function docent_api.list_webhooks(p_tenant text, p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(page.line order by page.created_at desc, page.id desc), '[]') from (
    select w.created_at, w.id, docent.webhook_row(w) as line from webhooks w
    where w.tenant = p_tenant and (p_before_at is null or (w.created_at, w.id) < (p_before_at, p_before_id))
    order by w.created_at desc, w.id desc limit p_limit) page
$$;

create function docent_api.delete_webhook(p_tenant text, p_id uuid)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with gone as (delete from webhooks where tenant = p_tenant and id = p_id returning 1)
  select jsonb_build_object('deleted', exists (select from gone))
$$;

-- Null when the tenant has no such webhook.
create function docent_api.list_webhook_deliveries(
  p_tenant text, p_webhook uuid, p_status text, p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce((
    select jsonb_agg(page.line order by page.created_at desc, page.id desc) from (
      select d.created_at, d.id, docent.webhook_delivery_row(d) as line from webhook_deliveries d
      where d.webhook_id = w.id and (p_status is null or d.status = p_status)
        and (p_before_at is null or (d.created_at, d.id) < (p_before_at, p_before_id))
      order by d.created_at desc, d.id desc limit p_limit) page), '[]')
  from webhooks w where w.tenant = p_tenant and w.id = p_webhook
$$;

-- Sends one delivery again, or all that failed; enables a webhook that was disabled. Null when there is no such webhook.
create function docent_api.redeliver_webhook(p_tenant text, p_webhook uuid, p_delivery uuid)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_count integer;
begin
  update webhooks set disabled = null where tenant = p_tenant and id = p_webhook;
  if not found then return null; end if;
  with again as (
    update webhook_deliveries set status = 'pending', attempts = 0, due_at = clock_timestamp(), error = null
    where webhook_id = p_webhook and (id = p_delivery or (p_delivery is null and status = 'failed'))
    returning 1
  )
  select count(*) into v_count from again;
  return jsonb_build_object('redelivered', v_count);
end
$$;

-- Deliveries that are due, each for one process until its lease is over; deletes those older than p_keep_seconds. Tenants and webhooks take turns:
-- a tenant has at most p_per_tenant and a webhook at most p_per_webhook at once, less those under way by p_busy_tenants and p_busy_webhooks ({name: number}).
create function docent_api.claim_webhook_deliveries(
  p_limit integer, p_lease_seconds double precision, p_keep_seconds double precision, p_per_tenant integer default 8, p_per_webhook integer default 4,
  p_busy_tenants jsonb default '{}', p_busy_webhooks jsonb default '{}')
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_claimed jsonb;
begin
  if not exists (select from webhook_deliveries where status = 'pending' and due_at <= v_now) then
    delete from webhook_deliveries where id in (
      select id from webhook_deliveries where status <> 'pending' and created_at < v_now - docent.seconds(p_keep_seconds) limit 1000);
    return '[]';
  end if;
  with ready as (
    select d.id, d.due_at, w.tenant, row_number() over (partition by w.tenant order by d.place, d.due_at, d.id) as place
    from webhooks w cross join lateral (
      select oldest.id, oldest.due_at, row_number() over (order by oldest.due_at, oldest.id) as place from (
        select c.id, c.due_at from webhook_deliveries c
        where c.webhook_id = w.id and c.status = 'pending' and c.due_at <= v_now
        order by c.due_at, c.id
        limit greatest(0, p_per_webhook - coalesce((p_busy_webhooks ->> w.id::text)::integer, 0))) oldest) d
  ), fair as (
    select r.id from ready r
    where r.place <= p_per_tenant - coalesce((p_busy_tenants ->> r.tenant)::integer, 0)
    order by r.place, r.due_at, r.id limit p_limit
  ), due as (
    select d.id from webhook_deliveries d
    where d.id in (select id from fair) and d.status = 'pending' and d.due_at <= v_now
    for update skip locked
  ), claimed as (
    update webhook_deliveries d set attempts = d.attempts + 1, due_at = clock_timestamp() + docent.seconds(p_lease_seconds)
    from due where d.id = due.id returning d.*
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', c.id, 'webhook_id', c.webhook_id, 'tenant', w.tenant, 'event', c.event, 'body', c.body, 'attempts', c.attempts, 'url', w.url,
    'secret', w.secret, 'disabled', w.disabled is not null) order by c.created_at, c.id), '[]')
  into v_claimed from claimed c join webhooks w on w.id = c.webhook_id;
  return v_claimed;
end
$$;

-- The end of one attempt: delivered, failed for good (p_retry_seconds null), or due again.
create function docent_api.settle_webhook_delivery(
  p_id uuid, p_attempts integer, p_delivered boolean, p_response_status integer, p_error text, p_retry_seconds double precision, p_disable text)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_webhook uuid;
begin
  update webhook_deliveries
  set status = case when p_delivered then 'delivered' when p_retry_seconds is null then 'failed' else 'pending' end,
    due_at = clock_timestamp() + docent.seconds(coalesce(p_retry_seconds, 0)), response_status = p_response_status, error = p_error,
    delivered_at = case when p_delivered then clock_timestamp() end
  where id = p_id and attempts = p_attempts and status = 'pending'
  returning webhook_id into v_webhook;
  if p_disable is not null then update webhooks set disabled = p_disable where id = v_webhook; end if;
  return jsonb_build_object('settled', v_webhook is not null);
end
$$;
