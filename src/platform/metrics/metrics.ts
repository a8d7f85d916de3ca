import { type Aggregator, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** All metrics of the process, in their own registry so that two apps in one process do not collide. */
export class Metrics {
  readonly registry = new Registry();

  private counter<const L extends string>(name: string, help: string, labelNames: readonly L[] = []) {
    return new Counter<L>({ name, help, labelNames, registers: [this.registry] });
  }
  /** @param aggregator how the processes of a cluster are taken together */
  private gauge<const L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    aggregator: Aggregator = 'sum',
  ) {
    return new Gauge<L>({ name, help, labelNames, aggregator, registers: [this.registry] });
  }
  private histogram<const L extends string>(name: string, help: string, labelNames: readonly L[] = []) {
    return new Histogram<L>({ name, help, labelNames, buckets: seconds, registers: [this.registry] });
  }

  readonly httpRequests = this.counter('http_requests_total', 'HTTP requests', [
    'method',
    'endpoint',
    'status',
  ]);
  readonly httpDuration = this.histogram('http_request_duration_seconds', 'Duration of HTTP requests', [
    'method',
    'endpoint',
  ]);
  readonly queueTasks = this.counter('queue_tasks_total', 'Task attempts: started, and how they ended', [
    'task_name',
    'status',
  ]);
  readonly queueTaskDuration = this.histogram('queue_task_duration_seconds', 'Duration of task attempts', [
    'task_name',
  ]);
  readonly queueDepth = this.gauge('queue_depth', 'Waiting tasks', ['queue'], 'max');
  readonly queueOldest = this.gauge(
    'queue_oldest_seconds',
    'Age of the oldest waiting task',
    ['queue'],
    'max',
  );
  readonly queueRunning = this.gauge('queue_running', 'Tasks under way', ['queue'], 'max');
  readonly queueDeadLetters = this.gauge(
    'queue_dead_letters',
    'Tasks that failed for good and were not tried again',
    ['queue'],
    'max',
  );
  readonly redisPolicy = this.gauge(
    'redis_policy_ok',
    '1: Redis neither evicts nor forgets; 0: it may',
    ['setting'],
    'min',
  );
  readonly stageDuration = this.histogram('task_stage_duration_seconds', 'Duration of a stage of a task', [
    'stage',
  ]);
  readonly dbOperations = this.counter('db_operations_total', 'Database calls', ['operation', 'table']);
  readonly dbDuration = this.histogram('db_operation_duration_seconds', 'Duration of database calls', [
    'operation',
    'table',
  ]);
  readonly dbReplicaReads = this.counter(
    'db_replica_reads_total',
    'Searches and listings that the read replica answered, or why the primary did',
    ['result'],
  );
  readonly sockets = this.gauge('active_websocket_connections', 'Open sockets');
  readonly embeddingCache = this.counter(
    'embedding_cache_requests_total',
    'Look-ups in the embedding cache',
    ['level', 'result'],
  );
  readonly embeddingCacheEntries = this.gauge(
    'embedding_cache_entries',
    'Query vectors in memory, of all processes together',
  );
  readonly embeddingCacheMaxEntries = this.gauge(
    'embedding_cache_max_entries',
    'Query vectors that may be in memory, of all processes together',
  );
  readonly chunksWithoutVector = this.gauge(
    'chunks_without_vector',
    'Published chunks that still wait for their vector',
    [],
    'max',
  );
  readonly embeddingRequests = this.counter('embedding_requests_total', 'Calls to the embedding model', [
    'status',
  ]);
  readonly llmRequests = this.counter('llm_requests_total', 'Calls to the chat model', ['status']);
  readonly llmTokens = this.counter('llm_tokens_total', 'Tokens of the chat and embedding models', ['kind']);
  readonly documentsIngested = this.counter('documents_ingested_total', 'Documents that reached an end', [
    'format',
    'status',
  ]);
  readonly chunksStored = this.counter('chunks_stored_total', 'Chunks staged');
  readonly searches = this.counter('search_requests_total', 'Searches', ['mode']);
  readonly searchStage = this.histogram('search_stage_duration_seconds', 'Duration of a stage of a search', [
    'stage',
  ]);
  readonly searchIndexRequests = this.counter(
    'search_index_requests_total',
    'Searches that the index in memory answered, or why the database did',
    ['result'],
  );
  readonly searchIndexBytes = this.gauge('search_index_bytes', 'Memory of the search index');
  readonly searchIndexSets = this.gauge('search_index_sets', 'Document sets in the search index');
  readonly answers = this.counter('answers_total', 'Answers given', ['mode', 'fallback']);
  readonly answerCache = this.counter('answer_cache_requests_total', 'Look-ups in the answer cache', [
    'result',
  ]);
  readonly parserChildren = this.gauge('parser_pool_children', 'Parser children', ['state']);
  readonly parserEnds = this.counter(
    'parser_pool_documents_total',
    'Documents that went through a parser child',
    ['result'],
  );
  readonly breakerState = this.gauge(
    'circuit_breaker_state',
    '0 closed, 1 half-open, 2 open',
    ['name'],
    'max',
  );
  readonly applicationInfo = this.gauge(
    'application_info',
    'Version and environment',
    ['version', 'environment'],
    'max',
  );

  constructor(options: { defaults?: boolean } = {}) {
    if (options.defaults) collectDefaultMetrics({ register: this.registry });
  }
}
