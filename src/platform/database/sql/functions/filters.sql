-- The filter grammar of the API as SQL over d (documents), v (its ready version) and c (chunks). The service has checked the filter;
-- here every field is checked against a list and every value is quoted, so that nothing else can get through.

create function docent.filter_sql(p_filter jsonb, p_depth integer default 0)
returns text language plpgsql immutable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  r record;
  v_parts text[] := '{}';
begin
  if p_depth > 16 or jsonb_typeof(p_filter) <> 'object' then raise exception 'malformed filter'; end if;
  for r in select key, value from jsonb_each(p_filter) loop
    v_parts := v_parts || case
      when r.key = 'or' then (select coalesce('(' || string_agg(docent.filter_sql(f, p_depth + 1), ' or ') || ')', 'false') from jsonb_array_elements(r.value) f)
      when r.key = 'not' then format('not %s', docent.filter_sql(r.value, p_depth + 1))
      when jsonb_typeof(r.value) = 'object' then (select '(' || string_agg(docent.clause_sql(r.key, o.key, o.value), ' and ') || ')' from jsonb_each(r.value) o)
      else docent.clause_sql(r.key, 'eq', r.value)
    end;
  end loop;
  return case when v_parts = '{}' then 'true' else '(' || array_to_string(v_parts, ' and ') || ')' end;
end
$$;

-- One comparison; never null, so that `not` means what it says.
create function docent.clause_sql(p_field text, p_op text, p_value jsonb)
returns text language plpgsql immutable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_sign text := case p_op when 'gt' then '>' when 'gte' then '>=' when 'lt' then '<' when 'lte' then '<=' end;
begin
  if p_op = 'ne' then return 'not ' || docent.clause_sql(p_field, 'eq', p_value); end if;
  if p_op = 'in' then
    return (select coalesce('(' || string_agg(docent.clause_sql(p_field, 'eq', e), ' or ') || ')', 'false') from jsonb_array_elements(p_value) e);
  end if;
  if p_op = 'exists' and not p_value::boolean then return 'not ' || docent.clause_sql(p_field, 'exists', 'true'); end if;
  if v_sign is null and p_op not in ('eq', 'exists') then raise exception 'unknown operator'; end if;
  if p_field like 'metadata.%' then return docent.metadata_sql(substr(p_field, 10), v_sign, p_op, p_value); end if;
  if p_field = 'page' then return docent.page_sql(p_op, p_value); end if;
  return docent.column_sql(
    case p_field
      when 'filename' then 'd.filename' when 'document_set' then 'd.document_set' when 'document_id' then 'd.id' when 'created_at' then 'd.created_at'
      when 'media_type' then 'v.media_type' when 'language' then 'v.language'
    end,
    case p_field when 'document_id' then 'uuid' when 'created_at' then 'timestamptz' else 'text' end,
    v_sign, p_op, p_value);
end
$$;

create function docent.column_sql(p_column text, p_type text, p_sign text, p_op text, p_value jsonb)
returns text language plpgsql immutable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  if p_column is null then raise exception 'unknown field'; end if;
  if p_op = 'exists' then return format('(%s is not null)', p_column); end if;
  if jsonb_typeof(p_value) = 'null' then return case p_op when 'eq' then format('(%s is null)', p_column) else 'false' end; end if;
  if p_op = 'eq' then return format('coalesce(%s = %L::%s, false)', p_column, p_value #>> '{}', p_type); end if;
  return format('coalesce(%s %s %L::%s %s, false)', p_column, p_sign, p_value #>> '{}', p_type, case p_type when 'text' then 'collate "C"' end);
end
$$;

-- A chunk lies on the pages from page to page_end.
create function docent.page_sql(p_op text, p_value jsonb)
returns text language plpgsql immutable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  return case p_op
    when 'exists' then '(c.page is not null)'
    when 'eq' then case jsonb_typeof(p_value)
      when 'null' then '(c.page is null)'
      else format('coalesce(%s::numeric between c.page and coalesce(c.page_end, c.page), false)', quote_literal(p_value::text)) end
    when 'gt' then format('coalesce(coalesce(c.page_end, c.page) > %s::numeric, false)', quote_literal(p_value::text))
    when 'gte' then format('coalesce(coalesce(c.page_end, c.page) >= %s::numeric, false)', quote_literal(p_value::text))
    when 'lt' then format('coalesce(c.page < %s::numeric, false)', quote_literal(p_value::text))
    when 'lte' then format('coalesce(c.page <= %s::numeric, false)', quote_literal(p_value::text))
  end;
end
$$;

-- Equality is containment, which the index serves; a list holds its elements. Numbers compare as numbers, texts by code point.
create function docent.metadata_sql(p_key text, p_sign text, p_op text, p_value jsonb)
returns text language plpgsql immutable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
begin
  if p_op = 'exists' then return format('(coalesce(jsonb_typeof(d.metadata -> %L), %L) <> %L)', p_key, 'null', 'null'); end if;
  if p_op = 'eq' and jsonb_typeof(p_value) = 'null' then return 'not ' || docent.metadata_sql(p_key, null, 'exists', 'true'); end if;
  if p_op = 'eq' then
    return format('(d.metadata @> %L or d.metadata @> %L)', jsonb_build_object(p_key, p_value), jsonb_build_object(p_key, jsonb_build_array(p_value)));
  end if;
  if jsonb_typeof(p_value) = 'number' then
    return format('(case when jsonb_typeof(d.metadata -> %1$L) = %2$L then (d.metadata ->> %1$L)::numeric %3$s %4$L::numeric else false end)', p_key, 'number', p_sign, p_value::text);
  end if;
  return format('(case when jsonb_typeof(d.metadata -> %1$L) = %2$L then (d.metadata ->> %1$L) collate "C" %3$s %4$L else false end)', p_key, 'string', p_sign, p_value #>> '{}');
end
$$;
