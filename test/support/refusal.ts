/** The error with which it was refused; null when it was not. */
export const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: Error & { code?: string }) => error,
  );
