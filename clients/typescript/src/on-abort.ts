import { setMaxListeners } from "node:events";

/** Calls `react` with the reason when one of the signals aborts. Gives what ends listening. */
export function onAbort(
  signals: readonly (AbortSignal | undefined)[],
  react: (reason: unknown) => void,
): () => void {
  const given = signals.filter((signal) => signal !== undefined);
  // One signal for a thousand jobs is no leak, so it needs no warning.
  setMaxListeners(0, ...given);
  const listener = (event: Event): void => react((event.target as AbortSignal).reason);
  for (const signal of given) signal.addEventListener("abort", listener);
  return () => {
    for (const signal of given) signal.removeEventListener("abort", listener);
  };
}
