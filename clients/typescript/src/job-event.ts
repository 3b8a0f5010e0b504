import type { JobError, Kind, JobEvent as WireEvent } from "./generated/wire.js";
import { LAST_KINDS } from "./generated/wire.js";

/** One thing that happened to a job, as the caller sees it. */
export interface JobEvent {
  /** Where the event lies in the job's story: hand it to `progress({ after })` to go on from it. */
  position: string;
  kind: Kind;
  jobId: string;
  at: Date;
  /** Which run of the job this is about, from 1; 0 before the first. */
  attempt: number;
  /** How much of the work is done, in [0, 1]; null where that is not known. */
  fraction: number | null;
  message: string;
  /** Why the attempt ended, for `retrying`, `failed` and `cancelled`. */
  error: JobError | null;
}

/** Reads one entry of a job's stream. */
export function readEvent(position: string, text: string): JobEvent {
  const { at, ...event } = JSON.parse(text) as WireEvent;
  return { position, ...event, at: new Date(at) };
}

/** Whether no event follows. */
export function isLast(event: JobEvent): boolean {
  return (LAST_KINDS as readonly Kind[]).includes(event.kind);
}
