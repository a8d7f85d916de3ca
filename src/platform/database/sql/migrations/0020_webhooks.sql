-- Addresses of a tenant that are told what became of documents and tasks. A delivery is written in the transaction of the change it tells of.
create table docent.webhooks (
  id uuid primary key,
  tenant text not null,
  url text not null,
  -- the deliveries are signed with it, so that it cannot be a hash
  secret text not null,
  events text[] not null,
  -- null for all
  document_sets text[],
  description text,
  -- why nothing is sent any more; null while something is
  disabled text,
  created_at timestamptz not null default clock_timestamp()
);
create index webhooks_listing on docent.webhooks (tenant, created_at desc, id desc);
alter table docent.webhooks enable row level security;

create table docent.webhook_deliveries (
  id uuid primary key,
  webhook_id uuid not null references docent.webhooks on delete cascade,
  event text not null,
  body jsonb not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  -- while an attempt runs, the time when another process may take it over
  due_at timestamptz not null default clock_timestamp(),
  response_status integer,
  error text,
  created_at timestamptz not null default clock_timestamp(),
  delivered_at timestamptz
);
create index webhook_deliveries_due on docent.webhook_deliveries (due_at) where status = 'pending';
create index webhook_deliveries_listing on docent.webhook_deliveries (webhook_id, created_at desc, id desc);
create index webhook_deliveries_age on docent.webhook_deliveries (created_at);
alter table docent.webhook_deliveries enable row level security;

-- Ids and states, never text: the receiver asks for the rest with a key of its own.
create function docent.tell_webhooks() returns trigger language plpgsql as $$
declare
  v_data jsonb;
  v_events text[];
begin
  if tg_table_name = 'documents' then
    v_events := array['document.deleted'];
    v_data := jsonb_build_object('document_id', old.id, 'document_set', old.document_set);
  else
    v_events := array['task.ended'];
    if new.type = 'ingest' and new.status in ('succeeded', 'failed') then
      v_events := v_events || case new.status when 'succeeded' then 'document.ready' else 'document.failed' end;
    end if;
    v_data := jsonb_build_object(
      'task_id', new.id, 'task_type', new.type,
      'status', case new.status when 'succeeded' then 'SUCCESS' when 'failed' then 'FAILURE' else 'REVOKED' end,
      'document_id', new.document_id, 'document_set', new.document_set, 'error_code', new.error ->> 'code');
  end if;
  insert into docent.webhook_deliveries (id, webhook_id, event, body)
  select docent.uuid_v7(), w.id, e.event, jsonb_build_object(
    'type', e.event, 'timestamp', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'data', v_data)
  from docent.webhooks w cross join unnest(v_events) e(event)
  where w.tenant = case tg_table_name when 'documents' then old.tenant else new.tenant end
    and w.disabled is null and e.event = any(w.events)
    and (w.document_sets is null or v_data ->> 'document_set' = any(w.document_sets));
  return null;
end
$$;

create trigger tasks_tell_webhooks after update of status on docent.tasks for each row
  when (old.status in ('queued', 'running') and new.status in ('succeeded', 'failed', 'cancelled') and new.type <> 'batch')
  execute function docent.tell_webhooks();
create trigger documents_tell_webhooks after delete on docent.documents for each row execute function docent.tell_webhooks();
