import { FleetFault } from "./errors/fleet-fault.js";
import { IdConflict } from "./errors/id-conflict.js";
import { JobCancelled } from "./errors/job-cancelled.js";
import { RequestRefused } from "./errors/request-refused.js";
import type { RiskFleetError } from "./errors/risk-fleet-error.js";
import { TryLater } from "./errors/try-later.js";
import type { JobError } from "./generated/wire.js";

/** What Celery keeps under a result's key. */
export type ResultMeta =
  | { status: "SUCCESS"; result: unknown }
  | { status: "FAILURE"; result: Failure }
  | { status: "PENDING" | "STARTED" | "RETRY"; result: unknown };

interface Failure {
  exc_type: string;
  exc_message: unknown[] | string;
}

/** A result that will not change any more. */
export type FinalMeta = Extract<ResultMeta, { status: "SUCCESS" | "FAILURE" }>;

/** Reads a result, or gives undefined if the job has not ended. */
export function readFinal(text: string | null): FinalMeta | undefined {
  if (text === null) return undefined;
  const meta = parsed(text);
  return meta.status === "SUCCESS" || meta.status === "FAILURE" ? meta : undefined;
}

/** Gives the value of a successful job. Throws the error of another. */
export function valueOf(meta: FinalMeta, jobId: string): unknown {
  if (meta.status === "SUCCESS") return meta.result;
  throw errorOf(meta.result, jobId);
}

/** Whoever else writes to this Redis must not be able to end this process. */
function parsed(text: string): ResultMeta {
  try {
    return JSON.parse(text) as ResultMeta;
  } catch {
    const result = { exc_type: "UnreadableResult", exc_message: text.slice(0, 200) };
    return { status: "FAILURE", result };
  }
}

function errorOf(failure: Failure, jobId: string): RiskFleetError {
  const [detail] = failure.exc_message;
  const error = isJobError(detail) ? detail : ofCelery(failure);
  if (error.code === "cancelled") return new JobCancelled(error.message, jobId);
  if (error.code === "id_conflict") return new IdConflict(jobId);
  if (error.remedy === "change_request") return new RequestRefused(error, jobId);
  if (error.remedy === "wait") return new TryLater(error, jobId);
  return new FleetFault(error, jobId);
}

function isJobError(detail: unknown): detail is JobError {
  return typeof detail === "object" && detail !== null && "code" in detail && "remedy" in detail;
}

/** Celery itself fails a job without asking the fleet, for instance when its pool breaks. */
function ofCelery({ exc_type, exc_message }: Failure): JobError {
  const message = `${exc_type}: ${String(exc_message)}`;
  return { code: "internal", remedy: "call_us", message, fields: [] };
}
