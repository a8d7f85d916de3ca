-- Retrieval. A search sees only the published chunks of its scope: tenant, sets of the principal, requested set, filter.

-- Sums of a scope, with the deltas that are not folded yet.
create function docent.scope_stats(p_tenant text, p_sets text[], p_document_set text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with parts as (
    select document_set, language, chunks, length, revision from docent.corpora where tenant = p_tenant
    union all
    select document_set, language, chunks, length, 1 from docent.lexicon_deltas where tenant = p_tenant
  ), by_language as (
    select language, sum(chunks) as chunks, sum(length) as length, sum(revision) as revision
    from parts
    where (p_document_set is null or document_set = p_document_set) and (p_sets is null or document_set = any(p_sets))
    group by language
  )
  select jsonb_build_object(
    'chunks', coalesce(sum(chunks), 0),
    'average_length', coalesce(sum(length) / nullif(sum(chunks), 0), 0)::float8,
    'revision', coalesce(sum(revision), 0),
    'languages', coalesce(
      jsonb_agg(jsonb_build_object('language', language, 'chunks', chunks, 'average_length', (length / chunks)::float8) order by chunks desc, language)
        filter (where chunks > 0), '[]'))
  from by_language
$$;

create function docent_api.corpus_stats(p_tenant text, p_sets text[], p_document_set text)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.scope_stats(p_tenant, p_sets, p_document_set)
$$;

-- The number of chunks of the scope with each term. For a fuzzy term that no chunk has, the twelve most similar terms that some chunk has,
-- in a language with compounds also words that begin or end with it.
-- Written so that the planner takes the right index without statistics: an embedded database may never have gathered any.
create function docent_api.weigh_terms(p_tenant text, p_sets text[], p_document_set text, p_terms jsonb)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  with asked as materialized (
    select t ->> 'term' as term, bool_or((t ->> 'fuzzy')::boolean) as fuzzy, coalesce(bool_or((t ->> 'compound')::boolean), false) as compound
    from jsonb_array_elements(p_terms) t group by 1
  ), waiting as materialized (
    -- not joined: each is unpacked once and not once a term
    select d.terms || '{}' as terms, d.size from docent.lexicon_deltas d
    where d.tenant = p_tenant and (p_document_set is null or d.document_set = p_document_set) and (p_sets is null or d.document_set = any(p_sets))
  ), known as materialized (
    select term, sum(df) as df from (
      select a.term, (
        select sum(l.df) from docent.lexicon l
        where l.tenant = p_tenant and l.term = a.term
          and (p_document_set is null or l.document_set = p_document_set) and (p_sets is null or l.document_set = any(p_sets))) as df
      from asked a
      union all
      select a.term, (w.terms ->> a.term)::integer from waiting w cross join asked a
    ) counted group by term having sum(df) > 0
  ), unknown as materialized (
    select term, compound from asked where fuzzy and term not in (select term from known) order by term limit 6
  ), pending as materialized (
    -- what was published since the last fold; left out where reading it would take long
    select k.key as term, sum(k.value::integer) as df from waiting w, jsonb_each_text(w.terms) k
    where (select sum(size) from waiting) <= 100000 group by k.key
  ), near as (
    select n.term, a.term as source, n.df, n.similarity
    from unknown a
    cross join lateral (
      select l.term, sum(l.df) as df, similarity(l.term, a.term) as similarity, a.compound and (starts_with(l.term, a.term) or right(l.term, length(a.term)) = a.term) as holds
      from (
        select f.term, f.df from (
          select x.tenant, x.document_set, x.term, x.df from docent.lexicon x where x.term % a.term offset 0
        ) f
        where f.tenant = p_tenant and (p_document_set is null or f.document_set = p_document_set) and (p_sets is null or f.document_set = any(p_sets))
        union all
        -- letters only, so that the pattern has no wildcard
        select f.term, f.df from (
          select x.tenant, x.document_set, x.term, x.df from docent.lexicon x
          where a.compound and x.term like '%' || a.term || '%' and not x.term % a.term offset 0
        ) f
        where f.tenant = p_tenant and (p_document_set is null or f.document_set = p_document_set) and (p_sets is null or f.document_set = any(p_sets))
        union all
        select p.term, p.df from pending p
      ) l
      where l.term ~ '^[[:alpha:]]' and (similarity(l.term, a.term) >= 0.3
        or a.compound and (starts_with(l.term, a.term) or right(l.term, length(a.term)) = a.term))
      group by l.term having sum(l.df) > 0
      order by similarity(l.term, a.term) desc, sum(l.df) desc, l.term collate "C" limit 12
    ) n
  ), answered as (
    select term, term as source, df, 1::real as similarity from known union all select term, source, df, similarity from near
  )
  select docent.scope_stats(p_tenant, p_sets, p_document_set) || jsonb_build_object('terms', (
    select coalesce(jsonb_agg(jsonb_build_object('term', term, 'source', source, 'df', df, 'similarity', similarity) order by term, source), '[]') from answered))
$$;

-- The documents that match a filter, and the number of their chunks.
create function docent.filtered_documents(p_tenant text, p_sets text[], p_document_set text, p_filter jsonb, out documents uuid[], out chunks bigint)
returns record language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  execute 'select array_agg(d.id), coalesce(sum(v.chunk_count), 0)
    from docent.documents d join docent.document_versions v on v.document_id = d.id and v.version = d.ready_version
    where d.tenant = $1 and ($2 is null or d.document_set = any($2)) and ($3 is null or d.document_set = $3) and '
    || docent.filter_sql(docent.without_pages(p_filter))
  into documents, chunks using p_tenant, p_sets, p_document_set;
  documents := coalesce(documents, '{}');
end
$$;

-- The part of a filter about documents: its top-level clauses without pages.
create function docent.without_pages(p_filter jsonb)
returns jsonb language sql immutable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(p_filter) where key <> 'page' and not jsonb_path_exists(value, 'strict $.**.page')
$$;

-- Scopes up to this many chunks are read completely, which is exact for every filter and still quick.
create function docent.scan_limit() returns bigint language sql immutable as $$ select 20000::bigint $$;

-- FROM and WHERE of a search over l (chunk_lex, or the given relation). Parameters: $1 tenant, $2 sets, $3 set, $4 documents that
-- match the filter.
create function docent.scope_sql(p_filter jsonb, p_rows text default 'docent.chunk_lex')
returns text language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  return p_rows || ' l join docent.documents d on d.id = l.document_id and d.ready_version = l.version'
    || case when p_filter is null then '' else
      ' join docent.document_versions v on v.document_id = d.id and v.version = d.ready_version join docent.chunks c on c.id = l.chunk_id' end
    || ' where l.tenant = $1 and ($2 is null or l.document_set = any($2)) and ($3 is null or l.document_set = $3)'
    || case when p_filter is null then '' else ' and l.document_id = any($4) and ' || docent.filter_sql(p_filter) end;
end
$$;

-- The nearest chunks. Of passages with the same content the first is ranked and the copies follow it, so that ten thousand
-- copies of one sentence cannot hide the rest. p_from has the rows; only those nearer than p_below are found. p_ties orders equal distances;
-- it is empty for a walk through a graph, which gives its rows in the order of distance alone.
create function docent.best_chunks(
  p_from text, p_distance text, p_ties text, p_below double precision, p_tenant text, p_sets text[], p_document_set text, p_documents uuid[], p_limit integer,
  p_query sparsevec, p_embedding text, p_prefilter text)
returns uuid[] language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_ids uuid[];
  v_distinct integer;
  v_found integer;
  v_take integer := p_limit * 4;
begin
  loop
    execute format(
      'with top as materialized (
         select l.chunk_id, l.fingerprint, l.ordinal, d.filename collate "C" as filename, d.document_set collate "C" as document_set, %2$s as distance
         from %1$s order by %2$s%3$s limit $5
       ), ranked as (
         select *, row_number() over (partition by fingerprint order by distance, filename, document_set, ordinal) as copy from top where distance < $10
       )
       select (array_agg(chunk_id order by least(copy, 2), distance, filename, document_set, ordinal))[1:$6],
         count(*) filter (where copy = 1), (select count(*) from top)
       from ranked', p_from, p_distance, p_ties)
    into v_ids, v_distinct, v_found
    using p_tenant, p_sets, p_document_set, p_documents, v_take, p_limit, p_query, p_embedding, p_prefilter, p_below;
    exit when v_distinct >= p_limit or v_found < v_take or v_take > 100000;
    v_take := v_take * 8;
  end loop;
  return coalesce(v_ids, '{}');
end
$$;

-- The result rows for these chunks. Both scores are exact, whichever leg found a chunk.
create function docent.found_chunks(p_ids uuid[], p_terms text[], p_query sparsevec, p_space integer, p_embedding text)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_found jsonb;
begin
  execute format(
    'select coalesce(jsonb_agg(jsonb_build_object(
       ''id'', c.id, ''document_id'', c.document_id, ''version'', c.version, ''ordinal'', c.ordinal, ''content'', c.content, ''heading'', c.heading,
       ''page'', c.page, ''page_end'', c.page_end, ''filename'', d.filename, ''document_set'', d.document_set, ''media_type'', v.media_type,
       ''language'', v.language, ''title'', v.title, ''metadata'', d.metadata, ''created_at'', docent.at(d.created_at), ''length'', l.length,
       ''matched'', (select coalesce(jsonb_object_agg(w.lexeme, w.positions), ''{}'') from unnest(l.fts) w where w.lexeme = any($2)),
       ''keyword'', case when $3 is not null then round((-(l.lex <#> $3))::numeric, 6) end,
       ''vector'', %s) order by w.place), ''[]'')
     from unnest($1) with ordinality w(id, place)
     join docent.chunks c on c.id = w.id join docent.chunk_lex l on l.chunk_id = w.id
     join docent.documents d on d.id = c.document_id join docent.document_versions v on v.document_id = c.document_id and v.version = c.version %s',
    case when p_space is null then 'null' else 'round((-(e.embedding <#> $4::vector))::numeric, 6)' end,
    case when p_space is null then '' else format('left join docent.emb_%s e on e.chunk_id = w.id', p_space) end)
  into v_found using p_ids, p_terms, p_query, p_embedding;
  return v_found;
end
$$;

-- Equal distances are ordered by the name of the document: ids differ from one ingestion to the next.
create function docent.ties_sql() returns text language sql immutable as $$
  select ', d.filename collate "C", d.document_set collate "C", l.ordinal'
$$;

create function docent.keyword_leg(p_tenant text, p_sets text[], p_document_set text, p_filter jsonb, p_query sparsevec, p_prefilter text, p_limit integer)
returns uuid[] language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_documents uuid[];
  v_chunks bigint;
  v_prefilter text := p_prefilter;
  v_seqscan text := current_setting('enable_seqscan');
  v_ids uuid[];
begin
  if p_filter is not null then
    select f.documents, f.chunks into v_documents, v_chunks from docent.filtered_documents(p_tenant, p_sets, p_document_set, p_filter) f;
    if v_chunks <= docent.scan_limit() then v_prefilter := null; end if;
  end if;
  -- The planner ignores the cost of unpacking every tsvector of the table and prefers a full scan to the index on words;
  -- "offset 0" keeps that index in use where there are no statistics.
  if v_prefilter is not null then perform set_config('enable_seqscan', 'off', true); end if;
  v_ids := docent.best_chunks(
    case when v_prefilter is null then docent.scope_sql(p_filter)
      else docent.scope_sql(p_filter, '(select * from docent.chunk_lex x where x.fts @@ $9::tsquery offset 0)') end,
    'l.lex <#> $7', docent.ties_sql(), 0, p_tenant, p_sets, p_document_set, v_documents, p_limit, p_query, null, v_prefilter);
  perform set_config('enable_seqscan', v_seqscan, true);
  return v_ids;
end
$$;

-- A small scope is compared vector by vector. A large one is searched through the graph of its space, where there is one, and filtered on
-- the way (relaxed order). pgvector ends a walk after hnsw.max_scan_tuples vectors: where that gave too few, the scope is compared as well.
create function docent.vector_leg(p_tenant text, p_sets text[], p_document_set text, p_filter jsonb, p_space integer, p_embedding text, p_limit integer)
returns uuid[] language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_chunks bigint := (docent.scope_stats(p_tenant, p_sets, p_document_set) ->> 'chunks')::bigint;
  v_left bigint;
  v_documents uuid[];
  v_distance text;
  -- the first occurrence only: a value of the filter may contain the same text
  v_rows text := regexp_replace(
    docent.scope_sql(p_filter), 'docent\.chunk_lex l', format('docent.chunk_lex l join docent.emb_%s e on e.chunk_id = l.chunk_id', p_space));
  v_ids uuid[];
begin
  if p_filter is not null then
    select f.documents, f.chunks into v_documents, v_left from docent.filtered_documents(p_tenant, p_sets, p_document_set, p_filter) f;
    v_chunks := least(v_chunks, v_left);
  end if;
  if v_chunks > docent.scan_limit() then v_distance := docent.graph_distance(p_space); end if;
  if v_distance is not null then
    perform set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '200', true);
    v_ids := docent.best_chunks(v_rows, v_distance, '', 'infinity', p_tenant, p_sets, p_document_set, v_documents, p_limit, null, p_embedding, null);
    if cardinality(v_ids) >= p_limit then return v_ids; end if;
  end if;
  -- adding 0 keeps an exact search from becoming a walk through the graph
  return docent.best_chunks(
    v_rows, '(e.embedding <#> $8::vector) + 0', docent.ties_sql(), 'infinity', p_tenant, p_sets, p_document_set, v_documents, p_limit, null, p_embedding, null);
