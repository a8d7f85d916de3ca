import { cell, type Cell } from './cell.js';

/** Reads a stored value by name; returns the fallback where nothing is stored or storage is blocked. */
export function readStored<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** @returns false when the browser has no room or forbids storage */
export function writeStored(name: string, value: unknown): boolean {
  try {
    if (value === null || value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** A cell whose value outlives the page. */
export function storedCell<T>(name: string, fallback: T): Cell<T> {
  const inner = cell(readStored(name, fallback));
  inner.subscribe(() => writeStored(name, inner.get()));
  return inner;
}
