import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * No result came within `timeoutMs`. Waiting ended, not the job: wait again, or cancel it.
 *
 * Thrown by `result({ timeoutMs })` only. Not thrown when the job met a limit of its own, which is
 * a `FleetFault` (time limit) or a `RequestRefused` (deadline).
 */
export class ResultTimeout extends RiskFleetError {
  override readonly name = "ResultTimeout";
  readonly remedy = "wait";
  readonly code = "result_timeout";

  constructor(
    jobId: string,
    readonly timeoutMs: number,
  ) {
    super(`job ${jobId}: no result within ${timeoutMs} ms`, jobId);
  }
}
