-- Earlier releases queued batches as jobs after a restart of the embedded database. A batch is `running` all its life: its state is that of
-- the tasks it lists.
update docent.tasks
set status = 'running', attempts = 0, losses = 0, error = null, lease_until = null, owner = null, finished_at = null
where type = 'batch' and status <> 'running';
