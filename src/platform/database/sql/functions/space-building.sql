-- A second embedding space beside the active one: filled chunk by chunk, activated once nothing is missing, and back the same way.
-- All chunks count, also those that are only staged: a version that is published after the flip must not be half there.

create function docent.embedded_tokens(p_heading text, p_content text) returns bigint language sql immutable parallel safe as $$
  -- a character of three bytes is about a token, four of one byte are
  select (octet_length(t) - length(t)) / 2 + (length(t) - (octet_length(t) - length(t)) / 2) / 4 + 1
  from (select coalesce(p_heading || ' ', '') || p_content as t) x
$$;

-- What there is to embed; `inputs` and `tokens` leave out what the tenant has embedded in this space before. A null space counts as empty.
create function docent_api.space_progress(p_space integer)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_progress jsonb;
begin
  if p_space is not null and not exists (select from embedding_spaces where id = p_space) then return null; end if;
  execute format(
    'select jsonb_build_object(
       ''chunks'', (select count(*) from docent.chunks),
       ''missing'', coalesce(sum(m.chunks), 0),
       ''inputs'', count(*) filter (where not m.known),
       ''tokens'', coalesce(sum(m.tokens) filter (where not m.known), 0))
     from (
       select count(*) as chunks, max(docent.embedded_tokens(c.heading, c.content)) as tokens, %s as known
       from docent.chunks c %s
       group by c.tenant, c.input_hash
     ) m',
    case when p_space is null then 'false'
      else format('exists (select from docent.emb_%s e where e.tenant = c.tenant and e.input_hash = c.input_hash)', p_space) end,
    case when p_space is null then '' else format('where not exists (select from docent.emb_%s e where e.chunk_id = c.id)', p_space) end)
  into v_progress;
  return v_progress;
end
$$;

-- Chunks without a vector, and whether others lack the windows of the model p_windows_by (null: none are made); none for a space that is gone.
create function docent_api.missing_vectors(p_space integer, p_windows_by text default null)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_missing bigint := 0;
  v_unwindowed boolean := false;
begin
  if exists (select from embedding_spaces where id = p_space) then
    execute format('select count(*) from docent.chunks c where not exists (select from docent.emb_%s e where e.chunk_id = c.id)', p_space) into v_missing;
    if p_windows_by is not null then
      execute format('select exists (select from docent.emb_%s e where e.windows_by is distinct from $1)', p_space) into v_unwindowed using p_windows_by;
    end if;
  end if;
  return jsonb_build_object('missing', v_missing, 'unwindowed', v_unwindowed);
end
$$;

-- The space of a model, created or reopened for building; an active one stays active.
create function docent_api.prepare_space(p_provider text, p_model text, p_dimensions integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_id integer := (docent_api.ensure_space(p_provider, p_model, p_dimensions) ->> 'id')::integer;
begin
  update embedding_spaces set state = 'building' where id = v_id and state = 'retired';
  return (select docent.space_row(s) from embedding_spaces s where s.id = v_id);
end
$$;

create function docent.works(p_task uuid, p_token bigint) returns boolean language plpgsql as $$
begin
  perform from docent.tasks where id = p_task and token = p_token and status = 'running' for update;
  return found;
end
$$;

-- The next chunks, after `p_after`, without a vector or without the windows of the model p_windows_by (null: no windows are made). Where the tenant
-- has the same input in this space already, the row is copied. `last` is null when there are none; the result is null when the claim or the space is gone.
-- Processes of the version before do not name p_windows_by while an upgrade rolls on.
create function docent_api.next_missing_chunks(p_task uuid, p_token bigint, p_space integer, p_after uuid, p_limit integer, p_windows_by text default null)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_incomplete text := format(
    'not exists (select from docent.emb_%s e where e.chunk_id = c.id and ($1 is null or e.windows_by is not distinct from $1))', p_space);
  v_ids uuid[];
  v_copied integer;
  v_chunks jsonb;
begin
  if not docent.works(p_task, p_token) or not exists (select from embedding_spaces where id = p_space) then return null; end if;
  execute format(
    'select array(
       select c.id from docent.chunks c
       where ($2 is null or c.id > $2) and %s
       order by c.id limit $3 for key share of c)', v_incomplete)
  into v_ids using p_windows_by, p_after, p_limit;
  execute format(
    'insert into docent.emb_%1$s (chunk_id, tenant, input_hash, embedding, windows, windows_by)
     select c.id, c.tenant, c.input_hash, same.embedding, same.windows, same.windows_by
     from docent.chunks c
     cross join lateral (
       select e.embedding, e.windows, e.windows_by from docent.emb_%1$s e where e.tenant = c.tenant and e.input_hash = c.input_hash
       order by e.windows_by is not distinct from $2 desc limit 1
     ) same
     where c.id = any($1)
     on conflict (chunk_id) do nothing', p_space)
  using v_ids, p_windows_by;
  get diagnostics v_copied = row_count;
  if v_copied > 0 then perform docent.touch_embedded(p_space, v_ids); end if;
  execute format(
    'select coalesce(jsonb_agg(jsonb_build_object(''id'', c.id, ''tenant'', c.tenant, ''input_hash'', c.input_hash, ''heading'', c.heading, ''content'', c.content,
         ''language'', v.language, ''embedded'', exists (select from docent.emb_%s e where e.chunk_id = c.id)) order by c.id), ''[]'')
     from docent.chunks c join docent.document_versions v on v.document_id = c.document_id and v.version = c.version
     where c.id = any($2) and %s', p_space, v_incomplete)
  into v_chunks using p_windows_by, v_ids;
  return jsonb_build_object('copied', v_copied, 'last', v_ids[cardinality(v_ids)], 'chunks', v_chunks);
