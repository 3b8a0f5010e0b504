import type { Code, Remedy } from "../generated/wire.js";

/** What every error of this client is. Its class, and `remedy`, say what the caller can do. */
export abstract class RiskFleetError extends Error {
  abstract readonly remedy: Remedy;
  /** Why, for programs: codes never change. */
  abstract readonly code: Code | "connection_lost" | "result_timeout";
  /** The job this is about; undefined if there is none yet. */
  readonly jobId: string | undefined;

  constructor(message: string, jobId?: string, options?: ErrorOptions) {
    super(message, options);
    this.jobId = jobId;
  }
}
