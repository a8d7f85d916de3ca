import { InvalidArgumentError } from 'commander';

/** A number as option or argument; commander reports the refusal as wrong usage. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`not a whole number from ${least} to ${most}`);
    return value;
  };