end
$$;

create function docent_api.search_keyword(
  p_tenant text, p_sets text[], p_document_set text, p_filter jsonb, p_query text, p_prefilter text, p_terms text[], p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.found_chunks(
    docent.keyword_leg(p_tenant, p_sets, p_document_set, p_filter, p_query::sparsevec, p_prefilter, p_limit), p_terms, p_query::sparsevec, null, null)
$$;

create function docent_api.search_vector(
  p_tenant text, p_sets text[], p_document_set text, p_filter jsonb, p_space integer, p_embedding text, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.found_chunks(
    docent.vector_leg(p_tenant, p_sets, p_document_set, p_filter, p_space, p_embedding, p_limit), '{}', null, p_space, p_embedding)
$$;

-- The union of both legs.
create function docent_api.search_hybrid(
  p_tenant text, p_sets text[], p_document_set text, p_filter jsonb, p_query text, p_prefilter text, p_terms text[],
  p_space integer, p_embedding text, p_limit integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select docent.found_chunks(
    array(
      select id from (
        select id, place from unnest(docent.keyword_leg(p_tenant, p_sets, p_document_set, p_filter, p_query::sparsevec, p_prefilter, p_limit)) with ordinality k(id, place)
        union all
        select id, place from unnest(docent.vector_leg(p_tenant, p_sets, p_document_set, p_filter, p_space, p_embedding, p_limit)) with ordinality e(id, place)
      ) both_legs group by id order by min(place), id),
    p_terms, p_query::sparsevec, p_space, p_embedding)
$$;

-- The chunks at most p_reach places from one of p_chunks, as long as their version is the published one.
create function docent_api.neighbouring_chunks(p_tenant text, p_sets text[], p_chunks uuid[], p_reach integer)
returns jsonb language sql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'document_id', c.document_id, 'version', c.version, 'ordinal', c.ordinal, 'content', c.content, 'page', c.page,
    'heading', c.heading, 'start', c.start_offset, 'end', c.end_offset) order by c.document_id, c.ordinal), '[]')
  from (
    select distinct h.document_id, h.version, near.ordinal
    from docent.chunks h
    join docent.documents d on d.id = h.document_id and d.ready_version = h.version
    cross join generate_series(h.ordinal - p_reach, h.ordinal + p_reach) near(ordinal)
    where h.id = any(p_chunks) and d.tenant = p_tenant and (p_sets is null or d.document_set = any(p_sets))
  ) wanted
  join docent.chunks c on c.document_id = wanted.document_id and c.version = wanted.version and c.ordinal = wanted.ordinal
$$;
