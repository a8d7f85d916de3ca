const texts = new WeakMap<object, string>();
const assembled = new WeakSet<object>();

/** Freezes a JSON value with everything in it. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

/** Keeps the JSON of each part of a frozen value, for all answers that contain the part. */
export function prepareParts(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value) as unknown[])
    if (typeof part === 'object' && part !== null && Object.isFrozen(part))
      texts.set(part, JSON.stringify(part));
}

/** Says that a value has prepared parts at its top. */
export function assemble<T extends object>(value: T): T {
  assembled.add(value);
  return value;
}

/** The same as `JSON.stringify`. Parts that are prepared are not written again. */
export function writeJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || !assembled.has(value)) return JSON.stringify(value);
  const fields: string[] = [];
  for (const [name, part] of Object.entries(value) as [string, unknown][]) {
    const known = typeof part === 'object' && part !== null ? texts.get(part) : undefined;
    const text = known ?? (JSON.stringify(part) as string | undefined);
    if (text !== undefined) fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join(',')}}`;
}
