-- The graph over the vectors of a space: an HNSW index named emb_<id>_graph. It is made outside of these functions, since
-- `create index concurrently` runs in no transaction.

-- The expression that orders the rows e of a space through its graph, with the operator of its index; null without a usable index.
create function docent.graph_distance(p_space integer)
returns text language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select case o.opcname
    when 'halfvec_ip_ops' then format('(e.embedding::halfvec(%1$s) <#> $8::halfvec(%1$s))', s.dimensions)
    when 'vector_ip_ops' then '(e.embedding <#> $8::vector)' end
  from docent.embedding_spaces s
  join pg_index i on i.indrelid = to_regclass(format('docent.emb_%s', s.id)) and i.indisvalid
  join pg_class c on c.oid = i.indexrelid
  join pg_am a on a.oid = c.relam and a.amname = 'hnsw'
  join pg_opclass o on o.oid = i.indclass[0] and o.opcname in ('halfvec_ip_ops', 'vector_ip_ops')
  where s.id = p_space
  order by o.opcname limit 1
$$;

-- `unfinished` is what an interrupted build left; null without such a space.
create function docent_api.space_index(p_space integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select jsonb_build_object(
    'state', case
      when docent.graph_distance(s.id) is not null then 'ready'
      when b.done is not null then 'building'
      when to_regclass(format('docent.emb_%s_graph', s.id)) is not null then 'unfinished'
      else 'none' end,
    'progress', b.done,
    'bytes', coalesce(pg_relation_size(to_regclass(format('docent.emb_%s_graph', s.id))), 0))
  from docent.embedding_spaces s
  left join lateral (
    select coalesce(max(p.blocks_done::float8 / nullif(p.blocks_total, 0)), 0) as done
    from pg_stat_progress_create_index p where p.relid = to_regclass(format('docent.emb_%s', s.id)) having count(*) > 0
  ) b on true
  where s.id = p_space
$$;

-- Spaces whose searches would use a graph if there were one. A build that failed for good or was cancelled is not
-- started again as long as its task is kept.
create function docent.unindexed_spaces()
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(s.id order by s.id), '[]')
  from docent.embedding_spaces s
  where s.state <> 'retired' and s.dimensions <= 4000
    and (select coalesce(sum(chunks), 0) from docent.corpora) > docent.scan_limit()
    and docent.graph_distance(s.id) is null
    and not exists (select from docent.tasks t where t.type = 'index_space' and t.dedupe_key = s.id::text and t.status <> 'succeeded')
$$;
