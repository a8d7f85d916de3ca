-- The oldest due deliveries of each webhook are found without reading those of others.
create index webhook_deliveries_turn on docent.webhook_deliveries (webhook_id, due_at, id) where status = 'pending';
