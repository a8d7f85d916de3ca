/** What is embedded of a chunk: the heading path gives a passage its context. */
export const embeddingInput = ({ heading, content }: { heading: string | null; content: string }): string =>
  heading ? `${heading}\n${content}` : content;
