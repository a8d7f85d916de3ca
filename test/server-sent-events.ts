/** One event of a stream, its data as JSON. */
export interface Event {
  event: string;
  data: Record<string, unknown>;
}

export const parseEvents = (text: string): Event[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/su.exec(block) ?? [];
      return { event, data: JSON.parse(data) as Record<string, unknown> };
    });
