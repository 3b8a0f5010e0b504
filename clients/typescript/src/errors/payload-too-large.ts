import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * The request is larger than its task accepts: send less, or a reference to an artifact.
 *
 * Thrown before anything is sent. Not thrown by `result()`: a limit that was lowered after this
 * client was generated shows as `RequestRefused` with the code `too_large`.
 */
export class PayloadTooLarge extends RiskFleetError {
  override readonly name = "PayloadTooLarge";
  readonly remedy = "change_request";
  readonly code = "too_large";

  constructor(
    task: string,
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(`${task} takes requests of at most ${maxBytes} bytes, and this one has ${bytes}`);
  }
}
