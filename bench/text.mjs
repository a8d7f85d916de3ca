const words =
  'leave travel invoice calibration sensor policy warehouse customer contract delivery safety training budget report meeting laboratory sample device software update password network printer holiday insurance pension salary parking canteen forklift chemical'.split(
    ' ',
  );

export const sentence = (seed) =>
  Array.from(
    { length: 14 },
    (_, index) => words[(seed * 7 + index * index * 3 + (seed % 13) * index) % words.length],
  ).join(' ');

/** About 900 characters that no other seed gives. */
export const passage = (seed) =>
  Array.from({ length: 9 }, (_, index) => `${sentence(seed * 31 + index)} ${seed}-${index}.`).join(' ');

/** Markdown files of about 900 characters, which make one or two chunks each. */
export const smallFiles = (count, round) =>
  Array.from({ length: count }, (_, index) => ({
    filename: `small-${round}-${index}.md`,
    content: `# Note ${index}\n\n${passage(round * count + index)}`,
  }));
