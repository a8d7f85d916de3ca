-- The parsers change: a document whose text was made by older ones can be read again. 0 stands for those before the count began.
alter table docent.document_versions add column parser_version integer not null default 0;
