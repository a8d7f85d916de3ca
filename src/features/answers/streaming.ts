/** Runs a generator to its end. @returns its return value */
export async function drain<Result>(steps: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

/** Maps the steps and keeps the result. Ends the generator when the reader leaves. */
export async function* mapSteps<From, To, Result>(
  steps: AsyncGenerator<From, Result, void>,
  change: (step: From) => To,
): AsyncGenerator<To, Result, void> {
  let ended = false;
  try {
    for (;;) {
      const step = await steps.next();
      ended = step.done === true;
      if (step.done) return step.value;
      yield change(step.value);
    }
  } finally {
    if (!ended) await steps.return(undefined as Result);
  }
}
