/** A question about the samples, and the place of its answer. */
export interface DemoQuestion {
  ask: string;
  /** The answer or a quote must match it. */
  fact: RegExp;
  filename: string;
  page?: number;
  /** The heading of the citation must match it. */
  heading?: RegExp;
}

/** Five formats, three languages. */
export const questions: DemoQuestion[] = [
  {
    ask: 'How many days of annual leave are full-time employees entitled to?',
    fact: /28 days/,
    filename: 'employee-handbook.pdf',
    page: 8,
  },
  {
    ask: 'What is the daily allowance for meals abroad?',
    fact: /54 EUR abroad/,
    filename: 'travel-policy.docx',
    heading: /Meals/,
  },
  {
    ask: 'What does a deuterium lamp cost?',
    fact: /412/,
    filename: 'price-list.xlsx',
    heading: /Spare parts/,
  },
  {
    ask: 'Wie oft ist die Wellenlängenkalibrierung durchzuführen?',
    fact: /alle sechs Monate/,
    filename: 'bedienungsanleitung-aurora-3.pdf',
    page: 5,
  },
  { ask: '仓库内叉车的最高时速是多少？', fact: /每小时八公里/, filename: 'warehouse-safety-zh.txt' },
];

export const summarized = { filename: 'incident-report-2026-014.html', facts: [/cold store/i, /relay/i] };

export const updated = {
  filename: 'customer-faq.md',
  ask: 'How long is the warranty for instruments?',
  before: '36 months',
  after: '60 months',
};

export const deleted = {
  filename: 'lab-protocol-bradford.txt',
  ask: 'How long are cloudy samples centrifuged?',
  fact: /eight minutes/,
};
