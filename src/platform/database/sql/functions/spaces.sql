-- Embedding spaces: one typed table each, one active.

create function docent.space_row(s docent.embedding_spaces) returns jsonb language sql stable as $$
  select jsonb_build_object('id', s.id, 'provider', s.provider, 'model', s.model, 'dimensions', s.dimensions, 'state', s.state, 'created_at', docent.at(s.created_at))
$$;

create function docent_api.list_spaces()
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(docent.space_row(s) order by s.id), '[]') from embedding_spaces s
$$;

-- The space of a model, made when it is new: the first one is active, a later one is built beside it.
create function docent_api.ensure_space(p_provider text, p_model text, p_dimensions integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_space embedding_spaces;
begin
  select * into v_space from embedding_spaces where provider = p_provider and model = p_model and dimensions = p_dimensions;
  if found then return docent.space_row(v_space); end if;
  lock table embedding_spaces in share row exclusive mode;
  select * into v_space from embedding_spaces where provider = p_provider and model = p_model and dimensions = p_dimensions;
  if found then return docent.space_row(v_space); end if;
  insert into embedding_spaces (provider, model, dimensions, state, activated_at)
  select p_provider, p_model, p_dimensions, case when a.taken then 'building' else 'active' end, case when not a.taken then clock_timestamp() end
  from (select exists (select from embedding_spaces where state = 'active') as taken) a
  returning * into v_space;
  execute format(
    'create table docent.emb_%1$s (
       chunk_id uuid primary key references docent.chunks on delete cascade, tenant text not null, input_hash text not null, embedding vector(%2$s) not null,
       windows bytea, windows_by text);
     create index on docent.emb_%1$s (tenant, input_hash);
     alter table docent.emb_%1$s enable row level security', v_space.id, v_space.dimensions);
  return docent.space_row(v_space);
end
$$;
