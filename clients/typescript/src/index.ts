export {
  type BatchEntry,
  type RequestOf,
  type ResultOf,
  RiskFleet,
  type TaskName,
} from "./fleet.js";
export type { Job } from "./job.js";
export type { JobEvent } from "./job-event.js";
export { jobIdFor } from "./identity.js";
export type { Transaction } from "./outbox.js";
export type {
  DeepPartial,
  EnqueueOptions,
  FleetOptions,
  Priority,
  ProgressOptions,
  ResultOptions,
  SubmitOptions,
} from "./options.js";

export { ConnectionLost } from "./errors/connection-lost.js";
export { FleetFault } from "./errors/fleet-fault.js";
export { IdConflict } from "./errors/id-conflict.js";
export { JobCancelled } from "./errors/job-cancelled.js";
export { PayloadTooLarge } from "./errors/payload-too-large.js";
export { QuotaExceeded } from "./errors/quota-exceeded.js";
export { RequestRefused } from "./errors/request-refused.js";
export { ResultTimeout } from "./errors/result-timeout.js";
export { RiskFleetError } from "./errors/risk-fleet-error.js";
export { TryLater } from "./errors/try-later.js";

export type * from "./generated/payloads.js";
export type { Code, FieldProblem, JobError, Kind, Remedy } from "./generated/wire.js";
