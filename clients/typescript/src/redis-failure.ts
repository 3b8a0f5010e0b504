import { ReplyError } from "ioredis";
import { ConnectionLost } from "./errors/connection-lost.js";
import { TryLater } from "./errors/try-later.js";

/** Replies of a Redis that time or its operators will mend, also from inside a script. */
const PASSING = /(^|-)(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|OOM|READONLY|TRYAGAIN)\b/;

/** Waits for a command. Throws `TryLater` or `ConnectionLost` for what happened to Redis. */
export async function answered<T>(command: Promise<T>, jobId?: string): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw redisFailure(error, jobId);
  }
}

/** Gives the error that tells a caller what became of a Redis command. */
export function redisFailure(cause: unknown, jobId?: string): unknown {
  if (!(cause instanceof Error)) return cause;
  if (!(cause instanceof ReplyError)) {
    return new ConnectionLost(`Redis did not answer: ${cause.message}`, jobId, { cause });
  }
  if (!PASSING.test(cause.message)) return cause;
  const message = `Redis cannot take it now: ${cause.message}`;
  return new TryLater({ code: "unavailable", remedy: "wait", message, fields: [] }, jobId, {
    cause,
  });
}
