import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * The tenant has as many jobs waiting as it may: submit again, with the same id, once some ran.
 *
 * Thrown on submission; nothing was sent. Not thrown for a job that was submitted before: that one
 * is the same job. Nor for a limit on how many run at once: those beyond it wait.
 */
export class QuotaExceeded extends RiskFleetError {
  override readonly name = "QuotaExceeded";
  readonly remedy = "wait";
  readonly code = "quota_exceeded";

  constructor(
    jobId: string,
    readonly tenant: string,
  ) {
    super(`tenant ${tenant} has as many jobs waiting as it may: submit again later`, jobId);
  }
}
