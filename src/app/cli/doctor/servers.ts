import { Problem } from '../../../common/errors.js';
import type { Env } from '../../../config/env.js';
import { fail, fine, describeReason, warn, type Finding } from './finding.js';

const connectSeconds = 4;

async function checkRedis(url: string): Promise<Finding> {
  const { redisState } = await import('../../../platform/queue/redis-version.js');
  try {
    const { version, policy, isDurable } = await redisState(url, connectSeconds);
    if (policy !== null && policy !== 'noeviction')
      return warn(
        'redis',
        `${version}, maxmemory-policy is ${policy}`,
        'Set it to noeviction: evicted doorbells make tasks late.',
      );
    if (isDurable === false)
      return warn('redis', `${version}, appendonly is off`, 'Set it to yes: a restart makes tasks late.');
    return fine('redis', version);
  } catch (error) {
    return fail(
      'redis',
      `cannot be reached (${describeReason(error)})`,
      'Start the server, or correct REDIS_URL.',
    );
  }
}

const listSettings = {
  azure: 'AZURE_STORAGE_CONNECTION_STRING and AZURE_STORAGE_CONTAINER_NAME',
  s3: 'S3_ENDPOINT, S3_BUCKET and the keys',
};

async function checkBlobs(env: Env, driver: keyof typeof listSettings): Promise<Finding> {
  const { openBlobStore } = await import('../../../platform/blob/blob.module.js');
  try {
    const store = await openBlobStore(env);
    await store.ping().finally(() => store.close());
    return fine('blob store', `${driver} answers`);
  } catch (error) {
    const cause = error instanceof Problem ? (error.cause ?? error) : error;
    return fail(
      'blob store',
      `${driver} cannot be used (${describeReason(cause)})`,
      `Check ${listSettings[driver]}.`,
    );
  }
}

/**
 * Redis and the store of the originals, where the configuration names
 * some; the folder of the local store is checked with the machine.
 */
export async function checkServers(env: Env): Promise<Finding[]> {
  const blobs = env.BLOB_DRIVER === 'local' ? [] : [checkBlobs(env, env.BLOB_DRIVER)];
  return Promise.all([...(env.REDIS_URL ? [checkRedis(env.REDIS_URL)] : []), ...blobs]);
}
