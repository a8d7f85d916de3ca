-- API keys by hash, and suspended subjects.

create function docent.api_key_row(k docent.api_keys) returns jsonb language sql stable as $$
  select jsonb_build_object('id', k.id, 'tenant', k.tenant, 'subject', k.subject, 'name', k.name, 'scopes', k.scopes, 'document_sets', k.document_sets,
    'rate_limit', k.rate_limit, 'expires_at', docent.at(k.expires_at), 'revoked_at', docent.at(k.revoked_at), 'last_used_at', docent.at(k.last_used_at), 'created_at', docent.at(k.created_at))
$$;

-- The key in any state: the caller refuses expired, revoked and suspended ones, all with the same answer.
create function docent_api.find_api_key(p_hash text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.api_key_row(k) || jsonb_build_object('suspended',
    exists (select from suspended_subjects s where s.tenant = k.tenant and s.subject = k.subject))
  from api_keys k where k.hash = p_hash
$$;

-- Whether any stored key is valid.
create function docent_api.has_api_keys()
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select jsonb_build_object('found', exists (
    select from api_keys where revoked_at is null and (expires_at is null or expires_at > clock_timestamp())))
$$;

create function docent_api.touch_api_keys(p_ids uuid[])
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with wanted as (select id from api_keys where id = any(p_ids) order by id for update),
  touched as (update api_keys k set last_used_at = clock_timestamp() from wanted w where k.id = w.id returning 1)
  select jsonb_build_object('touched', count(*)) from touched
$$;

create function docent_api.create_api_key(
  p_id uuid, p_tenant text, p_subject text, p_name text, p_hash text, p_scopes text[], p_document_sets text[], p_expires_at timestamptz,
  p_rate_limit integer default null)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with made as (
    insert into api_keys (id, tenant, subject, name, hash, scopes, document_sets, expires_at, rate_limit)
    values (p_id, p_tenant, p_subject, p_name, p_hash, p_scopes, p_document_sets, p_expires_at, p_rate_limit)
    returning *
  )
  select docent.api_key_row(k::docent.api_keys) from made k
$$;

create function docent_api.list_api_keys(p_tenant text, p_before_at timestamptz, p_before_id uuid, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(page.line order by page.created_at desc, page.id desc), '[]') from (
    select k.created_at, k.id, docent.api_key_row(k) as line from api_keys k
    where k.tenant = p_tenant and (p_before_at is null or (k.created_at, k.id) < (p_before_at, p_before_id))
    order by k.created_at desc, k.id desc limit p_limit) page
$$;

create function docent_api.revoke_api_key(p_tenant text, p_id uuid)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with revoked as (
    update api_keys set revoked_at = clock_timestamp() where tenant = p_tenant and id = p_id and revoked_at is null returning 1
  )
  select jsonb_build_object('revoked', exists (select from revoked))
$$;

create function docent_api.is_suspended(p_tenant text, p_subject text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select jsonb_build_object('suspended', exists (select from suspended_subjects where tenant = p_tenant and subject = p_subject))
$$;

create function docent_api.suspend_subject(p_tenant text, p_subject text, p_suspended boolean)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  if p_suspended then
    insert into suspended_subjects (tenant, subject) values (p_tenant, p_subject) on conflict do nothing;
  else
    delete from suspended_subjects where tenant = p_tenant and subject = p_subject;
  end if;
  return jsonb_build_object('changed', found);
end
$$;
