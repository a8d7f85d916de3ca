-- What the export of a set contains: chunks as they were staged, with the vectors of the active space.

create function docent_api.export_chunks(p_tenant text, p_document_id uuid, p_version integer, p_after_ordinal integer, p_limit integer)
returns jsonb language plpgsql stable
set search_path = docent, docent_api, public, extensions, pg_temp
as $$
declare
  v_space integer := (select id from embedding_spaces where state = 'active');
  v_rows jsonb;
begin
  execute format(
    'select coalesce(jsonb_agg(jsonb_build_object(''ordinal'', c.ordinal, ''content'', c.content, ''heading'', c.heading, ''page'', c.page, ''page_end'', c.page_end,
       ''start'', c.start_offset, ''end'', c.end_offset, ''input_hash'', c.input_hash, ''place'', c.place, ''embedding'', %s) order by c.ordinal), ''[]'')
     from (select * from docent.chunks where tenant = $1 and document_id = $2 and version = $3 and ordinal > $4 order by ordinal limit $5) c',
    case when v_space is null then 'null' else format('(select e.embedding::text from docent.emb_%s e where e.chunk_id = c.id)', v_space) end)
  into v_rows using p_tenant, p_document_id, p_version, p_after_ordinal, p_limit;
  return v_rows;
end
$$;
