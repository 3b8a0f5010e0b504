import type { Code, FieldProblem, JobError } from "../generated/wire.js";
import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * The request cannot be worked on as it is: change it, or this program, and submit again.
 *
 * Thrown before anything is sent for values JSON cannot carry and for options that make no sense,
 * and by `result()` when the fleet refused the request (an invalid field, an outdated client, a
 * passed deadline: see `code`). `fields` names every field that was found wrong.
 *
 * Not thrown when the request was good and its run failed (`FleetFault`), nor for a size or an id
 * that this client can judge for itself (`PayloadTooLarge`, `IdConflict`).
 */
export class RequestRefused extends RiskFleetError {
  override readonly name = "RequestRefused";
  readonly remedy = "change_request";
  readonly code: Code;
  readonly fields: readonly FieldProblem[];

  constructor(error: JobError, jobId?: string) {
    super(error.message, jobId);
    this.code = error.code;
    this.fields = error.fields;
  }

  /** The refusal of a request that was not sent. */
  static ofFields(fields: readonly FieldProblem[]): RequestRefused {
    const sentences = fields.map(
      ({ field, expected, received }) => `${field}: expected ${expected}, received ${received}`,
    );
    return new RequestRefused({
      code: "invalid_request",
      remedy: "change_request",
      message: sentences.join("; "),
      fields: [...fields],
    });
  }
}
