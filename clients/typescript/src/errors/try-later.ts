import type { Code, JobError } from "../generated/wire.js";
import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * Something the job needs was away: submit the same request later, under a new id.
 *
 * Thrown by `result()` after the fleet's own attempts were used up, and by any method while Redis
 * answers that it is full, loading or read-only.
 *
 * Not thrown when Redis does not answer at all (`ConnectionLost`), nor when this process stopped
 * waiting before the job ended (`ResultTimeout`).
 */
export class TryLater extends RiskFleetError {
  override readonly name = "TryLater";
  readonly remedy = "wait";
  readonly code: Code;

  constructor(error: JobError, jobId?: string, options?: ErrorOptions) {
    super(error.message, jobId, options);
    this.code = error.code;
  }
}
