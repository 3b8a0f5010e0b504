import { FleetFault } from "./errors/fleet-fault.js";
import { IdConflict } from "./errors/id-conflict.js";
import { JobCancelled } from "./errors/job-cancelled.js";
import { RequestRefused } from "./errors/request-refused.js";
import type { RiskFleetError } from "./errors/risk-fleet-error.js";
import { TryLater } from "./errors/try-later.js";
import type { JobError } from "./generated/wire.js";

/** What Celery keeps under a result's key. */
export type ResultMeta = { task_id: string } & (
  | { status: "SUCCESS"; result: unknown }
  | { status: "FAILURE"; result: { exc_type: string; exc_message: unknown[] | string } }
  | { status: "PENDING" | "STARTED" | "RETRY"; result: unknown }
);

/** A result that will not change any more. */
export type FinalMeta = Extract<ResultMeta, { status: "SUCCESS" | "FAILURE" }>;

/** Reads a result, or gives undefined if the job has not ended. */
export function readFinal(text: string | null): FinalMeta | undefined {
  if (text === null) return undefined;
  const meta = JSON.parse(text) as ResultMeta;
  return meta.status === "SUCCESS" || meta.status === "FAILURE" ? meta : undefined;
}

/** Gives the value of a successful job. Throws the error of another. */
export function valueOf(meta: FinalMeta): unknown {
  if (meta.status === "SUCCESS") return meta.result;
  throw errorOf(meta);
}

function errorOf({ result, task_id: jobId }: FinalMeta & { status: "FAILURE" }): RiskFleetError {
  const [detail] = result.exc_message;
  const error = isJobError(detail) ? detail : ofCelery(result);
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
function ofCelery({ exc_type, exc_message }: { exc_type: string; exc_message: unknown }): JobError {
  const message = `${exc_type}: ${String(exc_message)}`;
  return { code: "internal", remedy: "call_us", message, fields: [] };
}
