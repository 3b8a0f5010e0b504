import { after } from "node:test";
import { type JobEvent, RiskFleet, type SimulateScenarioRequest } from "@riskfleet/client";

/** The Redis of a running fleet, whose CPU pool these tests may use. */
export const redisUrl = process.env["RISKFLEET_TEST_REDIS_URL"] ?? "";
if (redisUrl === "") throw new Error("RISKFLEET_TEST_REDIS_URL names no running fleet");

/** A client for the tests of one file. */
export function connect(): RiskFleet {
  const fleet = new RiskFleet(redisUrl);
  after(() => fleet.close());
  return fleet;
}

/** A small scenario whose mean annual loss is 1,000,000. */
export const scenario: SimulateScenarioRequest = {
  name: "Ten losses of a hundred thousand",
  currency: "EUR",
  scenario: {
    lossEventFrequencyPerYear: { distribution: "constant", value: 10 },
    primaryLoss: { distribution: "constant", value: 100_000 },
  },
  appetite: { annualLoss: 1_500_000 },
  seed: Number.MAX_SAFE_INTEGER,
};

export async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const collected: JobEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

/** Waits for the first event of a kind. */
export async function first(events: AsyncIterable<JobEvent>, kind: string): Promise<JobEvent> {
  for await (const event of events) if (event.kind === kind) return event;
  throw new Error(`the job ended without being ${kind}`);
}
