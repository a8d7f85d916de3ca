-- Whether text that a document hides from its reader is kept. Another choice makes a new version, as another pipeline does.
alter table docent.document_versions add column include_hidden boolean not null default false;

-- Warnings were one string each, `code: detail`; now each is an object with these fields.
update docent.document_versions v
set warnings = (
  select jsonb_agg(
    case jsonb_typeof(w.warning)
      when 'string' then jsonb_build_object(
        'code', split_part(w.warning #>> '{}', ': ', 1),
        'detail', regexp_replace(w.warning #>> '{}', '^[^ ]+: ', ''))
      else w.warning
    end order by w.place)
  from jsonb_array_elements(v.warnings) with ordinality w(warning, place))
where jsonb_path_exists(v.warnings, '$[*] ? (@.type() == "string")');
