import type { Redis } from "ioredis";
import type { Connection } from "./connection.js";
import { type JobEvent, isLast, readEvent } from "./job-event.js";
import { eventsKey, resultKey } from "./keys.js";
import { onAbort } from "./on-abort.js";
import type { ProgressOptions } from "./options.js";
import { readFinal } from "./result-meta.js";

/** After this long without an event, look whether the job ended unheard. */
const QUIET_MS = 2_000;

/** Gives a job's events, those of the past first, until its last. */
export async function* follow(
  connection: Connection,
  jobId: string,
  { after = "0", signal }: ProgressOptions,
): AsyncGenerator<JobEvent, void, undefined> {
  const signals = [signal, connection.closed];
  for (const each of signals) each?.throwIfAborted();
  const reader = connection.openReader();
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stopListening = onAbort(signals, reject);
  });
  // A connection that is being made again does not fail when it is given up, so race with that.
  const held = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, aborted]);
  try {
    let position = after;
    for (let ended = false; ;) {
      const events = await held(read(connection, reader, jobId, position));
      for (const event of events) {
        position = event.position;
        yield event;
        if (isLast(event)) return;
      }
      // The last event follows the result at once, unless Redis lost it: then nothing follows.
      if (events.length === 0 && ended) return;
      ended = events.length === 0 && (await held(hasResult(connection, reader, jobId)));
    }
  } finally {
    stopListening();
    reader.disconnect();
  }
}

async function read(
  connection: Connection,
  reader: Redis,
  jobId: string,
  after: string,
): Promise<JobEvent[]> {
  const command = reader.xread("BLOCK", QUIET_MS, "STREAMS", eventsKey(jobId), after);
  const [stream] = (await connection.answered(command, jobId)) ?? [];
  const entries = stream?.[1] ?? [];
  return entries.map(([position, [, text = ""]]) => readEvent(position, text));
}

async function hasResult(connection: Connection, reader: Redis, jobId: string): Promise<boolean> {
  return readFinal(await connection.answered(reader.get(resultKey(jobId)), jobId)) !== undefined;
}
