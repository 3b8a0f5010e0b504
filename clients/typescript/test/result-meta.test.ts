import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FleetFault,
  IdConflict,
  JobCancelled,
  RequestRefused,
  RiskFleetError,
  TryLater,
} from "@riskfleet/client";
import { CODES, type Remedy } from "../src/generated/wire.js";
import { type ResultMeta, readFinal, valueOf } from "../src/result-meta.js";
import { golden } from "./golden.js";

const JOB_ID = "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10";
const cases = new Map(
  golden<{ name: string; meta: ResultMeta }>("results").map(({ name, meta }) => [name, meta]),
);

function errorOf(meta: unknown): RiskFleetError {
  return errorOfText(JSON.stringify(meta));
}

function errorOfText(text: string): RiskFleetError {
  try {
    valueOf(readFinal(text)!, JOB_ID);
  } catch (error) {
    assert(error instanceof RiskFleetError);
    return error;
  }
  throw new assert.AssertionError({ message: "the job succeeded" });
}

test("a job that runs, or runs again, has no result yet", () => {
  assert.equal(readFinal(null), undefined);
  assert.equal(readFinal(JSON.stringify(cases.get("started"))), undefined);
  assert.equal(readFinal(JSON.stringify(cases.get("retrying"))), undefined);
});

test("a job that succeeded gives its result", () => {
  const final = readFinal(JSON.stringify(cases.get("succeeded")));

  assert.deepEqual(valueOf(final!, JOB_ID), { message: "Größe", allocatedBytes: 0 });
});

const classes: Record<Remedy, new (...args: never[]) => RiskFleetError> = {
  change_request: RequestRefused,
  wait: TryLater,
  call_us: FleetFault,
};
const exceptions: Record<string, new (...args: never[]) => RiskFleetError> = {
  cancelled: JobCancelled,
  id_conflict: IdConflict,
};

for (const remedy of Object.keys(CODES) as Remedy[]) {
  for (const code of CODES[remedy]) {
    test(`a job that failed with ${code} throws what its reader can act on`, () => {
      const error = errorOf(cases.get(code));

      assert(error instanceof (exceptions[code] ?? classes[remedy]));
      assert.deepEqual([error.code, error.remedy, error.jobId], [code, remedy, JOB_ID]);
      assert.equal(error.name, error.constructor.name);
    });
  }
}

test("a refused request names its fields", () => {
  const error = errorOf(cases.get("invalid_request"));

  assert(error instanceof RequestRefused);
  assert.deepEqual(
    error.fields.map(({ field }) => field),
    ["scenario.frequency.low", "trials"],
  );
});

test("a failure of Celery's own is a fault of the fleet", () => {
  const error = errorOf({
    status: "FAILURE",
    result: { exc_type: "WorkerLostError", exc_message: ["exit code 9"], exc_module: "billiard" },
  });

  assert(error instanceof FleetFault);
  assert.equal(error.message, `WorkerLostError: exit code 9 (job ${JOB_ID})`);
});

test("a result that is no JSON is a fault of the fleet", () => {
  const error = errorOfText("<html>");

  assert(error instanceof FleetFault);
  assert.equal(error.message, `UnreadableResult: <html> (job ${JOB_ID})`);
});