end
$$;

-- `p_embeddings`: [{ids, embedding, windows}]; the embedding is null for chunks that have one, the windows (base64) where there are none.
-- Chunks that were deleted meanwhile are skipped.
create function docent_api.store_embeddings(p_task uuid, p_token bigint, p_space integer, p_embeddings jsonb, p_windows_by text default null)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_stored integer;
begin
  if not docent.works(p_task, p_token) or not exists (select from embedding_spaces where id = p_space) then return null; end if;
  perform from chunks
  where id in (select i::uuid from jsonb_array_elements(p_embeddings) r, jsonb_array_elements_text(r -> 'ids') i)
  order by id for key share;
  execute format(
    'insert into docent.emb_%s (chunk_id, tenant, input_hash, embedding, windows, windows_by)
     select c.id, c.tenant, c.input_hash, l2_normalize((r ->> ''embedding'')::vector), decode(r ->> ''windows'', ''base64''), $2
     from jsonb_array_elements($1) r, jsonb_array_elements_text(r -> ''ids'') i join docent.chunks c on c.id = i::uuid
     where r ->> ''embedding'' is not null
     on conflict (chunk_id) do nothing', p_space)
  using p_embeddings, p_windows_by;
  get diagnostics v_stored = row_count;
  execute format(
    'update docent.emb_%s e set windows = decode(r ->> ''windows'', ''base64''), windows_by = $2
     from jsonb_array_elements($1) r, jsonb_array_elements_text(r -> ''ids'') i
     where r ->> ''embedding'' is null and e.chunk_id = i::uuid', p_space)
  using p_embeddings, p_windows_by;
  perform docent.touch_embedded(p_space, array(select i::uuid from jsonb_array_elements(p_embeddings) r, jsonb_array_elements_text(r -> 'ids') i));
  return jsonb_build_object('stored', v_stored);
end
$$;

-- The windows of some chunks: [[chunk, base64], …]. Chunks without windows of this model are absent.
create function docent_api.chunk_windows(p_tenant text, p_space integer, p_windows_by text, p_chunks uuid[])
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_found jsonb;
begin
  if not exists (select from embedding_spaces where id = p_space) then return '[]'; end if;
  execute format(
    $sql$select coalesce(jsonb_agg(jsonb_build_array(e.chunk_id, translate(encode(e.windows, 'base64'), E'\n', ''))), '[]')
     from docent.emb_%s e where e.chunk_id = any($1) and e.tenant = $2 and e.windows_by = $3 and e.windows is not null$sql$, p_space)
  into v_found using p_chunks, p_tenant, p_windows_by;
  return v_found;
end
$$;

-- Activates a space in one transaction, once nothing is missing. The former one keeps its vectors and can be activated again.
create function docent_api.activate_space(p_space integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_missing bigint;
begin
  lock table embedding_spaces in share row exclusive mode;
  if not exists (select from embedding_spaces where id = p_space) then return null; end if;
  execute format('select count(*) from docent.chunks c where not exists (select from docent.emb_%s e where e.chunk_id = c.id)', p_space) into v_missing;
  if v_missing = 0 then
    update embedding_spaces set state = 'retired' where state = 'active' and id <> p_space;
    update embedding_spaces set state = 'active', activated_at = clock_timestamp() where id = p_space and state <> 'active';
  end if;
  return (select jsonb_build_object('activated', s.state = 'active', 'missing', v_missing, 'space', docent.space_row(s)) from embedding_spaces s where s.id = p_space);
end
$$;

-- The active one stays: searches need it.
create function docent_api.drop_space(p_space integer)
returns jsonb language plpgsql
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  lock table embedding_spaces in share row exclusive mode;
  if not exists (select from embedding_spaces where id = p_space) then return null; end if;
  delete from embedding_spaces where id = p_space and state <> 'active';
  if not found then return jsonb_build_object('dropped', false); end if;
  execute format('drop table docent.emb_%s', p_space);
  return jsonb_build_object('dropped', true);
end
$$;
