-- Leases for work that only one process does at a time.

-- Takes a lease that is free or expired, or extends one that this holder has.
create function docent_api.take_lease(p_name text, p_holder uuid, p_ttl_seconds double precision)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with taken as (
    insert into leases as l (name, holder, expires_at)
    values (p_name, p_holder, clock_timestamp() + docent.seconds(p_ttl_seconds))
    on conflict (name) do update
      set holder = excluded.holder, expires_at = excluded.expires_at
      where l.expires_at <= clock_timestamp() or l.holder = excluded.holder
    returning 1
  )
  select jsonb_build_object('taken', exists (select from taken))
$$;

create function docent_api.release_lease(p_name text, p_holder uuid)
returns jsonb language sql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with released as (
    delete from leases where name = p_name and holder = p_holder returning 1
  )
  select jsonb_build_object('released', exists (select from released))
$$;
