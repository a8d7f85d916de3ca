-- The place in the document orders equal hits. `analyzer` is the version of the analysis that made a row: rows of an older one are made again.
alter table docent.chunk_lex add column ordinal integer not null default 0, add column analyzer smallint not null default 1;
create index chunk_lex_analyzer on docent.chunk_lex (analyzer);
