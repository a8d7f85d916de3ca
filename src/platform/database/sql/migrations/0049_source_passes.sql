-- A complete listing of a source is a pass. It may take several runs.
alter table docent.sources add column pass integer not null default 0;
-- the pass that listed the item last
alter table docent.source_items add column pass integer not null default -1;
-- what the driver keeps for the next run: validators of HTTP, the links of a page
alter table docent.source_items add column memo jsonb;
