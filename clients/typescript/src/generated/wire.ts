// Generated from clients/contract and queues/submit.lua by `npm run generate`.

/** Why a job did not succeed. Codes are for ever: programs compare them. */
export type Code =
  | "invalid_request"
  | "unknown_task"
  | "outdated_client"
  | "too_large"
  | "wrong_queue"
  | "id_conflict"
  | "deadline_exceeded"
  | "cancelled"
  | "unavailable"
  | "quota_exceeded"
  | "time_limit"
  | "out_of_memory"
  | "poison"
  | "invalid_result"
  | "internal";

/** One field of a request that cannot be used. */
export interface FieldProblem {
  field: string;
  expected: string;
  received: string;
}

/** The error of a job, as it crosses the wire and stands in the ledger. */
export interface JobError {
  code: Code;
  remedy: Remedy;
  message: string;
  fields: readonly FieldProblem[];
}

/** What happened. The last three end the story. */
export type Kind =
  "accepted" | "running" | "progress" | "retrying" | "succeeded" | "failed" | "cancelled";

/** What the reader of an error can do. */
export type Remedy = "change_request" | "wait" | "call_us";

/** One thing that happened to a job. */
export interface JobEvent {
  kind: Kind;
  jobId: string;
  at: string;
  attempt: number;
  fraction: number | null;
  message: string;
  error: JobError | null;
}

/** The kinds of event after which no other follows. */
export const LAST_KINDS = ["succeeded", "failed", "cancelled"] as const;

/** The codes of errors, by what their reader can do. */
export const CODES = {
  change_request: [
    "invalid_request",
    "unknown_task",
    "outdated_client",
    "too_large",
    "wrong_queue",
    "id_conflict",
    "deadline_exceeded",
    "cancelled",
  ],
  wait: ["unavailable", "quota_exceeded"],
  call_us: ["time_limit", "out_of_memory", "poison", "invalid_result", "internal"],
} as const;

/** The number that stands for each priority in a message. */
export const PRIORITY_STEPS = { high: 3, normal: 0, low: 6 } as const;

/** How deep a request may nest. */
export const MAX_REQUEST_DEPTH = 62;
