import { ReplyError } from "ioredis";
import { ConnectionLost } from "./errors/connection-lost.js";
import { TryLater } from "./errors/try-later.js";

/** Replies of a Redis that time or its operators will mend, also from inside a script. */
const PASSING = /(^|-)(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|OOM|READONLY|TRYAGAIN)\b/;
/** Replies of a Redis that does not let this client in, or not far enough. */
const NOT_LET_IN = /^(NOAUTH|NOPERM|WRONGPASS)\b/;
/** How ioredis gives a command up; why, it told the connection's listeners before. */
const GIVEN_UP = /max retries per request|connection is closed|stream isn't writeable/i;

const IN_WORDS: Record<string, string> = {
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it broke the connection",
  EHOSTUNREACH: "there is no way to it",
  ENOENT: "there is no such socket",
  ENOTFOUND: "there is no such host",
  ETIMEDOUT: "it did not answer in time",
};

/**
 * Gives the error that tells a caller what became of a command to the Redis at `place`.
 *
 * `latest` is the last failure of a connection to it, if none was made since.
 */
export function redisFailure(
  error: unknown,
  place: string,
  latest?: Error,
  jobId?: string,
): unknown {
  if (!(error instanceof Error)) return error;
  const cause = GIVEN_UP.test(error.message) ? latest : error;
  if (cause === undefined || !(cause instanceof ReplyError)) {
    const message = `no answer from Redis at ${place}: ${inWords(cause)}`;
    return new ConnectionLost(message, jobId, { cause });
  }
  if (NOT_LET_IN.test(cause.message)) {
    // Not as the cause: the reply carries its command, and the command the password.
    const reason = `${cause.message}; check the user, its password and its rights`;
    return new ConnectionLost(`Redis at ${place} refused this client: ${reason}`, jobId);
  }
  if (!PASSING.test(cause.message)) return cause;
  const message = `Redis cannot take it now: ${cause.message}`;
  return new TryLater({ code: "unavailable", remedy: "wait", message, fields: [] }, jobId, {
    cause,
  });
}

function inWords(cause: NodeJS.ErrnoException | undefined): string {
  if (cause === undefined) return "the connection was closed";
  const { code = "", message } = cause;
  const words = IN_WORDS[code];
  return words === undefined ? message || code : `${words} (${code})`;
}
