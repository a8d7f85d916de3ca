import { Injectable } from '@nestjs/common';
import type { Failure } from '../../common/errors.js';
import { Database } from '../database/database.js';
import type { Answer, Arguments, TaskRow } from '../database/functions.js';
import type { Claim } from './work.js';

/** The state of one task in a heartbeat. */
export interface Beat {
  task: string;
  token: number;
  stage: string | null;
  progress: number;
  waiting_on: string | null;
}

/**
 * The task rows, as those who work on them see them. Every write but
 * the claim is fenced: null or false when another claim has overtaken.
 */
@Injectable()
export class TaskStore {
  constructor(private readonly database: Database) {}

  /**
   * Creates tasks in one transaction; one that equals a waiting
   * or running task is not created again. @throws quota_exceeded
   */
  create(tasks: Arguments<'create_tasks'>): Promise<Answer<'create_tasks'>> {
    return this.database.call('create_tasks', tasks);
  }

  /** Tasks that are not due, not there, or somebody else's are in neither list. */
  claim(tasks: Arguments<'claim_tasks'>): Promise<Answer<'claim_tasks'>> {
    return this.database.call('claim_tasks', tasks);
  }

  heartbeat(owner: string, leaseSeconds: number, beats: Beat[]): Promise<Answer<'heartbeat'>> {
    return this.database.call('heartbeat', { owner, lease_seconds: leaseSeconds, beats });
  }

  complete(claim: Claim, result: unknown, stages: Record<string, number>): Promise<Answer<'complete_task'>> {
    return this.database.call('complete_task', { ...claim, result, stages });
  }

  /** @param delaySeconds until the next attempt, if one is left; null for no further attempt */
  fail(
    claim: Claim,
    failure: Failure,
    delaySeconds: number | null,
    stages: Record<string, number>,
  ): Promise<Answer<'fail_task'>> {
    return this.database.call('fail_task', { ...claim, failure, delay_seconds: delaySeconds, stages });
  }

  /** Puts the task back without counting the attempt. */
  async release(claim: Claim, waitingOn: string | null, delaySeconds: number): Promise<boolean> {
    const { released } = await this.database.call('release_task', {
      ...claim,
      waiting_on: waitingOn,
      delay_seconds: delaySeconds,
    });
    return released;
  }

  async saveCheckpoint(claim: Claim, key: string, value: unknown): Promise<boolean> {
    const { saved } = await this.database.call('save_checkpoint', { ...claim, key, value });
    return saved;
  }

  async checkpoints({ tenant, id }: Pick<TaskRow, 'tenant' | 'id'>): Promise<Map<string, unknown>> {
    const rows = await this.database.call('list_checkpoints', { tenant, task: id });
    return new Map(rows.map(({ key, value }) => [key, value]));
  }

  /** For an embedded database when it is opened: the process that held these leases is gone. */
  async endLeases(): Promise<number> {
    return (await this.database.call('end_leases', {})).ended;
  }

  sweep(limits: Arguments<'sweep'>): Promise<Answer<'sweep'>> {
    return this.database.call('sweep', limits);
  }
}
