// Checked by tsc alone: what must not compile is marked, and unmarked mistakes fail the build.
import type {
  AnnualLossResult,
  EchoResult,
  Job,
  RiskFleet,
  SimulateScenarioRequest,
} from "@riskfleet/client";
import type { ClientBase } from "pg";

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Fact extends true>(): void => undefined;

export async function types(fleet: RiskFleet, scenario: SimulateScenarioRequest): Promise<void> {
  const echo = await fleet.fleet.echo({ message: "hello" });
  const simulation = await fleet.prism.simulateScenario(scenario, { priority: "high" });
  holds<Equal<typeof echo, Job<EchoResult>>>();
  holds<Equal<Awaited<ReturnType<typeof simulation.result>>, AnnualLossResult>>();

  // @ts-expect-error: a field the task does not have
  await fleet.fleet.echo({ mesage: "hello" });
  // @ts-expect-error: a value of another type
  await fleet.fleet.echo({ sleepSeconds: "1" });
  // @ts-expect-error: a value outside an enumeration
  await fleet.fleet.echo({ fail: "loudly" });
  // @ts-expect-error: required fields are missing
  await fleet.prism.simulateScenario({ name: "no scenario" });
  // @ts-expect-error: a distribution without its parameters
  scenario.scenario.primaryLoss = { distribution: "pert", low: 1 };
  // @ts-expect-error: a task that does not exist
  await fleet.prism.simulateScenarios(scenario);
  // @ts-expect-error: a domain that does not exist
  await fleet.prisms.simulateScenario(scenario);
  // @ts-expect-error: a priority that does not exist
  await fleet.fleet.echo({}, { priority: "urgent" });
  await fleet.submit("prism.simulate_scenario", scenario, {
    shadow: { gross: { mean: { value: 1 }, percentiles: [{ value: 2 }] } },
  });
  // @ts-expect-error: an answer that is no part of the result
  await fleet.submit("fleet.echo", {}, { shadow: { mesage: "hello" } });
  // @ts-expect-error: a deadline is a Date
  await fleet.fleet.echo({}, { deadline: "tomorrow" });

  // @ts-expect-error: a field the result does not have
  void (await echo.result()).mesage;
  // @ts-expect-error: a limit of an interval may be null
  void ((await simulation.result()).gross.mean.lower + 1);
  // @ts-expect-error: the job of another task
  const wrong: Job<AnnualLossResult> = echo;
  void wrong;

  holds<Equal<ReturnType<typeof fleet.job<"fleet.echo">>, Job<EchoResult>>>();
  // @ts-expect-error: a task that does not exist
  fleet.job("fleet.eco", "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10");
  // @ts-expect-error: the request of another task
  await fleet.submit("fleet.echo", scenario);

  const [first, second] = await fleet.submitMany([
    { task: "fleet.echo", request: {} },
    { task: "prism.simulate_scenario", request: scenario },
  ]);
  holds<Equal<typeof first, Job<EchoResult>>>();
  holds<Equal<typeof second, Job<AnnualLossResult>>>();
  // @ts-expect-error: the request of another task
  await fleet.submitMany([{ task: "fleet.echo", request: scenario }]);
}

export async function outboxTypes(
  fleet: RiskFleet,
  tx: ClientBase,
  scenario: SimulateScenarioRequest,
): Promise<void> {
  const job = await fleet.enqueueIn(tx, "prism.simulate_scenario", scenario);
  holds<Equal<typeof job, Job<AnnualLossResult>>>();
  // @ts-expect-error: the request of another task
  await fleet.enqueueIn(tx, "fleet.echo", scenario);
  // @ts-expect-error: a task that does not exist
  await fleet.enqueueIn(tx, "fleet.eco", {});
  // @ts-expect-error: what is enqueued cannot be aborted
  await fleet.enqueueIn(tx, "fleet.echo", {}, { signal: AbortSignal.timeout(1) });
  // @ts-expect-error: no transaction
  await fleet.enqueueIn({}, "fleet.echo", {});
}
