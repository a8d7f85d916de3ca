/** Runs a generator to its end. @returns what it returns */
export async function drain<Result>(steps: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

/** The same steps in another form; the result stays. The generator is ended when the reader goes away. */
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
