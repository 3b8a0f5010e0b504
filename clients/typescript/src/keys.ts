import { PRIORITY_STEPS } from "./generated/wire.js";
import type { Priority } from "./options.js";

/** Sorted set of the jobs that were sent and that the ledger does not have yet. */
export const SUBMITTED_KEY = "riskfleet:submitted";

/** The list that holds a queue's messages of one priority. */
export function listKey(queue: string, priority: Priority): string {
  const step = PRIORITY_STEPS[priority];
  return step === 0 ? queue : `${queue}\x06\x16${step}`;
}

export const submissionKey = (jobId: string): string => `riskfleet:submission:${jobId}`;
export const eventsKey = (jobId: string): string => `riskfleet:events:${jobId}`;
export const cancelKey = (jobId: string): string => `riskfleet:cancel:${jobId}`;

/** Where Celery keeps a result, and the channel on which it is announced. */
export const resultKey = (jobId: string): string => `celery-task-meta-${jobId}`;
