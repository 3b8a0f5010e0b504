import type { Code, JobError } from "../generated/wire.js";
import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * The fleet failed at a request that it accepted: tell its operators, with `jobId` and `code`.
 *
 * Thrown by `result()` for a defect, a time limit, memory that ran out, or a job that killed its
 * process again and again. Submitting the same request again would fail in the same way.
 *
 * Not thrown for what the caller can mend (`RequestRefused`) or outwait (`TryLater`).
 */
export class FleetFault extends RiskFleetError {
  override readonly name = "FleetFault";
  readonly remedy = "call_us";
  readonly code: Code;

  constructor(error: JobError, jobId?: string) {
    super(jobId === undefined ? error.message : `${error.message} (job ${jobId})`, jobId);
    this.code = error.code;
  }
}
