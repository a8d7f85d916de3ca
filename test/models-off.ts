/**
 * Settings for a service whose subject is not the local models: without them it starts quicker and answers by
 * words alone. A test that names a model server keeps it.
 */
export const modelsOff = (env: Record<string, string | undefined>): Record<string, string> => ({
  READER_DRIVER: 'none',
  OCR_DRIVER: env['OPENAI_VISION_MODEL'] ? 'vision' : 'none',
  EMBEDDING_DRIVER: env['OPENAI_API_BASE'] || env['OPENAI_API_KEY'] ? 'openai' : 'none',
});
