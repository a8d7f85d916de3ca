/** The text of a chunk that is embedded: the heading path gives the passage its context. */
export const embeddingInput = ({ heading, content }: { heading: string | null; content: string }): string =>
  heading ? `${heading}\n${content}` : content;
