import type { ChatScript, EmbeddingItem } from './answers.js';
import type { Misbehaviour } from './faults.js';

/** The chat answer as the fault changes it. */
export function bentChat(script: ChatScript, fault: Misbehaviour | undefined): ChatScript {
  if (fault?.kind === 'empty_answer')
    return { ...script, content: '', pieces: undefined, toolCalls: undefined };
  if (fault?.kind !== 'unasked_tools') return script;
  return {
    content: fault.content ?? null,
    toolCalls: [{ name: 'delete_everything', arguments: { sure: true } }],
  };
}

interface EmbeddingList {
  data: EmbeddingItem[];
}

/**
 * The JSON text of an embeddings answer as the fault changes it:
 * the literal `NaN` that some servers send is no JSON at all.
 */
export function bentEmbeddings(list: EmbeddingList, fault: Misbehaviour | undefined): string {
  const [first, ...rest] = list.data;
  if (!fault || !first) return JSON.stringify(list);
  const withFirst = (value: number | null) => ({
    ...list,
    data: [{ ...first, embedding: [value, ...first.embedding.slice(1)] }, ...rest],
  });
  switch (fault.kind) {
    case 'nan':
      if (fault.as === 'null') return JSON.stringify(withFirst(null));
      return JSON.stringify(withFirst(-987654321)).replace(
        '-987654321',
        fault.as === 'overflow' ? '1e999' : 'NaN',
      );
    case 'zero_vector':
      return JSON.stringify({
        ...list,
        data: [{ ...first, embedding: first.embedding.map(() => 0) }, ...rest],
      });
    case 'fewer_vectors':
      return JSON.stringify({ ...list, data: list.data.slice(0, -1) });
    case 'reordered':
      return JSON.stringify({ ...list, data: list.data.toReversed() });
    case 'repeated_index':
      return JSON.stringify({ ...list, data: list.data.map((item) => ({ ...item, index: 0 })) });
    default:
      return JSON.stringify(list);
  }
}
