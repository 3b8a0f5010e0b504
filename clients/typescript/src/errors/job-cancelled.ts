import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * Somebody cancelled the job: through `job.cancel()`, its `AbortSignal`, or the fleet's operators.
 *
 * Thrown by `result()`, with the reason as its message. Not thrown by `cancel()` itself, nor for a
 * job that had ended before the wish reached it: that one keeps its result.
 */
export class JobCancelled extends RiskFleetError {
  override readonly name = "JobCancelled";
  readonly remedy = "change_request";
  readonly code = "cancelled";
}
