import { PRIORITY_STEPS } from "./generated/wire.js";
import type { Priority } from "./options.js";

/** Sorted set of the jobs that were sent and that the ledger does not have yet. */
export const SUBMITTED_KEY = "riskfleet:submitted";

/** The list that holds a queue's messages of one priority. */
export function listKey(queue: string, priority: Priority): string {
  const step = PRIORITY_STEPS[priority];
  return step === 0 ? queue : `${queue}\x06\x16${step}`;
}

/** The messages of one tenant that wait for their turn on a list. */
export const laneKey = (list: string, tenant: string): string => `riskfleet:lane:${list}:${tenant}`;
/** The tenants that take turns on a list. */
export const ringKey = (list: string): string => `riskfleet:ring:${list}`;

export const submissionKey = (jobId: string): string => `riskfleet:submission:${jobId}`;
export const eventsKey = (jobId: string): string => `riskfleet:events:${jobId}`;
export const cancelKey = (jobId: string): string => `riskfleet:cancel:${jobId}`;

/** Where Celery keeps a result, and the channel on which it is announced. */
export const resultKey = (jobId: string): string => `celery-task-meta-${jobId}`;
