import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { RequestRefused, RiskFleet, type RiskFleetError } from "@riskfleet/client";
import { redisUrl, scenario } from "./fleet.js";

function tenant(): RiskFleet {
  const fleet = new RiskFleet(redisUrl, { tenant: `tenant-${randomUUID().slice(0, 8)}` });
  after(() => fleet.close());
  return fleet;
}

const nightly = {
  name: "nightly-ransomware",
  task: "prism.simulate_scenario",
  request: scenario,
  cron: "30 2 * * *",
  timeZone: "Europe/Berlin",
} as const;

test("a schedule is made, paused, resumed and removed", async () => {
  const { fleet } = tenant();
  const put = await (await fleet.putSchedule(nightly)).result();

  assert.deepEqual([put.enabled, put.missed, put.priority], [true, "runOnce", "normal"]);
  assert.equal(put.nextRuns.length, 3);
  for (const run of put.nextRuns) assert.match(run, /T0[01]:30:00Z$/);

  const { name } = nightly;
  const paused = await (await fleet.pauseSchedule({ name })).result();
  assert.deepEqual([paused.enabled, paused.nextRuns], [false, []]);
  assert.equal((await (await fleet.putSchedule(nightly)).result()).enabled, false);
  assert.equal((await (await fleet.resumeSchedule({ name })).result()).enabled, true);
  const shown = await (await fleet.showSchedule({ name })).result();
  assert.deepEqual(shown.request, scenario);
  assert.deepEqual(await (await fleet.removeSchedule({ name })).result(), { removed: true });
  assert.deepEqual(await (await fleet.listSchedules({})).result(), { schedules: [] });
});

test("what is put again as it stands is left as it is", async () => {
  const { fleet } = tenant();
  const first = await (await fleet.putSchedule(nightly)).result();
  const again = await (await fleet.putSchedule(nightly)).result();

  assert.deepEqual(again, first);
});

test("a tenant sees its own schedules only", async () => {
  const [ours, theirs] = [tenant(), tenant()];
  await (await ours.fleet.putSchedule(nightly)).result();

  assert.deepEqual(await (await theirs.fleet.listSchedules({})).result(), { schedules: [] });
  const removed = await (await theirs.fleet.removeSchedule({ name: nightly.name })).result();
  assert.deepEqual(removed, { removed: false });
  const { schedules } = await (await ours.fleet.listSchedules({})).result();
  assert.deepEqual(
    schedules.map(({ name }) => name),
    [nightly.name],
  );
});

test("what could never run is refused at the field where it is", async () => {
  const { fleet } = tenant();
  const refused = async (changes: object) => {
    const job = await fleet.putSchedule({ ...nightly, ...changes });
    const error = await job.result().then(
      () => assert.fail("the schedule was taken"),
      (error: RiskFleetError) => error,
    );
    assert(error instanceof RequestRefused);
    return error.fields.map(({ field }) => field);
  };

  assert.deepEqual(await refused({ timeZone: "Europe/Bonn" }), ["timeZone"]);
  assert.deepEqual(await refused({ everySeconds: 60 }), ["everySeconds"]);
  assert.deepEqual(await refused({ task: "fleet.put_schedule" }), ["task"]);
  assert.deepEqual(await refused({ request: { ...scenario, seed: -1 } }), ["request.seed"]);
});
