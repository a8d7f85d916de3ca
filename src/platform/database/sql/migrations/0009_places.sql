-- Where the content of a chunk stands in its file; null where the parser knows no places.
alter table docent.chunks add column place jsonb;
