// Generated from clients/contract and queues/submit.lua by `npm run generate`.

import type { Job } from "../job.js";
import type { SubmitOptions } from "../options.js";
import type {
  EchoRequest,
  EchoResult,
  SimulateScenarioRequest,
  SimulateScenarioResult,
} from "./payloads.js";

/** What each task takes and gives. */
export interface TaskTypes {
  "fleet.echo": { request: EchoRequest; result: EchoResult };
  "prism.simulate_scenario": { request: SimulateScenarioRequest; result: SimulateScenarioResult };
}

/** The terms each task runs under. */
export const TASKS = {
  "fleet.echo": { queue: "cpu", schemaHash: "0942f4cbd90491c4", maxRequestBytes: 1048576 },
  "prism.simulate_scenario": {
    queue: "cpu",
    schemaHash: "db0214edee583521",
    maxRequestBytes: 1048576,
  },
} as const;

/** One method for each task, grouped by domain. */
export abstract class TaskMethods {
  abstract submit<Name extends keyof TaskTypes>(
    task: Name,
    request: TaskTypes[Name]["request"],
    options?: SubmitOptions,
  ): Promise<Job<TaskTypes[Name]["result"]>>;

  readonly fleet = {
    /** Sleep, compute, allocate or fail on request, then give the message back. */
    echo: (request: EchoRequest, options?: SubmitOptions) =>
      this.submit("fleet.echo", request, options),
  };

  readonly prism = {
    /** Simulate what a FAIR loss scenario may cost in a year. */
    simulateScenario: (request: SimulateScenarioRequest, options?: SubmitOptions) =>
      this.submit("prism.simulate_scenario", request, options),
  };
}
