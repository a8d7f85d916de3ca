-- Vectors of short windows of a chunk, beside its own vector: one after the other, a byte for each dimension. `windows_by` names the model
-- that made them, also where there are none because the model does not know the language.
do $$
declare
  v_space integer;
begin
  for v_space in select id from docent.embedding_spaces loop
    execute format('alter table docent.emb_%s add column windows bytea, add column windows_by text', v_space);
  end loop;
end
$$;
