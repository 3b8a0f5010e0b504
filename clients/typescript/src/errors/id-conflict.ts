import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * The id, or the idempotency key, belongs to a job with another request: choose another one.
 *
 * Thrown on submission, when a job of this id was sent before with a different request or tenant.
 * Not thrown when the requests are the same: then both submissions are one job.
 */
export class IdConflict extends RiskFleetError {
  override readonly name = "IdConflict";
  readonly remedy = "change_request";
  readonly code = "id_conflict";

  constructor(jobId: string) {
    super(`job ${jobId} was submitted before, with another request`, jobId);
  }
}
