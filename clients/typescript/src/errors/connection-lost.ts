import { RiskFleetError } from "./risk-fleet-error.js";

/**
 * Redis did not answer, did not let this client in (see the message), or this client was closed.
 *
 * Thrown by a submission whose fate is then unknown: submit again with the same id (`jobId`) or
 * idempotency key, and it is one job in either case. Also thrown by what was waiting when the
 * client was closed.
 *
 * Not thrown by `result()` and `progress()` while Redis is away: they go on when it is back.
 */
export class ConnectionLost extends RiskFleetError {
  override readonly name = "ConnectionLost";
  readonly remedy = "wait";
  readonly code = "connection_lost";
}
